// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { strategyOf } from "../../src/negotiation/strategy";
import { TIMES_MS } from "../../src/protocol/limits";
import type { Report } from "../../src/protocol/negotiation-events";
import { Connection } from "../../src/room/connection";
import { NegotiationClock } from "../../src/signaling/negotiation-clock";
import { PeerSignaling } from "../../src/signaling/peer-signaling";
import { FakePeerConnection } from "../support/fake-peer-connection";

beforeEach(() => {
  FakePeerConnection.all.length = 0;
  reports.length = 0;
  outdated.mockClear();
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("MediaStream", class {});
});

const reports: Report[] = [];
const outdated = vi.fn();
let servers: RTCIceServer[] = [];

function connected(restartsIce = true): [Connection, FakePeerConnection, PeerSignaling] {
  const signaling = new PeerSignaling({
    clock: new NegotiationClock(),
    room: "demo",
    peer: "bob",
    session: "now",
    endOfCandidates: false,
    connection: { request: async <T>() => ({}) as T },
    reporter: { add: () => undefined, flush: () => undefined },
  });
  const connection = new Connection({
    signaling,
    restartsIce,
    iceServers: () => servers,
    strategy: strategyOf("perfect"),
    polite: true,
    first: false,
    tracks: { audio: null, video: null, screen: null },
    stream: new MediaStream(),
    report: (entry) => reports.push(entry),
    onMessage: () => undefined,
    onOutdated: outdated,
  });
  return [connection, FakePeerConnection.all.at(-1)!, signaling];
}

describe("the errors of a connection", () => {
  it("are reported by their names: their text may quote a description", async () => {
    const [connection, pc, signaling] = connected();
    pc.setRemoteDescription = () =>
      Promise.reject(new DOMException("a=ice-pwd:secret is no line", "OperationError"));
    signaling.receive("offer", { offer: { type: "offer", sdp: "v=0\r\n" } }, 0);
    await vi.waitFor(() => expect(reports.some(({ type }) => type === "error")).toBe(true));

    expect(reports.find(({ type }) => type === "error")).toEqual({
      type: "error",
      code: "bad_description",
      message: "A description or candidate could not be used (OperationError).",
    });
    expect(JSON.stringify(reports)).not.toContain("secret");
    connection.close();
  });
});

describe("a path that was lost and is back", () => {
  it("brings no copies into a paused room before that goes on, and none of a closed connection", async () => {
    const [connection, pc, signaling] = connected();
    const sent = vi.spyOn(signaling, "sendDescription");
    signaling.onOfferRequested();
    await vi.waitFor(() => expect(pc.signalingState).toBe("have-local-offer"));
    await new Promise((resolve) => setTimeout(resolve, 5));
    sent.mockClear();
    signaling.clock.setPaused(true);
    connection.resume();
    expect(sent).not.toHaveBeenCalled();
    signaling.clock.setPaused(false);
    await vi.waitFor(() => expect(sent).toHaveBeenCalledTimes(1));
    signaling.clock.setPaused(true);
    connection.resume();
    connection.close();
    const candidates = vi.spyOn(signaling, "sendCandidate");
    signaling.clock.setPaused(false);
    await new Promise((resolve) => setTimeout(resolve, 5));
    expect(sent).toHaveBeenCalledTimes(1);
    expect(candidates).not.toHaveBeenCalled();
  });
});

describe("an ICE restart that was asked for", () => {
  const isReported = () => reports.some((report) => report.type === "step" && report.step === "restartIce");

  it.each([true, false])("is made where both sides keep their connection: %s", async (can) => {
    const [connection, pc, signaling] = connected(can);
    signaling.receive("offer", { offer: { type: "offer", sdp: "v=0\r\n" } }, 0);
    await vi.waitFor(() => expect(pc.localDescription).not.toBe(null));
    expect(connection.restartIce()).toBe(can);
    expect(pc.restarts).toBe(can ? 1 : 0);
    expect(isReported()).toBe(can);
    connection.close();
  });

  it("is none before there is anything to restart: Chromium would make an offer of nothing", () => {
    const [connection, pc] = connected();
    expect(connection.restartIce()).toBe(true);
    expect(pc.restarts).toBe(0);
    expect(isReported()).toBe(false);
    connection.close();
  });
});

describe("a connection that is disconnected", () => {
  const becomes = (pc: FakePeerConnection, state: RTCPeerConnectionState) => {
    pc.connectionState = state;
    pc.dispatchEvent(new Event("connectionstatechange"));
  };

  it.each([
    ["for a while looks for a new way", "disconnected", 1],
    ["for a moment goes on", "connected", 0],
  ] as const)("%s", async (_, then, restarts) => {
    vi.useFakeTimers();
    const [connection, pc] = connected();
    await pc.setLocalDescription({ type: "answer" });
    becomes(pc, "connected");
    becomes(pc, "disconnected");
    vi.advanceTimersByTime(TIMES_MS.disconnected - 1);
    expect(pc.restarts).toBe(0);
    if (then !== "disconnected") becomes(pc, then);
    vi.advanceTimersByTime(2);
    expect(pc.restarts).toBe(restarts);
    connection.close();
    vi.useRealTimers();
  });
});

