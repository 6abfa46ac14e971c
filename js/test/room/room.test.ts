import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { strategyOf } from "../../src/negotiation/strategy";
import type { Caps, RosterEntry, ServerEvent } from "../../src/protocol/signaling";
import { Room } from "../../src/room/room";
import type { RoomRecording } from "../../src/room/types";
import type { Handlers } from "../../src/signaling/transport";
import { FakePeerConnection } from "../support/fake-peer-connection";

const PYTHON: Caps = { rollback: false };
const BROWSER: Caps = { rollback: true, endOfCandidates: true };
const TUTORIAL: Caps = {};

let finish: () => Promise<void> = async () => undefined;
const NO_RECORDING: RoomRecording = {
  use: () => undefined,
  announced: () => undefined,
  received: () => undefined,
  setTracks: () => undefined,
  finish: () => finish(),
  close: () => undefined,
};

let room: Room;
let relay: Handlers;
/** Who is in the room when it is joined. */
let present: object[];
/** The paths that were told, and how many people could be seen then. */
let told: [path: string | null, people: number][];
let posted: [event: string, payload: Record<string, unknown>][];

/** Join a room in which Bob is, who came before us, or after. */
async function meet(caps: Caps, order = 2): Promise<void> {
  const bob: RosterEntry = {
    socketId: "bob",
    order,
    name: "Bob",
    kind: "python",
    media: { audio: false, video: true, screen: false },
    caps,
    session: "s",
    away: false,
  };
  present = [bob];
  room = new Room({
    room: "demo",
    name: "Ada",
    session: "s",
    strategy: strategyOf("perfect"),
    access: () => ({
      ways: [
        {
          headStart: 0,
          connect: async (_auth, handlers) => {
            relay = handlers;
            return {
              path: "direct",
              request: async <T>(event: string, payload: object) => {
                if (event === "clock") return { time: 0 } as T;
                if (event === "join_room") return joined() as T;
                posted.push([event, payload as Record<string, unknown>]);
                return { id: `m${posted.length}` } as T;
              },
              post: (event, payload) => posted.push([event, payload as Record<string, unknown>]),
              close: () => undefined,
            };
          },
        },
      ],
      auth: { token: "t" },
      iceServers: [],
    }),
    onRemoved: () => undefined,
    onPaused: () => undefined,
    onPath: (path) => told.push([path, room.participants.value.length]),
    onMessage: () => undefined,
    recording: NO_RECORDING,
  });
  await room.join();
  await settle();
}

const joined = () => ({ socketId: "ada", resume: "r", order: 1, participants: present, iceServers: [] });

/** Lose the relay, and find another one that lists these. */
async function anotherRelay(participants: object[]) {
  present = participants;
  relay.closed();
  await vi.advanceTimersByTimeAsync(200);
}

const settle = () => vi.advanceTimersByTimeAsync(0);
const say = async (event: ServerEvent, payload: object) => {
  relay.event(event, { from: "bob", roomId: "demo", ...payload });
  await settle();
};
const offer = (certificate: string, ufrag = "u", kinds = OURS) =>
  say("offer", { offer: { type: "offer", sdp: sdp(certificate, ufrag, kinds) } });
const candidate = (ufrag: string) =>
  say("ice_candidate", { candidate: { candidate: `from ${ufrag}`, usernameFragment: ufrag } });
const OURS = ["audio", "video", "application"];
const sdp = (certificate: string, ufrag = "u", kinds = OURS) =>
  `v=0\r\na=fingerprint:sha-256 ${certificate}\r\na=ice-ufrag:${ufrag}\r\n${kinds.map((kind) => `m=${kind} 9\r\n`).join("")}`;
const sent = (event: string) => posted.filter(([name]) => name === event);
const connections = () => FakePeerConnection.all;

beforeEach(() => {
  vi.useFakeTimers();
  connections().length = 0;
  posted = [];
  told = [];
  vi.stubGlobal("RTCPeerConnection", FakePeerConnection);
  vi.stubGlobal("MediaStream", class {});
});

