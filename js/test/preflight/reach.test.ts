// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { eachServer, nameOf, reach } from "../../src/preflight/ice";
import { clock, machine, media, tryWays, ways } from "../../src/preflight/relay";
import type { TunnelFromKernel } from "../../src/protocol/comm";
import type { TunnelLink } from "../../src/signaling/tunnel";

/** A connection that gathers what the test says. */
class Gatherer extends EventTarget {
  static last: Gatherer;
  onicecandidateerror = null;
  iceGatheringState = "gathering";
  closed = false;

  constructor(readonly configuration: RTCConfiguration) {
    super();
    if (configuration.iceServers?.[0]?.credential === "bad")
      throw new DOMException("no", "InvalidAccessError");
    Gatherer.last = this;
  }

  createDataChannel(): void {}
  async setLocalDescription(): Promise<void> {}
  close(): void {
    this.closed = true;
  }

  candidate(type: string): void {
    this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate: { type } }));
  }
  error(errorCode: number): void {
    this.dispatchEvent(Object.assign(new Event("icecandidateerror"), { errorCode, errorText: "192.0.2.1" }));
  }
  complete(): void {
    this.iceGatheringState = "complete";
    this.dispatchEvent(new Event("icegatheringstatechange"));
  }
}
Object.assign(Gatherer.prototype, { onicecandidateerror: null });

