import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ACK_MS, type SignalingTransport } from "../../src/signaling/transport";
import { type TunnelMessage, tunnel } from "../../src/signaling/tunnel";

let sent: { op: string; [field: string]: unknown }[];
let receive: ((message: TunnelMessage) => void) | null;
let heard: unknown[][];
let life: AbortController;
let result: Promise<SignalingTransport>;

beforeEach(() => {
  vi.useFakeTimers();
  [sent, heard, receive] = [[], [], null];
  life = new AbortController();
  const way = tunnel({
    sendTunnel: (content) => sent.push(content),
    onTunnel: (callback) => {
      receive = callback;
    },
  });
  const handlers = {
    event: (...given: unknown[]) => heard.push(given),
    closed: () => heard.push(["closed"]),
  };
  result = way.connect({ token: "t", owner: "o" }, handlers, life.signal);
  result.catch(() => undefined);
});

afterEach(() => vi.useRealTimers());

async function open(): Promise<SignalingTransport> {
  receive?.({ op: "opened" });
  return await result;
}

describe("the tunnel", () => {
  it("asks the kernel to open with what the relay wants to know", async () => {
    expect(sent).toEqual([{ op: "open", auth: { token: "t", owner: "o" } }]);
    expect((await open()).path).toBe("tunnel");
  });

  it("rejects with the relay's refusal", async () => {
    receive?.({ op: "refused", error: { code: "room_full", message: "full" } });
    await expect(result).rejects.toMatchObject({ code: "room_full", message: "full" });
    expect(receive).toBeNull();
  });

  it("waits for a busy kernel, but not for ever", async () => {
    await vi.advanceTimersByTimeAsync(119_000);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(result).rejects.toMatchObject({ code: "relay_unreachable" });
    expect(sent.at(-1)).toEqual({ op: "close" });
  });

  it("is given up with a word to the kernel, which may be opening it", async () => {
    life.abort();
    await expect(result).rejects.toMatchObject({ code: "relay_unreachable" });
    expect(sent.at(-1)).toEqual({ op: "close" });
    expect(receive).toBeNull();
  });

  it("stays when the attempt's signal is aborted after it opened", async () => {
    await open();
    life.abort();
    expect(sent.map(({ op }) => op)).toEqual(["open"]);
  });

  it("matches acknowledgements with requests, in any order", async () => {
    const transport = await open();
    const [one, two] = [
      transport.request("join_room", { roomId: "r" }),
      transport.request("leave_room", { roomId: "r" }),
    ];
    const [first, second] = sent.slice(1).map(({ id }) => id as number);
    receive?.({
      op: "ack",
      id: second!,
      answer: { ok: false, error: { code: "not_joined", message: "" } },
    });
    receive?.({ op: "ack", id: first!, answer: { ok: true, socketId: "s" } });
    await expect(one).resolves.toMatchObject({ socketId: "s" });
    await expect(two).rejects.toMatchObject({ code: "not_joined" });
  });

  it("gives up a request that is not acknowledged, and takes a late acknowledgement quietly", async () => {
    const transport = await open();
    const request = transport.request("join_room", { roomId: "r" });
    request.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(ACK_MS);
    await expect(request).rejects.toMatchObject({ code: "timeout" });
    expect(() => receive?.({ op: "ack", id: 1, answer: { ok: true } })).not.toThrow();
  });

  it("hands on events, and posts without waiting", async () => {
    const transport = await open();
    receive?.({ op: "event", event: "user_left", payload: { socketId: "s" } });
    expect(heard).toEqual([["user_left", { socketId: "s" }]]);
    transport.post("leave_room", { roomId: "r" });
    expect(sent.at(-1)).toEqual({ op: "emit", id: 0, event: "leave_room", payload: { roomId: "r" } });
  });

  it("says that it was closed from the other end, and not that it was from this one", async () => {
    const transport = await open();
    receive?.({ op: "closed" });
    expect(heard).toEqual([["closed"]]);
    transport.close();
    expect(heard).toHaveLength(1);
    expect(sent.at(-1)).toEqual({ op: "close" });
  });
});
