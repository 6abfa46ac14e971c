import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RtcError } from "../../src/protocol/errors";
import { LIMITS } from "../../src/protocol/limits";
import type { ReportEntry } from "../../src/protocol/signaling";
import { Reporter } from "../../src/room/reporter";
import { Voice } from "../../src/room/voice";
import { keepTime, measureOffset, now } from "../../src/signaling/clock-sync";
import type { SignalingTransport } from "../../src/signaling/transport";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("a reporter", () => {
  let sent: ReportEntry[][];
  let open: boolean;
  const make = () =>
    new Reporter((entries) => {
      if (open) sent.push(entries);
      return open;
    });
  beforeEach(() => {
    sent = [];
    open = true;
  });

  it("makes one message of a burst, with the time of each", async () => {
    const reporter = make();
    reporter.add({ type: "one" });
    await vi.advanceTimersByTimeAsync(20);
    reporter.add({ type: "two" });
    reporter.add({ type: "before", at: 5 });
    await vi.advanceTimersByTimeAsync(30);
    expect(sent.map((entries) => entries.map(({ type }) => type))).toEqual([["one", "two", "before"]]);
    const [one, two, before] = sent[0]!;
    expect(two!.at - one!.at).toBeCloseTo(20, 1);
    expect(before!.at).toBe(5);
  });

  it("makes several messages of more than fits into one, and loses nothing", () => {
    const reporter = make();
    for (let count = 0; count < 450; count += 1) reporter.add({ type: String(count) });
    reporter.flush();
    expect(sent.map(({ length }) => length)).toEqual([LIMITS.report_entries, LIMITS.report_entries, 50]);
    expect(sent.flat().map(({ type }) => type)).toEqual(
      Array.from({ length: 450 }, (_, count) => String(count)),
    );
  });

  it("keeps the newest while there is no path", () => {
    open = false;
    const reporter = make();
    for (let count = 0; count < 1_500; count += 1) reporter.add({ type: String(count) });
    reporter.flush();
    open = true;
    reporter.flush();
    expect(sent.flat()).toHaveLength(1_000);
    expect(sent.at(-1)?.at(-1)?.type).toBe("1499");
  });
});

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

describe("a voice", () => {
  const reports: ReportEntry[] = [];
  const answers: Record<string, () => Promise<object>> = {
    clock: async () => ({ time: now() }),
    offer: async () => ({ id: "m1" }),
    answer: () => Promise.reject(new RtcError("unknown_participant", "")),
    ice_candidate: async () => ({}),
  };
  const transport: SignalingTransport = {
    path: "direct",
    request: <T>(event: string) => answers[event]!() as Promise<T>,
    post: (_event, payload) => void reports.push(...(payload as { entries: ReportEntry[] }).entries),
    close: () => undefined,
  };
  const steps = () => reports.filter(({ type }) => type === "step");
  let voice: Voice;
  beforeEach(() => {
    reports.length = 0;
    voice = new Voice("demo");
    voice.use(transport);
  });
  afterEach(() => voice.close());

  it("tells which message the relay made of what it said, and when that was", async () => {
    const before = now();
    answers.offer = () => new Promise((done) => setTimeout(done, 500, { id: "m1" }));
    voice.say("offer", "bob", { offer: {} });
    await vi.advanceTimersByTimeAsync(600);
    expect(steps()).toMatchObject([{ step: "sent", peer: "bob", event: "offer", message: "m1" }]);
    expect(steps()[0]!.at).toBeCloseTo(before, 1);
  });

  it("tells of no message that the relay refused, and of one without an id by an older relay", async () => {
    voice.say("answer", "gone");
    voice.say("ice_candidate", "bob");
    await vi.advanceTimersByTimeAsync(100);
    expect(steps()).toMatchObject([{ step: "sent", event: "ice_candidate" }]);
  });

  it("tells of signals that it heard, and of nothing else", async () => {
    voice.heard("offer", "bob", "m7", 12);
    voice.heard("user_joined", "", undefined, 13);
    await vi.advanceTimersByTimeAsync(100);
    expect(steps()).toEqual([
      { type: "step", step: "received", peer: "bob", event: "offer", message: "m7", at: 12 },
    ]);
  });

  it("compares clocks on every path", async () => {
    await vi.advanceTimersByTimeAsync(400);
    voice.use(null);
    await vi.advanceTimersByTimeAsync(40_000);
    expect(reports.filter(({ type }) => type === "clock")).toHaveLength(1);
    voice.use(transport);
    await vi.advanceTimersByTimeAsync(400);
    expect(reports.filter(({ type }) => type === "clock")).toHaveLength(2);
    expect(reports[0]).toMatchObject({ offset: expect.any(Number), error: expect.any(Number) });
  });
});
