// @vitest-environment happy-dom
import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CallModel } from "../../src/call/call-model";
import { createCall } from "../../src/call/create-call";
import type { RoomOptions } from "../../src/room/room";
import { fakeRemote } from "../support/fake-call";
import { FakeModel } from "../support/fake-model";

const EVE = fakeRemote("Eve");

let call: CallModel;
let model: FakeModel;
let options: RoomOptions;

// A room that is never reached: these tests say what comes from it.
vi.mock("../../src/room/room", () => ({
  Room: class {
    readonly participants = signal([EVE]);
    constructor(given: RoomOptions) {
      options = given;
    }
    join = () => new Promise(() => undefined);
    leave = () => Promise.resolve();
    leaveNow = () => undefined;
    setLocal = () => undefined;
  },
}));

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("MediaStream", class {});
  model = new FakeModel();
  call = createCall(model);
  const heartbeat = { relay: "http://127.0.0.1:1", local: true, owner: "owner", token: "t", iceServers: [] };
  model.receive({ kind: "heartbeat", to: "*", ...heartbeat });
  call.join();
});

afterEach(() => {
  call.dispose();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it("keeps a flood of messages from the kernel, and says whose it is until it leaves", () => {
  for (let index = 0; index < 20_000; index++) options.onMessage(EVE.id, "x");
  expect(model.sent.filter(({ kind }) => kind === "message").length).toBe(1_000);
  expect(call.notices.value.map(({ title }) => title)).toEqual(["Messages from Eve are dropped"]);
  call.leave();
  expect(call.notices.value).toEqual([]);
});
