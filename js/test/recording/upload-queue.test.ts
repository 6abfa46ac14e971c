import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../src/protocol/limits";
import { type SegmentChunk, type SegmentHead, UploadQueue } from "../../src/recording/upload-queue";

const HEAD: SegmentHead = { at: 1, mime: "video/webm", video: true, audio: true };
const MIB = 1024 * 1024;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("what waits to be received", () => {
  function queue() {
    const sent: SegmentChunk[] = [];
    const emptied = vi.fn();
    return { sent, emptied, box: new UploadQueue((chunk) => sent.push(chunk), emptied) };
  }

  const bytes = (length: number) => new Uint8Array(length);

  it("waits until somebody takes it, and then goes in order, a window at a time", () => {
    const { sent, box } = queue();
    box.add("camera", 1, 0, bytes(3 * LIMITS.piece_bytes), HEAD, false);
    expect(sent).toEqual([]);

    box.begin(2);

    expect(sent.map(({ offset }) => offset)).toEqual([0, LIMITS.piece_bytes]);
    box.acknowledge({ track: "camera", number: 1, offset: LIMITS.piece_bytes });
    expect(sent.map(({ offset }) => offset)).toEqual([0, LIMITS.piece_bytes, 2 * LIMITS.piece_bytes]);
  });

  it("says what a segment is with its first piece only, and marks its last", () => {
    const { sent, box } = queue();
    box.begin(4);
    box.add("camera", 1, 0, bytes(10), HEAD, false);
    box.add("camera", 1, 10, bytes(0), HEAD, true);

    expect(sent[0]).toMatchObject({ ...HEAD, offset: 0, last: false });
    expect(sent[1]).toEqual({ track: "camera", number: 1, offset: 10, data: "", last: true });
  });

  it("keeps the end of a segment until that has been received, which counts as a byte", () => {
    const { box } = queue();
    box.begin(4);
    box.add("camera", 1, 0, bytes(10), HEAD, true);

    box.acknowledge({ track: "camera", number: 1, offset: 10 });
    expect(box.empty).toBe(false);
    box.acknowledge({ track: "camera", number: 1, offset: 11 });
    expect(box.empty).toBe(true);
  });

  it("is sent again from the first piece on, when a path is back or nobody answers", () => {
    const { sent, box } = queue();
    box.begin(1);
    box.add("camera", 1, 0, bytes(10), HEAD, false);
    box.pause();
    vi.advanceTimersByTime(60_000);
    expect(sent).toHaveLength(1);

    box.begin();
    expect(sent).toHaveLength(2);
    vi.advanceTimersByTime(5_000);
    expect(sent).toHaveLength(3);
  });

  it("is sent again also while more is added, when nobody answers", () => {
    const { sent, box } = queue();
    box.begin(1);
    for (let second = 0; second < 6; second += 1) {
      box.add("camera", 1, second * 10, bytes(10), HEAD, false);
      vi.advanceTimersByTime(1_000);
    }
    expect(sent.map(({ offset }) => offset)).toEqual([0, 0]);
  });

  it("is bounded, and says when there is room again", () => {
    const { box, emptied } = queue();
    box.begin(1);
    box.add("camera", 1, 0, bytes(16 * MIB), HEAD, false);
    expect(box.full).toBe(true);

    box.acknowledge({ track: "camera", number: 1, offset: 16 * MIB });

    expect(box.full).toBe(false);
    expect(emptied).toHaveBeenCalledOnce();
  });

  it("tells when all of it has arrived, or is dropped", async () => {
    const { box } = queue();
    const drained = vi.fn();
    box.begin(4);
    await box.drained();
    box.add("camera", 1, 0, bytes(10), HEAD, true);
    void box.drained().then(drained);
    await vi.advanceTimersByTimeAsync(0);
    expect(drained).not.toHaveBeenCalled();

    box.acknowledge({ track: "camera", number: 1, offset: 11 });
    await vi.advanceTimersByTimeAsync(0);
    expect(drained).toHaveBeenCalledOnce();

    box.add("camera", 2, 0, bytes(10), HEAD, true);
    void box.drained().then(drained);
    box.close();
    await vi.advanceTimersByTimeAsync(0);
    expect(drained).toHaveBeenCalledTimes(2);
  });
});