beforeEach(() => {
  vi.stubGlobal("RTCPeerConnection", Gatherer);
  vi.useFakeTimers();
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const never = new AbortController().signal;
const STUN = { urls: "stun:stun.example.org" };
const TURN = { urls: "turn:turn.example.org", username: "u", credential: "c" };

describe("a STUN or TURN server", () => {
  it("is reached when its candidate comes", async () => {
    for (const [server, type] of [
      [STUN, "srflx"],
      [TURN, "relay"],
    ] as const) {
      const result = reach(server, never);
      Gatherer.last.candidate("host");
      Gatherer.last.candidate(type);
      expect((await result)[0]).toBe("good");
      expect(Gatherer.last.closed).toBe(true);
    }
    expect(Gatherer.last.configuration.iceTransportPolicy).toBe("relay");
  });

  it.each([
    [401, "credentials"],
    [486, "full"],
    [701, "ICE error 701"],
  ])("that fails with %i says why, and no address", async (code, words) => {
    const result = reach(TURN, never);
    Gatherer.last.error(code);
    Gatherer.last.complete();
    const [state, text] = await result;
    expect([state, text]).toEqual(["problem", expect.stringContaining(words)]);
    expect(text).not.toContain("192.0.2.1");
  });

  it("that speaks TLS already is not told to", async () => {
    for (const [urls, next] of [
      ["turn:turn.example.org", "use turns:host:443"],
      ["turns:turn.example.org:443", "its certificate"],
      ["stun:stun.example.org", "name a TURN server as turns:"],
    ] as const) {
      const result = reach({ ...TURN, urls }, never);
      Gatherer.last.error(701);
      Gatherer.last.complete();
      expect((await result)[2]).toContain(next);
    }
  });

  it("that is silent is given up, and its connection closed", async () => {
    const result = reach(STUN, never);
    await vi.advanceTimersByTimeAsync(5_000);
    expect((await result)[0]).toBe("problem");
    expect(Gatherer.last.closed).toBe(true);
  });

  it("that sees no NAT gives no candidate and no error", async () => {
    const result = reach(STUN, never);
    Gatherer.last.complete();
    expect((await result)[0]).toBe("good");
  });

  it("is closed when nobody waits any more", async () => {
    const end = new AbortController();
    const result = reach(STUN, end.signal);
    end.abort();
    await result;
    expect(Gatherer.last.closed).toBe(true);
  });

  it("that the browser refuses says how to write it", async () => {
    const [state, , advice] = await reach({ ...TURN, credential: "bad" }, never);
    expect([state, advice]).toEqual(["problem", expect.stringContaining("credential")]);
  });

  it("is tried once per address, and named only by one", () => {
    const servers = [{ ...TURN, urls: ["turn:a", "turns:b:443?transport=tcp"] }, { urls: "turn:a" }];
    expect(eachServer(servers).map(([url, { urls }]) => [url, urls])).toEqual([
      ["turn:a", "turn:a"],
      ["turns:b:443?transport=tcp", "turns:b:443?transport=tcp"],
    ]);
    expect(nameOf("turn:a:3478?transport=udp")).toBe("turn:a:3478?transport=udp");
    expect(nameOf("turn:user:password@a")).toBe("ICE server");
  });
});

describe("the relay", () => {
  const target = { url: "https://relay.example.org", local: true, room: "r", token: "t" };
  const trial = (path: "direct" | "proxy" | "tunnel", ms: number | null, offset: number | null = null) => ({
    path,
    ms,
    offset: offset === null ? null : { offset, error: 2 },
  });

  it("is told with every way and its time", () => {
    expect(ways([trial("direct", 12), trial("proxy", null), trial("tunnel", 30.4)], true)).toEqual([
      "good",
      "Reached directly in 12 ms and through the kernel in 30 ms; not by the Jupyter server's proxy.",
    ]);
    expect(ways([trial("tunnel", 30)], true).map(String)).toEqual([
      "warning",
      expect.stringContaining("Joining may wait"),
      expect.stringContaining("jupyter-server-proxy"),
    ]);
    expect(ways([trial("direct", null), trial("tunnel", 30)], false)[2]).toContain("--origin");
    expect(ways([trial("direct", null), trial("tunnel", null)], true)[0]).toBe("problem");
  });

  it("has a way beside it for the media that find none by ICE", () => {
    expect(media([trial("proxy", 3)], true)).toEqual([
      "warning",
      expect.stringContaining("lacks VideoEncoder"),
      expect.stringContaining("localhost"),
    ]);
    for (const name of ["VideoEncoder", "VideoDecoder", "AudioEncoder", "AudioDecoder"])
      vi.stubGlobal(name, class {});
    expect(media([trial("proxy", 3), trial("tunnel", 4)], true)[1]).toContain(
      "by the Jupyter server's proxy",
    );
    const [state, text, advice] = media([trial("proxy", null), trial("tunnel", 4)], true);
    expect([state, text]).toEqual(["warning", expect.stringContaining("through the kernel")]);
    expect(advice).toContain("jupyter-server-proxy");
    expect(media([trial("direct", 3)], true)[0]).toBe("not checked");
  });

  it("has a clock, from the best of the ways", () => {
    expect(clock([trial("direct", 1, 3), trial("tunnel", 1, 9)]).slice(0, 2)).toEqual([
      "good",
      "The relay's clock is +3 ms from this browser's (± 2.0 ms).",
    ]);
    expect(clock([trial("direct", 1, -60_000)])[0]).toBe("warning");
    expect(clock([trial("direct", null)])[0]).toBe("not checked");
  });

  it("says no more of the kernel's machine than is known", () => {
    vi.stubGlobal("location", { hostname: "localhost" });
    expect(machine(target, [trial("direct", 3)])[1]).toContain("share a machine");
    expect(machine(target, [trial("direct", null), trial("tunnel", 3)])[1]).toContain("a tunnel");
    vi.stubGlobal("location", { hostname: "hub.example.org" });
    expect(machine(target, [trial("tunnel", 3)])[1]).toContain("another machine");
    expect(machine({ ...target, local: false }, [])[0]).toBe("not checked");
  });

  it("is tried through the kernel, asked for its time, and left", async () => {
    vi.stubGlobal("location", { hostname: "hub.example.org", href: "https://hub.example.org" });
    const said: string[] = [];
    let receive: ((message: TunnelFromKernel) => void) | null = null;
    const link: TunnelLink = {
      send: (message) => {
        said.push(message.op === "emit" ? `emit ${message.event}` : message.op);
        const payload = { ok: true as const, time: performance.timeOrigin + performance.now() + 7 };
        queueMicrotask(() =>
          receive?.(
            message.op === "emit"
              ? { kind: "tunnel", op: "ack", id: message.id, answer: payload }
              : { kind: "tunnel", op: "opened" },
          ),
        );
      },
      onTunnel: (to) => {
        receive = to;
      },
    };
    const [only, ...others] = await tryWays(target, link, never);
    expect([only?.path, others]).toEqual(["tunnel", []]);
    expect(Math.round(only?.offset?.offset ?? 0)).toBe(7);
    expect(said).toEqual(["open", ...Array(5).fill("emit clock"), "close"]);
    expect(receive).toBeNull();
  });

  it("that the kernel refuses for the token is there all the same", async () => {
    vi.stubGlobal("location", { hostname: "hub.example.org", href: "https://hub.example.org" });
    let receive: ((message: TunnelFromKernel) => void) | null = null;
    const link: TunnelLink = {
      send: () => {
        const error = { code: "bad_token", message: "no" };
        queueMicrotask(() => receive?.({ kind: "tunnel", op: "refused", error }));
      },
      onTunnel: (to) => {
        receive = to;
      },
    };
    const [trial] = await tryWays({ ...target, token: "" }, link, never);
    expect(trial?.ms).not.toBeNull();
    expect(trial?.offset).toBeNull();
  });

  it("is not tried through a kernel that is busy with a call", async () => {
    vi.stubGlobal("location", { hostname: "hub.example.org", href: "https://hub.example.org" });
    expect(await tryWays(target, null, never)).toEqual([]);
  });
});
