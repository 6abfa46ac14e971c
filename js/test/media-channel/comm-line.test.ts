import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CommLine } from "../../src/media-channel/channel-transport";
import type { MediaFromPage } from "../../src/protocol/comm";

describe("what goes over the comm", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("goes at once after a rest, and together when more comes soon after", async () => {
    const sent: number[][] = [];
    const link = {
      send: (_message: MediaFromPage, buffers: ArrayBuffer[] = []) =>
        sent.push(buffers.map(({ byteLength }) => byteLength)),
      onMedia: () => undefined,
    };
    const line = new CommLine(link, "bot");
    await vi.advanceTimersByTimeAsync(1_000);

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
});