describe("credentials of a TURN server that were renewed", () => {
  const used = (pc: FakePeerConnection) => pc.configurations.at(-1)?.iceServers?.[0]?.credential;
  const server = (credential: string) => ({ urls: "turn:turn.example.org", username: "u", credential });

  it.each([
    ["when this side restarts ICE", (connection: Connection) => void connection.restartIce()],
    [
      "before an offer of the other side's is applied",
      (_: Connection, signaling: PeerSignaling) =>
        signaling.receive("offer", { offer: { type: "offer", sdp: "v=0\r\n" } }, 0),
    ],
  ])("are used %s", (_, happens) => {
    servers = [server("old")];
    const [connection, pc, signaling] = connected();
    servers = [server("new")];
    expect(used(pc)).toBe("old");
    happens(connection, signaling);
    expect(used(pc)).toBe("new");
    connection.close();
  });

  it("leave a connection alone whose other side cannot restart ICE", () => {
    servers = [server("old")];
    const [connection, pc, signaling] = connected(false);
    servers = [server("new")];
    signaling.receive("offer", { offer: { type: "offer", sdp: "v=0\r\n" } }, 0);
    expect(used(pc)).toBe("old");
    connection.close();
    servers = [];
  });
});

describe("a connection whose first offer crosses another one", () => {
  const offer = (signaling: PeerSignaling, ...kinds: string[]) => {
    const sdp = `v=0\r\n${kinds.map((kind) => `m=${kind} 9\r\n`).join("")}`;
    signaling.receive("offer", { offer: { type: "offer", sdp } }, 0);
  };
  const tracks = { audio: null, video: null, screen: null };
  const rollback = { type: "step", step: "rollback" };

  async function offering() {
    const made = connected();
    const [connection, pc, signaling] = made;
    signaling.receive("request_offer", {}, 0);
    await vi.waitFor(() => expect(pc.localDescription).not.toBeNull());
    // What comes after the offer is not in it.
    connection.setTracks({ ...tracks, screen: {} as MediaStreamTrack });
    return made;
  }

  it("goes on where the data channel has the same place in both", async () => {
    const [connection, , signaling] = await offering();
    offer(signaling, "audio", "video", "application");
    expect(outdated).not.toHaveBeenCalled();
    expect(reports).not.toContainEqual(rollback);
    connection.close();
  });

  it.each([
    ["another place", ["audio", "video", "video", "application"]],
    ["no place", ["audio", "video"]],
  ])("needs a new one where the data channel has %s in the other, which is a rollback", async (_, kinds) => {
    const [connection, , signaling] = await offering();
    offer(signaling, ...kinds);
    expect(outdated).toHaveBeenCalledOnce();
    expect(reports).toContainEqual(rollback);
    connection.close();
  });

  function selecting(pc: ReturnType<typeof connected>[1], state: string, usernameFragment = "a"): void {
    for (const [id, entry] of Object.entries({
      t: { type: "transport", selectedCandidatePairId: "p" },
      p: { type: "candidate-pair", localCandidateId: "l", remoteCandidateId: "r", state },
      l: { type: "local-candidate", candidateType: "host", protocol: "udp", usernameFragment },
      r: { type: "remote-candidate", candidateType: "srflx", protocol: "udp" },
    }))
      pc.stats.set(id, { id, ...entry });
  }

  it("tells by which candidates it is connected as soon as it is", async () => {
    const [connection, pc] = connected();
    selecting(pc, "succeeded");
    pc.become("connected");
    await vi.waitFor(() =>
      expect(reports).toContainEqual(expect.objectContaining({ type: "pair", remote: "srflx" })),
    );
    connection.close();
  });

  it("tells of a pair again when its checks have succeeded, and not each time it is measured", async () => {
    const [connection, pc] = connected();
    const succeeded = () =>
      reports.filter(({ type }) => type === "pair").map((entry) => "succeeded" in entry && entry.succeeded);
    pc.become("connected");
    selecting(pc, "in-progress");
    for (const state of ["in-progress", "in-progress", "succeeded", "succeeded"]) {
      selecting(pc, state);
      await connection.measure();
    }
    expect(succeeded()).toEqual([0, 1]);
    connection.close();
  });

  it("tells of a pair again after a restart of ICE, though it is of the same types", async () => {
    const [connection, pc] = connected();
    pc.become("connected");
    const told: number[] = [];
    for (const fragment of ["a", "a", "b", "b"]) {
      selecting(pc, "succeeded", fragment);
      await connection.measure();
      told.push(reports.filter(({ type }) => type === "pair").length);
    }
    expect(told.map((count) => count - (told[0] ?? 0))).toEqual([0, 0, 1, 1]);
    connection.close();
  });

  it("gives back the messages that wait for the data channel", () => {
    const [connection] = connected();
    connection.sendMessage("hello");
    expect(connection.close()).toEqual(["hello"]);
  });

  it("reports each message for which there is no room any more, and keeps those before it in order", () => {
    const [connection] = connected();
    for (let number = 0; number < 66; number += 1) connection.sendMessage(`${number}`);
    expect(
      reports.filter(({ type }) => type === "error").map((entry) => "code" in entry && entry.code),
    ).toEqual(Array(2).fill("message_dropped"));
    expect(connection.close()).toEqual(Array.from({ length: 64 }, (_, number) => `${number}`));
  });
});

describe("a connection that is closed", () => {
  it("tells of nothing any more, and is closed for the browser once its events are through", () => {
    const idle = vi.fn();
    vi.stubGlobal("requestIdleCallback", idle);
    const [connection, pc] = connected();
    const closed = vi.spyOn(pc, "close");

    connection.close();
    pc.become("connected");

    expect([connection.state.peek(), reports, closed.mock.calls]).toEqual(["closed", [], []]);
    expect(idle).toHaveBeenCalledExactlyOnceWith(expect.any(Function), { timeout: 500 });
    idle.mock.calls[0]![0]();
    expect(closed).toHaveBeenCalledOnce();
  });

  it("is closed at once where nothing says when a page is idle", () => {
    vi.stubGlobal("requestIdleCallback", undefined);
    Reflect.deleteProperty(globalThis, "requestIdleCallback");
    const [connection, pc] = connected();
    const closed = vi.spyOn(pc, "close");

    connection.close();

    expect(closed).toHaveBeenCalledOnce();
  });
});
