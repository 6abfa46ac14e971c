import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Knock } from "../../src/join/knock";
import { RtcError } from "../../src/protocol/errors";
import { TIMES_MS } from "../../src/protocol/limits";
import type { Knocked } from "../../src/protocol/signaling";
import type { Auth, Handlers, Way } from "../../src/signaling/transport";

/** The paths that were opened, the last one being the present one, and with what. */
let paths: Handlers[];
let shown: Auth[];
let log: unknown[];
/** What the relay answers to knocking, one for each attempt; then: wait. */
let answers: (() => Promise<Knocked>)[];
/** Why the relay cannot be reached, while it cannot. */
let unreachable: string | null;
let knock: Knock;

beforeEach(() => {
  vi.useFakeTimers();
  [paths, shown, log, answers, unreachable] = [[], [], [], [], null];
});

afterEach(() => {
  knock.close();
  vi.useRealTimers();
});

function begin(returns = false): Promise<unknown> {
  const way: Way = {
    headStart: 0,
    connect: async (auth, handlers) => {
      shown.push(auth);
      if (unreachable) throw new RtcError(unreachable, "");
      paths.push(handlers);
      return {
        path: "direct",
        request: async <T>(event: string, payload: object) => {
          log.push([event, payload]);
          return (await (answers.shift() ?? (async () => ({ waiting: true, resume: "place" })))()) as T;
        },
        post: (event) => log.push(event),
        close: () => log.push("closed"),
      };
    },
  };
  knock = new Knock({
    room: "demo",
    name: "Bob",
    token: returns ? "place" : "link",
    returns,
    ways: () => [way],
    admitted: (resume) => log.push(["admitted", resume]),
    refused: ({ code }) => log.push(["refused", code]),
  });
  return vi.advanceTimersByTimeAsync(0);
}

const said = (resume?: string) => [
  "knock",
  { roomId: "demo", name: "Bob", kind: "browser", ...(resume && { resume }) },
];

it("knocks with the link's token, and keeps its place for a reload", async () => {
  await begin();
  expect(shown).toEqual([{ token: "link" }]);
  expect(log).toEqual([said()]);
  expect(knock.place).toBe("place");
  knock.close();
  expect(log).toEqual([said(), "closed"]);
});

it("comes back to its place after a reload, also when the link has expired", async () => {
  await begin(true);
  expect(shown).toEqual([{ token: "place" }]);
  expect(log).toEqual([said("place")]);
});

it("looks for its place after a reload until the relay is there again", async () => {
  unreachable = "relay_unreachable";
  await begin(true);
  expect(knock.reached.value).toBe(false);
  unreachable = null;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(knock.reached.value).toBe(true);
  expect(log).toEqual([said("place")]);
});

it("hands over what lets it in, once, and waits no longer", async () => {
  await begin();
  paths[0]?.event("admitted", { resume: "in" });
  await vi.advanceTimersByTimeAsync(TIMES_MS.waiting * 2);
  expect(log).toEqual([said(), "closed", ["admitted", "in"]]);
  expect(knock.place).toBeNull();
});

it("comes in where somebody has let it in meanwhile", async () => {
  answers = [async () => ({ waiting: false, resume: "in" })];
  await begin(true);
  expect(log.at(-1)).toEqual(["admitted", "in"]);
});

it.each(["not_admitted", "nobody_answered", "token_revoked"])("says when it is over: %s", async (code) => {
  await begin();
  paths[0]?.event("removed", { code, message: "" });
  await vi.advanceTimersByTimeAsync(TIMES_MS.waiting * 2);
  expect(log).toEqual([said(), "closed", ["refused", code]]);
});

it("tells the relay when it is no longer wanted", async () => {
  await begin();
  knock.withdraw();
  paths[0]?.closed();
  await vi.advanceTimersByTimeAsync(TIMES_MS.waiting * 2);
  expect(log).toEqual([said(), "withdraw_knock", "closed"]);
});

it("looks for another path to its place when one is lost, and says that none is there", async () => {
  await begin();
  unreachable = "relay_unreachable";
  paths[0]?.closed();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(knock.reached.value).toBe(false);
  expect(shown.length).toBeGreaterThan(3);
  unreachable = null;
  await vi.advanceTimersByTimeAsync(5_000);
  expect(knock.reached.value).toBe(true);
  expect(paths).toHaveLength(2);
  expect(log.at(-1)).toEqual(said("place"));
});

it("does not look for the same path twice where the acknowledgement is lost as well", async () => {
  await begin();
  answers = [
    () => {
      paths.at(-1)?.closed();
      return Promise.reject(new RtcError("timeout", ""));
    },
  ];
  paths[0]?.closed();
  await vi.advanceTimersByTimeAsync(10_000);
  expect(paths).toHaveLength(3);
});

it.each(["token_revoked", "not_admitted"])("is told that it need not come back: %s", async (code) => {
  await begin();
  unreachable = code;
  paths[0]?.closed();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(log.at(-1)).toEqual(["refused", code]);
  expect(shown).toHaveLength(2);
});

it.each(["relay_unreachable", "waiting_full", "rate_limited"])(
  "is told at once where it gets no place: %s",
  async (code) => {
    answers = [() => Promise.reject(new RtcError(code, ""))];
    await begin();
    expect(log).toEqual([said(), "closed", ["refused", code]]);
  },
);

it("is told after ten minutes where nobody else says so, because the relay is gone", async () => {
  await begin();
  unreachable = "relay_unreachable";
  paths[0]?.closed();
  await vi.advanceTimersByTimeAsync(TIMES_MS.waiting - 1_000);
  expect(log).toEqual([said()]);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(log.at(-1)).toEqual(["refused", "nobody_answered"]);
});
