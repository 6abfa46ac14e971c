import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CommLine } from "../../src/media-channel/channel-transport";
import { pack } from "../../src/protocol/channel-messages";
import type { MediaFromPage } from "../../src/protocol/comm";

/** A line on which nothing has gone for a second, and the sizes of what goes together. */
async function rested(): Promise<[CommLine, number[][]]> {
  const sent: number[][] = [];
  const link = {
    send: (_message: MediaFromPage, buffers: ArrayBuffer[] = []) =>
      sent.push(buffers.map(({ byteLength }) => byteLength)),
    onMedia: () => undefined,
  };
  await vi.advanceTimersByTimeAsync(1_000);
  return [new CommLine(link, "bot"), sent];
}

describe("what goes over the comm", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("goes at once after a rest, and together when more comes soon after", async () => {
    const [line, sent] = await rested();

    line.send(new ArrayBuffer(1));
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual([[1]]);
    line.send(new ArrayBuffer(2));
    await vi.advanceTimersByTimeAsync(15);
    line.send(new ArrayBuffer(3));
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(30);
    expect(sent).toEqual([[1], [2, 3]]);
  });

  it("goes with a frame that comes soon, if it acknowledges one", async () => {
    const [line, sent] = await rested();
    const acknowledgement = pack({ kind: "ack", of: "video", number: 1 });

    line.send(acknowledgement);
    await vi.advanceTimersByTimeAsync(20);
    expect(sent).toEqual([]);
    line.send(pack({ kind: "video", number: 1, payload: new Uint8Array(9) }));
    await vi.advanceTimersByTimeAsync(1);
    expect(sent).toEqual([[6, 15]]);
    line.send(acknowledgement);
    await vi.advanceTimersByTimeAsync(51);
    expect(sent).toEqual([[6, 15], [6]]);
  });
});
