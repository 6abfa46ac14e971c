// @vitest-environment happy-dom
import { afterEach, expect, it, vi } from "vitest";
import { strategyOf } from "../../src/negotiation/strategy";
import { Room, type RoomOptions } from "../../src/room/room";
import type { Handlers } from "../../src/signaling/transport";

const reportAll = vi.fn();

vi.mock("../../src/room/remote-peer", () => ({
  RemotePeer: class {
    readonly signaling = {};
    reportAll = reportAll;
    close = () => undefined;
    constructor(readonly entry: object) {}
  },
}));

afterEach(() => vi.unstubAllGlobals());

it("is told every state as it begins, and none as it ends", async () => {
  vi.stubGlobal("MediaStream", class {});
  let relay: Handlers | undefined;
  const joined = {
    socketId: "ada",
    resume: "r",
    order: 1,
    participants: [{ socketId: "bob", order: 2 }],
    iceServers: [],
    time: 0,
  };
  const ignore = () => undefined;
  const options = {
    room: "demo",
    name: "Ada",
    session: "s",
    strategy: strategyOf("perfect"),
    access: () => ({
      ways: [
        {
          headStart: 0,
          connect: async (_auth: unknown, handlers: Handlers) => {
            relay = handlers;
            return { path: "direct", request: async () => joined, post: ignore, close: ignore };
          },
        },
      ],
      auth: { token: "t" },
      iceServers: [],
    }),
    onRemoved: ignore,
    onPaused: ignore,
    onPath: ignore,
    onMessage: ignore,
    recording: { use: ignore, announced: ignore, received: ignore, setTracks: ignore, close: ignore },
  };
  const room = new Room(options as unknown as RoomOptions);
  await room.join();

  relay?.event("recording", { recording: "r", name: "Eve", on: false });
  expect(reportAll).not.toHaveBeenCalled();
  relay?.event("recording", { recording: "r", name: "Eve", on: true });
  expect(reportAll).toHaveBeenCalledOnce();
  room.leaveNow();
});
