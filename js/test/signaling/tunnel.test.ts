import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { TunnelFromKernel, TunnelFromPage } from "../../src/protocol/comm";
import { TIMES_MS } from "../../src/protocol/limits";
import type { SignalingTransport } from "../../src/signaling/transport";
import { tunnel } from "../../src/signaling/tunnel";

let sent: TunnelFromPage[];
let receive: ((message: TunnelFromKernel) => void) | null;
let heard: unknown[][];
let life: AbortController;
let result: Promise<SignalingTransport>;

beforeEach(() => {
  vi.useFakeTimers();
  [sent, heard, receive] = [[], [], null];
  life = new AbortController();
  const way = tunnel({
    send: (message) => sent.push(message),
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
  receive?.({ kind: "tunnel", op: "opened" });
  return await result;
}

describe("the tunnel", () => {
  it("asks the kernel to open with what the relay wants to know", async () => {
    expect(sent).toEqual([{ kind: "tunnel", op: "open", auth: { token: "t", owner: "o" } }]);
    expect((await open()).path).toBe("tunnel");
  });

  it("rejects with the relay's refusal", async () => {
    receive?.({ kind: "tunnel", op: "refused", error: { code: "room_full", message: "full" } });
    await expect(result).rejects.toMatchObject({ code: "room_full", message: "full" });
    expect(receive).toBeNull();
  });

  it("waits for a busy kernel, but not for ever", async () => {
    await vi.advanceTimersByTimeAsync(119_000);
    expect(sent).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(result).rejects.toMatchObject({ code: "relay_unreachable" });
    expect(sent.at(-1)).toEqual({ kind: "tunnel", op: "close" });
  });

  it("is given up with a word to the kernel, which may be opening it", async () => {
    life.abort();
    await expect(result).rejects.toMatchObject({ code: "relay_unreachable" });
    expect(sent.at(-1)).toEqual({ kind: "tunnel", op: "close" });
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
    const [first, second] = sent.flatMap((message) => (message.op === "emit" ? [message.id] : []));
    receive?.({
      kind: "tunnel",
      op: "ack",
      id: second!,
      answer: { ok: false, error: { code: "not_joined", message: "" } },
    });
    receive?.({ kind: "tunnel", op: "ack", id: first!, answer: { ok: true, socketId: "s" } });
    await expect(one).resolves.toMatchObject({ socketId: "s" });
    await expect(two).rejects.toMatchObject({ code: "not_joined" });
  });

  it("gives up a request that is not acknowledged, and takes a late acknowledgement quietly", async () => {
    const transport = await open();
    const request = transport.request("join_room", { roomId: "r" });
    request.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(TIMES_MS.acknowledge);
    await expect(request).rejects.toMatchObject({ code: "timeout" });
    const next = transport.request("join_room", { roomId: "r" });
    receive?.({ kind: "tunnel", op: "ack", id: 1, answer: { ok: true, socketId: "late" } });
    receive?.({ kind: "tunnel", op: "ack", id: 2, answer: { ok: true, socketId: "next" } });
    await expect(next).resolves.toMatchObject({ socketId: "next" });
  });

  it("hands on events, and posts without waiting", async () => {
    const transport = await open();
    receive?.({ kind: "tunnel", op: "event", event: "user_left", payload: { socketId: "s" } });
    expect(heard).toEqual([["user_left", { socketId: "s" }]]);
    transport.post("leave_room", { roomId: "r" });
    expect(sent.at(-1)).toEqual({
      kind: "tunnel",
      op: "emit",
      id: 0,
      event: "leave_room",
      payload: { roomId: "r" },
    });
  });

  it("says that it was closed from the other end, and not that it was from this one", async () => {
    const transport = await open();
    receive?.({ kind: "tunnel", op: "closed" });
    expect(heard).toEqual([["closed"]]);
    transport.close();
    expect(heard).toHaveLength(1);
    expect(sent.at(-1)).toEqual({ kind: "tunnel", op: "close" });
  });
});
