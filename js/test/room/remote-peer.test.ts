// @vitest-environment happy-dom
import { signal } from "@preact/signals-core";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { strategyOf } from "../../src/negotiation/strategy";
import type { Report } from "../../src/protocol/negotiation-events";
import type { MediaPath } from "../../src/room/media-path";
import { RemotePeer } from "../../src/room/remote-peer";
import { NegotiationClock } from "../../src/signaling/negotiation-clock";
import { FakePeerConnection } from "../support/fake-peer-connection";

const reports: Report[] = [];
const request = vi.fn(async (_event: string) => ({}));

beforeEach(() => {
  FakePeerConnection.all.length = 0;
  reports.length = 0;
  request.mockClear();
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("MediaStream", class {});
});

const entry = {
  socketId: "bob",
  name: "Bob",
  kind: "python",
  media: { audio: false, video: false, screen: false },
  caps: { rollback: false },
  session: "a page",
  order: 2,
  away: false,
} as ConstructorParameters<typeof RemotePeer>[0];

function remote(caps = entry.caps): [RemotePeer, FakePeerConnection] {
  const peer = new RemotePeer(
    { ...entry, caps },
    {
      room: "demo",
      relay: { request } as never,
      reporter: { add: (report: Report) => reports.push(report), flush: () => undefined } as never,
      clock: new NegotiationClock(),
      isEarlier: true,
      strategy: strategyOf("perfect"),
      labels: signal(new Map()),
      iceServers: () => [],
      tracks: () => ({ audio: null, video: null, screen: null }),
      stream: new MediaStream(),
      onMessage: () => undefined,
    },
  );
  return [peer, FakePeerConnection.all.at(-1)!];
}

function states(name: string): unknown[] {
  return reports.filter((report) => report.name === name).map(({ value, peer }) => [peer, value]);
}

const path = {
  close: () => undefined,
  setTracks: () => undefined,
  sendMessage: () => undefined,
} as unknown as MediaPath;

describe("what is reported of somebody's connection", () => {
  it("says whose it is", () => {
    const [, pc] = remote();

    pc.connectionState = "connecting";
    pc.dispatchEvent(new Event("connectionstatechange"));

    expect(states("connection_state")).toEqual([["bob", "connecting"]]);
  });

  it("is not its state while another path is in its place", () => {
    const [peer, pc] = remote();
    peer.usePath(path);
    reports.length = 0;

    pc.connectionState = "failed";
    pc.dispatchEvent(new Event("iceconnectionstatechange"));
    pc.dispatchEvent(new Event("connectionstatechange"));

    expect(states("connection_state")).toEqual([]);
    expect(states("ice_connection_state")).toHaveLength(1);
  });

  it("is its state again when the path is given up", () => {
    const [peer, pc] = remote();
    peer.usePath(path);
    expect(states("connection_state")).toEqual([["bob", "connected"]]);
    reports.length = 0;

    pc.connectionState = "connected";
    peer.usePath(null);

    expect(states("connection_state")).toEqual([["bob", "connected"]]);
  });
});

describe("an offer that a lost path may have swallowed", () => {
  it.each<[string, (peer: RemotePeer) => void]>([
    ["our own path is back", (peer) => peer.update(entry)],
    ["the other's path is back", (peer) => peer.setDisconnected(false)],
  ])("is sent again when %s", async (_, back) => {
    const offers = () => request.mock.calls.filter(([event]) => event === "offer").length;
    const [peer, pc] = remote({ rollback: true });
    await vi.waitFor(() => expect(pc.signalingState).toBe("have-local-offer"));
    // The need of each m-line comes by itself.
    await new Promise((resolve) => setTimeout(resolve));
    const before = offers();
    peer.setDisconnected(true);
    expect(offers()).toBe(before);
    back(peer);
    expect(offers()).toBe(before + 1);
    peer.close();
  });
});
