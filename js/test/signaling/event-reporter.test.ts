import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../src/protocol/limits";
import type { ReportEntry } from "../../src/protocol/signaling";
import { EventReporter } from "../../src/signaling/event-reporter";
import type { ReconnectingConnection } from "../../src/signaling/reconnecting-connection";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("an event reporter", () => {
  let sent: ReportEntry[][];
  let open: boolean;
  const make = () => {
    const connection: Pick<ReconnectingConnection, "post"> = {
      post: (event, payload) => {
        expect(event).toBe("report");
        const { roomId, entries } = payload as { roomId: string; entries: ReportEntry[] };
        expect(roomId).toBe("demo");
        if (open) sent.push(entries);
        return open;
      },
    };
    return new EventReporter("demo", connection);
  };
  beforeEach(() => {
    sent = [];
    open = true;
  });

  it("makes one message of a burst, with the time of each", async () => {
    const reporter = make();
    reporter.add({ type: "step" });
    await vi.advanceTimersByTimeAsync(20);
    reporter.add({ type: "state" });
    reporter.add({ type: "track", at: 5 });
    await vi.advanceTimersByTimeAsync(30);
    expect(sent.map((entries) => entries.map(({ type }) => type))).toEqual([["step", "state", "track"]]);
    const [one, two, before] = sent[0]!;
    expect(two!.at - one!.at).toBeCloseTo(20, 1);
    expect(before!.at).toBe(5);
  });

  it("makes several messages of more than fits into one, and loses nothing", () => {
    const reporter = make();
    for (let count = 0; count < 450; count += 1) reporter.add({ type: "step", at: count });
    reporter.flush();
    expect(sent.map(({ length }) => length)).toEqual([LIMITS.report_entries, LIMITS.report_entries, 50]);
    expect(sent.flat().map(({ at }) => at)).toEqual(Array.from({ length: 450 }, (_, count) => count));
  });

  it("keeps the newest while there is no path", () => {
    open = false;
    const reporter = make();
    for (let count = 0; count < 1_500; count += 1) reporter.add({ type: "step", at: count });
    reporter.flush();
    open = true;
    reporter.flush();
    expect(sent.flat()).toHaveLength(1_000);
    expect(sent.at(-1)?.at(-1)?.at).toBe(1499);
  });
});
