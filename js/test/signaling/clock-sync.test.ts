import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RtcError } from "../../src/protocol/errors";
import { keepTime, measureOffset, now } from "../../src/signaling/clock-sync";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the relay's clock", () => {
  /** Answers 1000 ms ahead of ours; each takes so long to come and to go. */
  const relay = (...ways: [to: number, from: number][]) => {
    let asked = 0;
    return async () => {
      const [to, from] = ways[asked % ways.length]!;
      asked += 1;
      await vi.advanceTimersByTimeAsync(to);
      const time = now() + 1_000;
      await vi.advanceTimersByTimeAsync(from);
      return time;
    };
  };

  it("is off by no more than half of the quickest answer's time", async () => {
    const { offset, error } = await measureOffset(relay([40, 2], [5, 5], [3, 1], [80, 80], [9, 9]));
    expect(error).toBeCloseTo(2, 1);
    expect(Math.abs(offset - 1_000)).toBeLessThanOrEqual(error + 0.1);
  });

  it("is asked for soon, and again for as long as it is wanted", async () => {
    const told: number[] = [];
    const ask = vi.fn(async () => now() + 7);
    const stop = keepTime(ask, ({ offset }) => told.push(offset));
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(1_000);
    expect(told).toHaveLength(1);
    expect(told[0]).toBeCloseTo(7, 1);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(told).toHaveLength(2);
    stop();
    ask.mockClear();
    await vi.advanceTimersByTimeAsync(90_000);
    expect(told).toHaveLength(2);
    expect(ask).not.toHaveBeenCalled();
  });

  it.each([
    ["is not asked for again of a relay that has none", "unknown_event", 1],
    ["is asked for again when there was no answer", "timeout", 3],
  ])("%s", async (_what, code, times) => {
    const ask = vi.fn(() => Promise.reject(new RtcError(code, "")));
    const stop = keepTime(ask, () => undefined);
    await vi.advanceTimersByTimeAsync(61_000);
    expect(ask).toHaveBeenCalledTimes(times);
    stop();
  });
});
