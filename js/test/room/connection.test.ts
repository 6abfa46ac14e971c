// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { strategyOf } from "../../src/negotiation/strategy";
import { Connection } from "../../src/room/connection";
import type { Report } from "../../src/room/reporter";
import { FakePeerConnection } from "../support/fake-peer-connection";

beforeEach(() => {
  FakePeerConnection.all.length = 0;
  reports.length = 0;
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("MediaStream", class {});
});

const reports: Report[] = [];

function connected(): [Connection, FakePeerConnection] {
  const connection = new Connection({
    peer: "bob",
    caps: {},
    iceServers: [],
    strategy: strategyOf("perfect"),
    polite: true,
    first: false,
    tracks: { audio: null, video: null, screen: null },
    stream: new MediaStream(),
    send: () => undefined,
    report: (entry) => reports.push(entry),
    message: () => undefined,
    beyondRepair: () => undefined,
  });
  return [connection, FakePeerConnection.all.at(-1)!];
}

describe("the errors of a connection", () => {
  it("are reported by their names: their text may quote a description", async () => {
    const [connection, pc] = connected();
    pc.setRemoteDescription = () =>
      Promise.reject(new DOMException("a=ice-pwd:secret is no line", "OperationError"));
    connection.receive({ type: "description", description: { type: "offer", sdp: "v=0\r\n" } });
    await vi.waitFor(() => expect(reports.some(({ type }) => type === "error")).toBe(true));

    expect(reports.find(({ type }) => type === "error")).toEqual({
      type: "error",
      peer: "bob",
      code: "bad_description",
      message: "A description or candidate could not be used (OperationError).",
    });
    expect(JSON.stringify(reports)).not.toContain("secret");
    connection.close();
  });
});

describe("a connection whose first offer crosses another one", () => {
  const crossing = (...kinds: string[]) =>
    ({
      type: "description",
      description: { type: "offer", sdp: `v=0\r\n${kinds.map((kind) => `m=${kind} 9\r\n`).join("")}` },
    }) as const;
  const tracks = { audio: null, video: null, screen: null };

  it("is outdated where the data channel has another place than in its own, which is a rollback", async () => {
    const [connection, pc] = connected();
    connection.offerRequested();
    await vi.waitFor(() => expect(pc.localDescription).not.toBeNull());
    // What comes after the offer is not in it.
    connection.setTracks({ ...tracks, screen: {} as MediaStreamTrack });
    expect(connection.isOutdatedBy(crossing("audio", "video", "application"))).toBe(false);
    expect(reports).not.toContainEqual({ type: "step", step: "rollback", peer: "bob" });
    expect(connection.isOutdatedBy(crossing("audio", "video", "video", "application"))).toBe(true);
    expect(reports).toContainEqual({ type: "step", step: "rollback", peer: "bob" });
    expect(connection.isOutdatedBy(crossing("audio", "video"))).toBe(true);
    connection.close();
  });

  it("gives back the messages that wait for the data channel", () => {
    const [connection] = connected();
    connection.message("hello");
    expect(connection.close()).toEqual(["hello"]);
  });
});
