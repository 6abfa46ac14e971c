// @vitest-environment happy-dom
import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { remember } from "../../src/call/reload-memory";
import { JoinCall } from "../../src/join/join-call";
import { RtcError } from "../../src/protocol/errors";
import type { RoomOptions } from "../../src/room/room";
import type { Auth, Way } from "../../src/signaling/transport";
import { fakeTransport } from "../support/fake-transport";

/** What the relay was shown by who only looked, and why it refuses them, if it does. */
let shown: Auth[];
let refusal: string | null;
/** The rooms that were entered, with what proves who returns. */
let entered: [RoomOptions, string | undefined][];
/** What joining comes to. */
let joining: () => Promise<void>;
let call: JoinCall;

vi.mock("../../src/signaling/direct", () => ({
  direct: (): Way => ({
    headStart: 0,
    connect: async (auth) => {
      shown.push(auth);
      if (refusal) throw new RtcError(refusal, "");
      return fakeTransport("direct");
    },
  }),
}));
vi.mock("../../src/room/room", () => ({
  Room: class {
    readonly participants = signal([]);
    readonly labels = signal(new Map());
    readonly id = "me";
    readonly resumeToken = "proof";
    readonly #options: RoomOptions;
    constructor(options: RoomOptions) {
      this.#options = options;
    }
    join(resume?: string): Promise<void> {
      entered.push([this.#options, resume]);
      return joining().then(() => this.#options.onPath("direct"));
    }
    leave = () => Promise.resolve();
    leaveNow = () => undefined;
    setLocal = () => undefined;
    report = () => undefined;
  },
}));

const soon = () => vi.advanceTimersByTimeAsync(0);

async function open(token: string | null): Promise<void> {
  call = new JoinCall({ room: "demo", token });
  call.start();
  await soon();
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("MediaStream", class {});
  [shown, refusal, entered, joining] = [[], null, [], async () => undefined];
});

afterEach(() => {
  call.leave();
  sessionStorage.clear();
  localStorage.clear();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("says that a link is not complete, and asks no relay", async () => {
  await open(null);
  expect(call.outcome.value?.code).toBe("no_link");
  expect(shown).toEqual([]);
});

it.each(["token_used", "token_expired", "bad_token", "relay_unreachable"])(
  "says before anybody joins that it cannot: %s",
  async (code) => {
    refusal = code;
    await open("link");
    expect(shown).toEqual([{ token: "link", newcomer: true }]);
    expect(call.outcome.value?.code).toBe(code);
    expect(entered).toEqual([]);
  },
);

it("stays in the lobby for what may have passed when the person joins", async () => {
  refusal = "rate_limited";
  await open("link");
  expect([call.outcome.value, call.phase.value]).toEqual([null, "idle"]);
});

it("joins by the link, under the name that was given, and keeps that for the next time", async () => {
  await open("link");
  call.name.value = " Bob ";
  call.join();
  await soon();
  expect(call.phase.value).toBe("joined");
  expect(entered.map(([{ room, name }, resume]) => [room, name, resume])).toEqual([
    ["demo", "Bob", undefined],
  ]);
  expect(entered[0]?.[0].access().auth).toEqual({ token: "proof" });
  expect(new JoinCall({ room: "demo", token: "link" }).name.value).toBe("Bob");
});

it("comes back after a reload as who it was, without looking first", async () => {
  remember("join:demo", { resume: "place", on: { audio: false, video: true }, declined: [] });
  await open("link");
  expect(shown).toEqual([]);
  expect(entered.map(([, resume]) => resume)).toEqual(["place"]);
});

it("goes back to the lobby for another name, and joins with that", async () => {
  await open("link");
  joining = () => Promise.reject(new RtcError("bad_name", "no"));
  call.join();
  await soon();
  expect(call.outcome.value?.code).toBe("bad_name");
  call.again();
  expect(call.outcome.value).toBe(null);
  joining = async () => undefined;
  call.name.value = "Bob";
  call.join();
  await soon();
  expect([call.phase.value, entered.at(-1)?.[0].name]).toEqual(["joined", "Bob"]);
});

it("lets who has left come back as the same participant after a reload, where the link admits nobody else", async () => {
  await open("link");
  call.join();
  await soon();
  call.leave();
  await soon();

  await open("link");
  expect(shown.at(-1)).toEqual({ token: "proof", newcomer: true });
  call.join();
  await soon();
  expect(entered.at(-1)?.[1]).toBe("proof");
  // A duplicated tab does not take the call over.
  await open("link");
  expect(shown.at(-1)).toEqual({ token: "link", newcomer: true });
});

it("asks by the link where the relay no longer knows who has left", async () => {
  await open("link");
  call.join();
  await soon();
  call.leave();
  await soon();
  refusal = "bad_token";
  await open("link");
  expect(shown.slice(-2)).toEqual([
    { token: "proof", newcomer: true },
    { token: "link", newcomer: true },
  ]);
});

it("says that the person has left, and joins once more when asked to", async () => {
  await open("link");
  call.join();
  await soon();
  call.leave();
  await soon();
  expect(call.outcome.value?.code).toBe("left");
  call.again();
  await soon();
  expect(call.phase.value).toBe("joined");
});
