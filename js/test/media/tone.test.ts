// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { toneStream } from "../../src/media/tone";

/** What is scheduled of an oscillator, in the context's time. */
class FakeOscillator {
  readonly frequency = { value: 0 };
  started = Number.NaN;
  stopped = Number.NaN;
  connect(): void {}
  start(when = 0): void {
    this.started = when;
  }
  stop(when: number): void {
    this.stopped = when;
  }
}

/** A context whose time is the page's, less what it has lost. */
class FakeContext {
  static lost = 0;
  static oscillators: FakeOscillator[] = [];
  state = "running";
  get currentTime(): number {
    return performance.now() / 1000 - FakeContext.lost;
  }
  getOutputTimestamp() {
    return { contextTime: this.currentTime, performanceTime: performance.now() };
  }
  createMediaStreamDestination() {
    return { stream: { getTracks: () => [] } };
  }
  createGain() {
    return { gain: { value: 0 }, connect() {} };
  }
  createOscillator(): FakeOscillator {
    const made = new FakeOscillator();
    FakeContext.oscillators.push(made);
    return made;
  }
  async resume(): Promise<void> {}
  async close(): Promise<void> {
    this.state = "closed";
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("AudioContext", FakeContext);
  FakeContext.lost = 0;
  FakeContext.oscillators = [];
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const pulses = () => FakeContext.oscillators.slice(1);

/** The clock's time, modulo two seconds, at a time of the context. */
function clockAt(contextTime: number): number {
  const seconds = (performance.timeOrigin / 1000 + contextTime + FakeContext.lost) % 2;
  return seconds > 1 ? seconds - 2 : seconds;
}

it("swells from an even second of the clock on", async () => {
  const tone = toneStream();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(pulses()).toHaveLength(1);
  expect(clockAt(pulses()[0]!.started)).toBeCloseTo(0, 6);
  tone.stop();
});

it("comes back to the clock when the context has lost time", async () => {
  const tone = toneStream();
  await vi.advanceTimersByTimeAsync(10_000);
  FakeContext.lost = 0.158;
  await vi.advanceTimersByTimeAsync(10_000);
  const [first, second] = pulses();
  expect(pulses()).toHaveLength(2);
  expect(clockAt(second!.started)).toBeCloseTo(0, 6);
  // Without a click: the first ends where it is 0, before the second begins.
  expect(((first!.stopped - first!.started) / 2) % 1).toBeCloseTo(0, 6);
  expect(first!.stopped).toBeLessThanOrEqual(second!.started);
  tone.stop();
  expect(vi.getTimerCount()).toBe(0);
});
