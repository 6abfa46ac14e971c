import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RtcError } from "../../src/protocol/errors";
import { connect } from "../../src/signaling/connect";
import type { Handlers, SignalingTransport, Way } from "../../src/signaling/transport";

/** A way that connects or fails when the test says so. */
class FakeWay implements Way {
  tried = 0;
  aborted = false;
  closed = false;
  handlers!: Handlers;
  succeed!: () => void;
  fail!: (code: string) => void;
  readonly transport: SignalingTransport;

  constructor(
    readonly name: "direct" | "proxy" | "tunnel",
    readonly headStart = 300,
  ) {
    this.transport = {
      path: name,
      request: () => Promise.reject(new Error("not used")),
      post: () => undefined,
      close: () => {
        this.closed = true;
      },
    };
  }

  connect(_auth: unknown, handlers: Handlers, signal: AbortSignal): Promise<SignalingTransport> {
    this.tried += 1;
    this.handlers = handlers;
    signal.addEventListener("abort", () => {
      this.aborted = true;
    });
    return new Promise((resolve, reject) => {
      this.succeed = () => resolve(this.transport);
      this.fail = (code) => reject(new RtcError(code, `${this.name}: ${code}`));
    });
  }
}

const auth = { token: "t" };
let direct: FakeWay;
let proxy: FakeWay;
let tunnel: FakeWay;
let heard: string[];
let life: AbortController;
let result: Promise<SignalingTransport>;

function race(...ways: FakeWay[]): void {
  const handlers: Handlers = {
    event: (name) => heard.push(name),
    closed: () => heard.push("closed"),
  };
  result = connect(ways, auth, handlers, life.signal);
  result.catch(() => undefined);
}

const soon = () => vi.advanceTimersByTimeAsync(0);

beforeEach(() => {
  vi.useFakeTimers();
  direct = new FakeWay("direct");
  proxy = new FakeWay("proxy", 1_500);
  tunnel = new FakeWay("tunnel");
  heard = [];
  life = new AbortController();
});

afterEach(() => vi.useRealTimers());

describe("the ways to the relay", () => {
  it("are not tried while a better one has its head start", async () => {
    race(direct, tunnel);
    await vi.advanceTimersByTimeAsync(299);
    expect([direct.tried, tunnel.tried]).toEqual([1, 0]);
    direct.succeed();
    expect((await result).path).toBe("direct");
    await vi.advanceTimersByTimeAsync(10_000);
    expect(tunnel.tried).toBe(0);
  });

  it("are tried beside a slow one, each after the head start of the one before", async () => {
    race(direct, proxy, tunnel);
    await vi.advanceTimersByTimeAsync(300);
    expect([direct.tried, proxy.tried, tunnel.tried]).toEqual([1, 1, 0]);
    await vi.advanceTimersByTimeAsync(1_499);
    expect(tunnel.tried).toBe(0);
    await vi.advanceTimersByTimeAsync(1);
    expect([direct.tried, proxy.tried, tunnel.tried]).toEqual([1, 1, 1]);
  });

  it("are tried at once when the one before has failed", async () => {
    race(direct, tunnel);
    direct.fail("relay_unreachable");
    await soon();
    expect(tunnel.tried).toBe(1);
    tunnel.succeed();
    expect((await result).path).toBe("tunnel");
  });

  it("are given up when another has won, and closed when they connect all the same", async () => {
    race(direct, tunnel);
    await vi.advanceTimersByTimeAsync(300);
    tunnel.succeed();
    expect((await result).path).toBe("tunnel");
    expect(direct.aborted).toBe(true);
    direct.succeed();
    await soon();
    expect(direct.closed).toBe(true);
    expect(tunnel.closed).toBe(false);
  });

  it("tell nobody that a loser was closed, but that the winner was", async () => {
    race(direct, tunnel);
    await vi.advanceTimersByTimeAsync(300);
    tunnel.succeed();
    await result;
    tunnel.handlers.event("user_joined", {});
    tunnel.handlers.closed();
    expect(heard).toEqual(["user_joined", "closed"]);
  });

  it("fail with the relay's refusal rather than with its being unreachable", async () => {
    race(direct, proxy, tunnel);
    direct.fail("relay_unreachable");
    await soon();
    proxy.fail("bad_token");
    await soon();
    tunnel.fail("relay_unreachable");
    await expect(result).rejects.toMatchObject({ code: "bad_token" });
  });

  it("fail only when the last that is under way has failed", async () => {
    race(direct, tunnel);
    await vi.advanceTimersByTimeAsync(300);
    let failed = false;
    result.catch(() => {
      failed = true;
    });
    tunnel.fail("relay_unreachable");
    await soon();
    expect(failed).toBe(false);
    direct.fail("relay_unreachable");
    await expect(result).rejects.toMatchObject({ code: "relay_unreachable" });
  });

  it("fail at once when there is none", async () => {
    race();
    await expect(result).rejects.toMatchObject({ code: "relay_unreachable" });
  });

  it("are all given up when the room is left meanwhile", async () => {
    race(direct, tunnel);
    await vi.advanceTimersByTimeAsync(300);
    life.abort();
    await expect(result).rejects.toMatchObject({ code: "relay_unreachable" });
    expect([direct.aborted, tunnel.aborted]).toEqual([true, true]);
    direct.succeed();
    await soon();
    expect(direct.closed).toBe(true);
  });

  it("stay open when the attempt's signal is aborted after one has won", async () => {
    race(direct);
    direct.succeed();
    await result;
    life.abort();
    await soon();
    expect(direct.closed).toBe(false);
  });
});
