// @vitest-environment happy-dom
import { beforeEach, describe, expect, it, vi } from "vitest";
import { Connection } from "../src/room/connection";
import type { Report } from "../src/room/reporter";
import { strategyOf } from "../src/room/strategy";
import { FakePeerConnection } from "./fake-peer-connection";

beforeEach(() => {
  FakePeerConnection.all.length = 0;
  reports.length = 0;
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("MediaStream", class {});
});

const reports: Report[] = [];

function connected(beyondRepair = () => {}): [Connection, FakePeerConnection] {
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
    beyondRepair,
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