afterEach(() => {
  room.leaveNow();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("servers that the relay renews", () => {
  it("are those of the connections that are made from then on", async () => {
    const used = () => connections().map(({ configurations }) => configurations[0]?.iceServers);
    const renewed = [{ urls: "turn:turn.example.org", username: "u", credential: "new" }];
    await meet(PYTHON);
    await say("ice_servers", { iceServers: renewed });
    connections()[0]!.become("failed");
    expect(used()).toEqual([[], renewed]);
  });
});

describe("a connection that fails", () => {
  it("is made anew with somebody who cannot restart ICE, who is asked for the offer at once", async () => {
    await meet(PYTHON);
    await offer("AA");
    connections()[0]!.become("failed");
    expect(connections().map(({ connectionState }) => connectionState)).toEqual(["closed", "new"]);
    expect(sent("request_offer")).toEqual([["request_offer", { roomId: "demo", to: "bob", session: "s" }]]);
    expect(sent("offer")).toEqual([]);
    await offer("BB");
    expect(connections()).toHaveLength(2);
    expect(connections()[1]?.remoteDescription?.sdp).toContain("BB");
    expect(sent("answer")).toHaveLength(2);
  });

  it("is mended by an ICE restart with everybody else, whose offer it takes", async () => {
    await meet(BROWSER, 0);
    await offer("AA", "first");
    connections()[0]!.become("failed");
    expect(connections()[0]?.restarts).toBe(1);
    await offer("AA", "restarted");
    expect(connections()).toHaveLength(1);
    expect(sent("request_offer")).toEqual([]);
  });
});

describe("an offer of a new connection on the other side", () => {
  it.each([
    ["an aiortc peer's", PYTHON, 2],
    ["a tutorial's client's", TUTORIAL, 0],
    ["of one to whom we had offered first", TUTORIAL, 2],
  ])("is answered by a new one here: %s", async (_whose, caps, order) => {
    await meet(caps, order);
    const before = sent("offer").length;
    for (const pc of connections()) pc.gather();
    await offer("AA");
    expect(connections()).toHaveLength(1);
    await offer("BB");
    expect(connections().map(({ connectionState }) => connectionState)).toEqual(["closed", "new"]);
    expect(connections()[1]?.remoteDescription?.sdp).toContain("BB");
    expect(sent("answer")).toHaveLength(2);
    // The new one waits for what it was made for.
    expect(sent("offer")).toHaveLength(before);
    expect(sent("request_offer")).toEqual([]);
  });

  it("is not there for a message to somebody who never comes, which is reported", async () => {
    await meet(BROWSER);
    room.sendMessage("hello", "nobody");
    await vi.advanceTimersByTimeAsync(6_000);
    const reported = posted
      .filter(([event]) => event === "report")
      .flatMap(([, payload]) => payload.entries as object[]);
    expect(reported).toContainEqual(expect.objectContaining({ type: "error", code: "message_dropped" }));
  });

  it.each([
    ["elsewhere", ["audio", "video", "video", "application"], 0],
    ["nowhere", ["audio", "video"], 0],
    ["where ours has it", OURS, 1],
  ])("that crosses our first one and has the data channel %s", async (_where, kinds, kept) => {
    await meet(BROWSER, 0);
    await vi.advanceTimersByTimeAsync(4_000); // nobody offers
    const before = sent("offer").length;
    expect(before).toBeGreaterThan(0);
    connections()[0]!.gather();
    room.sendMessage("hello", null);
    await offer("AA", "u", kinds);
    expect(connections()).toHaveLength(kept ? 1 : 2);
    expect(connections()[0]?.connectionState).toBe(kept ? "new" : "closed");
    connections().at(-1)?.openChannel();
    expect(connections().at(-1)?.sent).toEqual([]);
    connections().at(-1)?.become("connected");
    expect(connections().at(-1)?.sent).toEqual(kinds.includes("application") ? ["hello"] : []);
    expect(connections().at(-1)?.remoteDescription?.sdp).toContain("AA");
    expect(sent("answer")).toHaveLength(1);
    expect(sent("offer")).toHaveLength(before);
  });

  it("is followed by candidates, which reach the new one here even when all come at once", async () => {
    await meet(PYTHON);
    await offer("AA", "first");
    void offer("BB", "second");
    void candidate("second");
    await settle();
    expect(connections().map(({ candidates }) => candidates.length)).toEqual([0, 1]);
  });

  it("is known before the one before it has been applied", async () => {
    await meet(PYTHON);
    void offer("AA");
    void offer("BB");
    await settle();
    expect(connections()).toHaveLength(2);
    expect(connections()[1]?.remoteDescription?.sdp).toContain("BB");
  });

  it("shows in the participant's own state", async () => {
    await meet(PYTHON);
    await vi.advanceTimersByTimeAsync(100);
    const state = () => room.participants.value[0]?.connectionState.value;
    await offer("AA");
    connections()[0]!.become("connected");
    expect(state()).toBe("connected");
    await offer("BB");
    expect(state()).toBe("new");
    connections()[1]!.become("connected");
    expect(state()).toBe("connected");
  });
});

describe("leaving", () => {
  afterEach(() => {
    finish = async () => undefined;
  });

  it("waits for the end of what was recorded, with connections as they are", async () => {
    await meet(BROWSER);
    let arrived: () => void = () => undefined;
    finish = () =>
      new Promise((resolve) => {
        arrived = resolve;
      });
    void room.leave();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(sent("leave_room")).toEqual([]);
    expect(connections()[0]?.connectionState).toBe("new");
    arrived();
    await settle();
    expect(sent("leave_room")).toEqual([["leave_room", { roomId: "demo" }]]);
    expect(connections()[0]?.connectionState).toBe("closed");
  });

  it("does not wait when the page goes away", async () => {
    await meet(BROWSER);
    finish = () => new Promise(() => undefined);
    void room.leave();
    room.leaveNow();
    expect(sent("leave_room")).toHaveLength(1);
  });

  it("is told of by being removed, and not as if the others had left", async () => {
    await meet(BROWSER);
    const seen: unknown[] = [];
    room.participants.subscribe((now) => void seen.push(now.length));
    await say("removed", { code: "removed", message: "A teacher has removed you." });
    expect(seen).toEqual([1]);
  });

  it("is over when the path is lost meanwhile: nobody comes back to leave", async () => {
    await meet(BROWSER);
    finish = () => new Promise(() => undefined);
    void room.leave();
    relay.closed();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(connections()[0]?.connectionState).toBe("closed");
    expect(posted.filter(([event]) => event === "join_room")).toEqual([]);
  });
});

describe("messages", () => {
  const first = () => connections()[0]!;

  async function connected() {
    await meet(BROWSER, 0);
    await offer("AA");
    first().openChannel();
    first().become("connected");
  }

  it("all arrive in order when several are sent to somebody who has just come", async () => {
    await meet(BROWSER, 0);
    for (const text of ["one", "two", "three"]) room.sendMessage(text, null);
    await offer("AA");
    first().openChannel();
    first().become("connected");
    expect(first().sent).toEqual(["one", "two", "three"]);
  });

  it("wait for somebody of whom only the kernel has heard", async () => {
    await meet(BROWSER);
    for (const text of ["one", "two"]) room.sendMessage(text, "eve");
    await say("user_joined", {
      ...{ socketId: "eve", order: 3, name: "Eve", kind: "browser", media: {}, caps: BROWSER, session: "e" },
      away: false,
    });
    await say("offer", { from: "eve", offer: { type: "offer", sdp: sdp("EE") } });
    const last = connections().at(-1)!;
    last.openChannel();
    last.become("connected");
    expect(last.sent).toEqual(["one", "two"]);
    expect(first().sent).toEqual([]);
  });

  it.each(["disconnected", "failed"] as const)("wait while the connection is %s", async (state) => {
    await connected();
    first().become(state);
    for (const text of ["one", "two"]) room.sendMessage(text, null);
    expect(first().sent).toEqual([]);
    first().become("connected");
    expect(first().sent).toEqual(["one", "two"]);
  });

  it("go over the new connection when one was made meanwhile", async () => {
    await meet(PYTHON);
    await offer("AA");
    first().openChannel();
    first().become("connected");
    first().become("disconnected");
    room.sendMessage("one", null);
    first().become("failed");
    room.sendMessage("two", null);
    await offer("BB");
    const second = connections()[1]!;
    second.openChannel();
    second.become("connected");
    expect([first().sent, second.sent]).toEqual([[], ["one", "two"]]);
  });
});

describe("somebody whom a new relay does not list yet", () => {
  const elsewhere = { order: 2, name: "Bob", kind: "browser", media: {}, caps: BROWSER, away: false };

  it("is gone when they do not come back to it", async () => {
    await meet(BROWSER);
    await anotherRelay([]);
    expect(room.participants.value).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(5_100);
    expect(room.participants.value).toEqual([]);
  });

  it("stays when they have come back and lose their path just then", async () => {
    await meet(BROWSER);
    await anotherRelay([]);
    await say("user_joined", { ...elsewhere, socketId: "bob", session: "s" });
    await vi.advanceTimersByTimeAsync(4_900);
    await say("user_away", { socketId: "bob" });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(room.participants.value).toHaveLength(1);
  });
});

describe("the path to the relay", () => {
  it("is told once those who are there can be seen", async () => {
    await meet(PYTHON);
    await vi.advanceTimersByTimeAsync(200);
    expect(told).toEqual([["direct", 1]]);
  });

  it("is told at once to whoever is alone", async () => {
    await meet(PYTHON);
    await vi.advanceTimersByTimeAsync(200);
    relay.event("user_left", { roomId: "demo", socketId: "bob" });
    await anotherRelay([]);
    expect(told).toEqual([
      ["direct", 1],
      [null, 0],
      ["direct", 0],
    ]);
  });

  it("is not told when it is lost before that", async () => {
    await meet(PYTHON);
    expect(told).toEqual([]);
    relay.closed();
    await vi.advanceTimersByTimeAsync(100);
    expect(told.filter(([path]) => path === null)).toHaveLength(1);
    expect(told[0]).toEqual([null, 0]);
  });
});
