// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { MediaLink } from "../../src/media-channel/channel-transport";
import { Channels, type Reachable } from "../../src/media-channel/channels";
import { pack } from "../../src/protocol/channel-messages";
import type { MediaFromKernel, MediaFromPage } from "../../src/protocol/comm";
import type { MediaPath } from "../../src/room/media-path";

vi.mock("../../src/media-channel/channel-path", () => ({
  ChannelPath: class {
    readonly transport: { close(): void };
    constructor(transport: { close(): void }) {
      this.transport = transport;
    }
    close() {
      this.transport.close();
    }
  },
}));

class Page {
  readonly sent: MediaFromPage[] = [];
  readonly paths: (MediaPath | null)[] = [];
  receive: (message: MediaFromKernel, buffers?: readonly DataView[]) => void = () => undefined;
  wanted = "auto";
  peers = ["bot"];
  present = true;
  iceState: RTCPeerConnectionState = "connecting";
  readonly bot = {
    id: "bot",
    connection: { state: { peek: () => this.iceState }, reportDropped: () => undefined },
    usePath: (path: MediaPath | null) => {
      if (!path) (this.paths.at(-1) as MediaPath | undefined)?.close();
      this.paths.push(path);
    },
    receiveMessage: () => undefined,
  } satisfies Reachable;
  readonly channels: Channels;

  constructor() {
    const link: MediaLink = {
      send: (message) => this.sent.push(message),
      onMedia: (receive) => {
        this.receive = (message, buffers = []) => receive?.(message, buffers);
      },
    };
    this.channels = new Channels({
      link,
      base: () => null,
      peers: () => this.peers,
      wanted: () => this.wanted,
      me: () => "ada",
      others: () => (this.present ? [this.bot] : []),
    });
  }

  ops(): string[] {
    return this.sent.map(({ op }) => op);
  }

  /** Answer as a kernel does that carries the channel over the comm. */
  async open(): Promise<void> {
    this.receive({ kind: "media", op: "offered", peer: "bot", port: 1, token: "t" });
    await vi.advanceTimersByTimeAsync(50);
    this.receive({ kind: "media", op: "data", peer: "bot" }, [new DataView(pack({ kind: "hello" }))]);
    await vi.advanceTimersByTimeAsync(50);
  }
}

let page: Page;

beforeEach(() => {
  vi.useFakeTimers();
  page = new Page();
});

afterEach(() => {
  page.channels.close();
  vi.useRealTimers();
});

describe("a Peer of the page's own kernel", () => {
  it("is reached over the notebook when ICE has not connected in three seconds", async () => {
    await vi.advanceTimersByTimeAsync(2_900);
    expect(page.ops()).toEqual([]);

    await vi.advanceTimersByTimeAsync(400);
    expect(page.sent).toEqual([{ kind: "media", op: "request", peer: "bot", participant: "ada" }]);
    await page.open();

    expect(page.ops()).toEqual(["request", "open", "data"]);
    expect(page.paths.length).toBe(1);
  });

  it("is reached at once when ICE fails", async () => {
    page.iceState = "failed";
    await vi.advanceTimersByTimeAsync(300);

    expect(page.ops()).toEqual(["request"]);
  });

  it("is reached by ICE alone when that connects, and the channel is given up then", async () => {
    await vi.advanceTimersByTimeAsync(3_300);
    await page.open();
    page.iceState = "connected";
    await vi.advanceTimersByTimeAsync(300);

    expect(page.paths.length).toBe(2);
    expect(page.paths[1]).toBeNull();
    expect(page.ops().at(-1)).toBe("close");
  });

  it.each([
    ["ICE alone is wanted", { wanted: "ice" }],
    ["the kernel names no Peers, as while something is held", { peers: [] }],
  ])("is not reached otherwise where %s", async (_why, change) => {
    Object.assign(page, change);
    await vi.advanceTimersByTimeAsync(10_000);

    expect(page.ops()).toEqual([]);
  });

  it("is reached over the notebook at once where that is wanted, also beside ICE that works", async () => {
    page.iceState = "connected";
    page.wanted = "notebook";
    await vi.advanceTimersByTimeAsync(300);
    await page.open();
    await vi.advanceTimersByTimeAsync(5_000);

    expect(page.paths.length).toBe(1);
  });

  it("is tried again a while after the channel was lost", async () => {
    await vi.advanceTimersByTimeAsync(3_300);
    await page.open();
    page.receive({ kind: "media", op: "closed", peer: "bot" });
    expect(page.paths.at(-1)).toBeNull();
    await vi.advanceTimersByTimeAsync(3_300);

    expect(page.ops().filter((op) => op === "request").length).toBe(2);
  });

  it("is asked again when a busy kernel has not answered for ten seconds", async () => {
    await vi.advanceTimersByTimeAsync(3_300);
    await vi.advanceTimersByTimeAsync(14_000);

    expect(page.ops()).toEqual(["request", "request"]);
  });

  it("is let go when it leaves", async () => {
    await vi.advanceTimersByTimeAsync(3_300);
    await page.open();
    page.present = false;
    await vi.advanceTimersByTimeAsync(300);

    expect(page.ops().at(-1)).toBe("close");
  });
});
