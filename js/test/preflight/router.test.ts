import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { observers, router } from "../../src/preflight/router";

/** A connection that gathers what the test says. */
class Gatherer extends EventTarget {
  static last: Gatherer;
  iceGatheringState = "gathering";
  closed = false;

  constructor(readonly configuration: RTCConfiguration) {
    super();
    Gatherer.last = this;
  }

  createDataChannel(): void {}
  async setLocalDescription(): Promise<void> {}
  close(): void {
    this.closed = true;
  }

  /** A server sees one of this machine's sockets, behind a port of the router's. */
  sees(socket: number, port: number): void {
    const candidate = {
      type: "srflx",
      address: "203.0.113.1",
      port,
      relatedAddress: "192.168.0.2",
      relatedPort: socket,
    };
    this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate }));
  }
  complete(): void {
    this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate: null }));
    this.iceGatheringState = "complete";
    this.dispatchEvent(new Event("icegatheringstatechange"));
  }
}

beforeEach(() => {
  vi.stubGlobal("RTCPeerConnection", Gatherer);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const never = new AbortController().signal;
const SERVERS = [{ urls: "stun:a" }, { urls: "stun:b" }];

describe("a router", () => {
  it.each([
    ["the same port for each server", [[1, 500]], "good", "STUN leads through it"],
    [
      "the same one for each socket of two networks",
      [
        [1, 500],
        [2, 600],
      ],
      "good",
      "STUN leads through it",
    ],
    [
      "another one for each server",
      [
        [1, 500],
        [1, 501],
      ],
      "warning",
      "symmetric",
    ],
    [
      "sockets that the browser hides",
      [
        [0, 500],
        [0, 501],
      ],
      "not checked",
      "does not show",
    ],
    ["no candidate at all", [], "not checked", "no router translates it"],
  ] as const)("that gives %s is told", async (_what, candidates, state, words) => {
    const result = router(SERVERS, never);
    for (const [socket, port] of candidates) Gatherer.last.sees(socket, port);
    Gatherer.last.complete();

    const [told, text] = await result;
    expect(told).toBe(state);
    expect(text).toContain(words);
    expect(text).not.toContain("203.0.113.1");
    expect(Gatherer.last.closed).toBe(true);
  });

  it("is judged by what has come when servers are silent, or nobody waits any more", async () => {
    const late = router(SERVERS, never);
    Gatherer.last.sees(1, 500);
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await late)[0]).toBe("good");

    const end = new AbortController();
    const left = router(SERVERS, end.signal);
    end.abort();
    await left;
    expect(Gatherer.last.closed).toBe(true);
  });

  it("is seen by STUN and TURN servers over UDP, once each", () => {
    const servers = [
      { urls: ["stun:a:3478", "turn:a:3478?transport=udp", "turn:b", "turn:c?transport=tcp", "turns:d"] },
      { urls: "stun:[::1]:3478" },
    ];

    expect(observers(servers)).toEqual([
      { urls: "stun:a:3478" },
      { urls: "stun:b" },
      { urls: "stun:[::1]:3478" },
    ]);
  });
});
