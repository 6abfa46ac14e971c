import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RtcError } from "../../src/protocol/errors";
import { TIMES_MS } from "../../src/protocol/limits";
import type { Joined } from "../../src/protocol/signaling";
import { backoff } from "../../src/signaling/backoff";
import { ReconnectingConnection } from "../../src/signaling/reconnecting-connection";
import type { Handlers, Way } from "../../src/signaling/transport";

const JOINED: Joined = { socketId: "ada", resume: "r", order: 1, participants: [], iceServers: [] };

/** The paths that were opened, the last one being the present one. */
let paths: Handlers[];
/** What the relay answers to joining, one for each attempt; then it accepts. */
let answers: (() => Promise<Joined>)[];
let log: string[];
let connection: ReconnectingConnection;

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, "random").mockReturnValue(0.5);
  [paths, answers, log] = [[], [], []];
  const way: Way = {
    headStart: 0,
    connect: async (_auth, handlers) => {
      paths.push(handlers);
      return {
        path: "direct",
        request: async <T>(event: string) => {
          if (event !== "join_room") return { id: "m1" } as T;
          return (await (answers.shift() ?? (async () => JOINED))()) as T;
        },
        post: (event) => log.push(`post ${event}`),
        close: () => undefined,
      };
    },
  };
  connection = new ReconnectingConnection({
    access: () => ({ ways: [way], auth: { token: "t" } }),
    enter: "join_room",
    entering: () => ({}),
    entered: () => log.push("joined"),
    event: (name) => log.push(name),
    lost: () => log.push("lost"),
    refused: ({ code }) => log.push(`refused ${code}`),
  });
});

afterEach(() => {
  connection.close();
  vi.restoreAllMocks();
  vi.useRealTimers();
});

const refuse = (code: string) => () => Promise.reject(new RtcError(code, ""));

describe("a connection to the relay", () => {
  it("delivers events that overtake the acknowledgement of joining after it", async () => {
    answers.push(async () => {
      paths[0]?.event("user_joined", {});
      return JOINED;
    });
    await connection.open();
    expect(log).toEqual(["joined", "user_joined"]);
  });

  it("rejects with the relay's refusal", async () => {
    answers.push(refuse("room_full"));
    await expect(connection.open()).rejects.toMatchObject({ code: "room_full" });
    expect(log).toEqual([]);
  });

  it("rejects at once where the path is lost while joining", async () => {
    answers.push(() => new Promise(() => undefined));
    const opening = connection.open();
    opening.catch(() => undefined);
    await vi.advanceTimersByTimeAsync(0);
    paths[0]?.closed();
    await expect(opening).rejects.toMatchObject({ code: "relay_unreachable" });
    expect(log).toEqual([]);
  });

  it("is made again when it is lost, until that succeeds", async () => {
    await connection.open();
    answers.push(refuse("relay_failed"), refuse("room_full"));
    paths[0]?.closed();
    expect(log).toEqual(["joined", "lost"]);
    expect(connection.post("report", {})).toBe(false);
    await expect(connection.request("offer", {})).rejects.toMatchObject({ code: "relay_unreachable" });
    await vi.advanceTimersByTimeAsync(50 + 100 + 200);
    expect(log.slice(2)).toEqual(["joined"]);
    expect(connection.post("report", {})).toBe(true);
  });

  it.each(["bad_token", "token_expired", "taken_over", "kernel_gone"])(
    "is given up where it is refused with %s",
    async (code) => {
      await connection.open();
      answers.push(refuse(code));
      paths[0]?.closed();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(log).toEqual(["joined", "lost", `refused ${code}`]);
      expect(paths).toHaveLength(2);
    },
  );

  it("is not made again once it is closed", async () => {
    await connection.open();
    paths[0]?.closed();
    connection.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(paths).toHaveLength(1);
  });
});

describe("the pause before an attempt", () => {
  it("doubles up to the longest", () => {
    expect([0, 1, 2, 3, 4, 5, 6, 20].map(backoff)).toEqual([50, 100, 200, 400, 800, 1_500, 1_500, 1_500]);
  });

  it.each([
    [0, 0.5],
    [1, 1.5],
  ])("is spread, so that not everybody comes back in the same moment", (random, factor) => {
    vi.spyOn(Math, "random").mockReturnValue(random);
    expect(backoff(0)).toBe(TIMES_MS.retry_first * factor);
  });
});
