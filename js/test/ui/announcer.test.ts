// @vitest-environment happy-dom
import { afterEach, describe, expect, it } from "vitest";
import { mount } from "../../src/ui/view";
import { type FakeCall, fakeCall, fakeRemote } from "../support/fake-call";

let el: HTMLElement;
let unmount = () => {};

function show(call: FakeCall): FakeCall {
  el = document.createElement("div");
  unmount = mount(el, call);
  return call;
}

const said = () => [...el.querySelector("[role=status]")!.children].map((line) => line.textContent);

afterEach(() => unmount());

describe("the live region", () => {
  it("is polite, and says nothing about what holds when the view opens", () => {
    show(fakeCall("joined", [fakeRemote("Bob")]));
    expect(el.querySelector("[role=status]")?.getAttribute("aria-live")).toBe("polite");
    expect(said()).toEqual([]);
  });

  it.each([
    [[], "You joined demo. Nobody else is here."],
    [["Bob"], "You joined demo. Bob is here."],
    [["Bob", "Cy"], "You joined demo. Bob and Cy are here."],
    [["Bob", "Cy", "Dan"], "You joined demo. Bob, Cy and Dan are here."],
    [["Bob", "Cy", "Dan", "Eve"], "You joined demo. 4 others are here."],
  ])("says who is there when joining: %j", (names, text) => {
    const call = show(fakeCall("connecting"));
    call.participants.value = names.map((name) => fakeRemote(name));
    call.phase.value = "joined";
    expect(said()).toEqual([text]);
  });

  it("says who is there when joining, and then who comes and goes", () => {
    const [bob, eve] = [fakeRemote("Bob"), fakeRemote("Eve")];
    const call = show(fakeCall("connecting"));
    call.participants.value = [bob];
    call.phase.value = "joined";
    call.participants.value = [bob, eve];
    call.participants.value = [eve];
    expect(said()).toEqual(["You joined demo. Bob is here.", "Eve joined", "Bob left"]);
  });

  it("does not name everybody when oneself leaves", () => {
    const call = show(fakeCall("joined", [fakeRemote("Bob"), fakeRemote("Eve")]));
    call.phase.value = "left";
    call.participants.value = [];
    expect(said()).toEqual(["You left demo"]);
  });

  it("says who turns what on and off", () => {
    const bob = fakeRemote("Bob");
    show(fakeCall("joined", [bob]));
    bob.media.value = { audio: false, video: true, screen: true };
    bob.media.value = { audio: false, video: true, screen: false };
    expect(said()).toEqual([
      "Bob turned the microphone off",
      "Bob started sharing a screen",
      "Bob stopped sharing a screen",
    ]);
  });

  it("says when a connection is in trouble and when it is over it, but not how it first comes up", () => {
    const bob = fakeRemote("Bob");
    bob.connectionState.value = "new";
    show(fakeCall("joined", [bob]));
    for (const state of ["connecting", "connected", "disconnected", "connected"] as const) {
      bob.connectionState.value = state;
    }
    expect(said()).toEqual(["The connection to Bob is interrupted", "Connected to Bob"]);
  });

  it("says that signaling is lost and found", () => {
    const call = show(fakeCall("joined"));
    call.phase.value = "reconnecting";
    call.phase.value = "joined";
    expect(said()).toEqual(["Reconnecting. Audio and video may continue.", "Reconnected"]);
  });

  it("keeps only the last few messages", () => {
    const bob = fakeRemote("Bob");
    show(fakeCall("joined", [bob]));
    for (let turn = 0; turn < 10; turn++) {
      bob.media.value = { audio: turn % 2 === 1, video: true, screen: false };
    }
    expect(said()).toHaveLength(5);
  });
});
