// @vitest-environment happy-dom
import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { CallModel } from "../../src/call/call-model";
import { createCall } from "../../src/call/create-call";
import type { RoomOptions } from "../../src/room/room";
import { fakeRemote } from "../support/fake-call";
import { FakeModel } from "../support/fake-model";

const EVE = fakeRemote("Eve");
const ME = "the tab's";
const labels = signal(new Map<string, string>());

let call: CallModel;
let model: FakeModel;
let options: RoomOptions;

const reported = vi.fn();

// A room whose joining never ends: these tests say what comes from it.
vi.mock("../../src/room/room", () => ({
  Room: class {
    readonly participants = signal([EVE]);
    readonly id = ME;
    readonly labels = labels;
    report = reported;
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
  labels.value = new Map([[EVE.id, "Eve"]]);
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

it("says once to whom an earlier one's name was given what the others see, and no longer when that one has left", () => {
  const titles = () => call.notices.value.map(({ title }) => title);
  const name = call.local.name.value;
  labels.value = new Map([[ME, name]]);
  expect(titles()).toEqual([]);

  labels.value = new Map([[ME, `${name} (2)`]]);
  expect(titles()).toEqual([`The others see you as ${name} (2)`]);
  labels.value = new Map([[ME, name]]);
  expect(titles()).toEqual([]);

  labels.value = new Map([[ME, `${name} (2)`]]);
  call.notices.value[0]?.actions?.[0]?.run?.();
  labels.value = new Map([[ME, `${name} (3)`]]);
  expect(titles()).toEqual([]);
});

it("says which of two of one name records, and by the name alone where whoever records is in no call", () => {
  labels.value = new Map([[EVE.id, "Eve (2)"]]);
  options.recording.announced({ recording: "r1", name: "Eve", by: EVE.id }, true);
  options.recording.announced({ recording: "r2", name: "Eve" }, true);
  expect(call.notices.value.map(({ title }) => title)).toEqual([
    "Eve (2) records this call",
    "Eve records this call",
  ]);
});

it("tells the room that its page gives it no camera, and asks the kernel for a page that does", async () => {
  const refused = () => Promise.reject(new DOMException("no", "NotAllowedError"));
  vi.stubGlobal("navigator", {
    mediaDevices: { getUserMedia: refused, enumerateDevices: () => Promise.resolve([]) },
  });
  vi.stubGlobal("document", Object.assign(document, { featurePolicy: { allowsFeature: () => false } }));
  call.setVideo(true);
  await vi.waitFor(() => expect(reported).toHaveBeenCalled());
  expect(reported.mock.calls[0]?.[0]).toMatchObject({ type: "error", code: "blocked_by_page" });
  expect(model.sent.map(({ kind }) => kind)).toContain("join_page");

  const url = "https://127.0.0.1:1/join#token";
  model.receive({ kind: "join_page", to: "*", url });
  expect(call.notices.value[0]?.actions?.map(({ href }) => href)).toEqual([undefined, url]);
});
