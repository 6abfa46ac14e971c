// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import { fakeCall, fakeRemote, ON } from "../support/fake-call";
import { all, named, one, show, shown } from "../support/shown-call";

describe("controls", () => {
  it("tell by aria-pressed what is on, and ask the call for the opposite", () => {
    vi.stubGlobal("navigator", { mediaDevices: { getDisplayMedia() {} } });
    const call = show(fakeCall());
    expect(named("Microphone").getAttribute("aria-pressed")).toBe("true");
    expect(named("Share screen").getAttribute("aria-pressed")).toBe("false");
    named("Microphone").click();
    named("Camera").click();
    named("Share screen").click();
    expect(call.asked).toEqual([
      ["setAudio", false],
      ["setVideo", false],
      ["setScreen", true],
    ]);
    call.local.media.value = { ...ON, audio: false };
    expect(named("Microphone").getAttribute("aria-pressed")).toBe("false");
    expect(named("Microphone").title).toBe("Turn the microphone on");
  });

  it("that cannot work yet say why and do nothing, but keep the focus", () => {
    const call = show(fakeCall("connecting"));
    const microphone = named("Microphone");
    microphone.focus();
    microphone.click();
    expect(call.asked).toEqual([]);
    expect(microphone.getAttribute("aria-disabled")).toBe("true");
    expect(microphone.title).toBe("Available once you have joined");
    expect(document.activeElement).toBe(microphone);
  });

  it("do not offer a screen where the browser cannot share one", () => {
    vi.stubGlobal("navigator", {});
    const call = show(fakeCall());
    named("Share screen").click();
    expect(call.asked).toEqual([]);
    expect(named("Share screen").title).toBe("This browser cannot share a screen");
  });

  it("are plain buttons, the way out last", () => {
    show(fakeCall("joined", [fakeRemote("Bob")]));
    for (const button of all("button")) expect(button.getAttribute("type")).toBe("button");
    expect(all(".rtcw-buttons button").map((b) => b.textContent)).toEqual([
      "Microphone",
      "Camera",
      "More",
      "Share screen",
      "Camera and microphone",
      "Signaling",
      "Record",
      "Leave",
    ]);
  });

  it("are in a menu where there is no room, which Escape closes", () => {
    show(fakeCall());
    const more = named("More");
    expect(more.getAttribute("aria-expanded")).toBe("false");
    more.click();
    expect(more.getAttribute("aria-expanded")).toBe("true");
    named("Record").focus();
    named("Record").dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(more.getAttribute("aria-expanded")).toBe("false");
    expect(document.activeElement).toBe(more);
  });

  it("stay in their menu when Escape closes what one of them has opened", () => {
    const call = fakeCall();
    call.local.devices.value = { cameras: [{ id: "a", label: "Front" }], microphones: [] };
    show(call);
    named("More").click();
    named("Camera and microphone").click();
    all("select")[0]?.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(named("Camera and microphone").getAttribute("aria-expanded")).toBe("false");
    expect(named("More").getAttribute("aria-expanded")).toBe("true");
  });

  it("let a device be chosen", () => {
    const call = fakeCall();
    call.local.devices.value = {
      cameras: [
        { id: "a", label: "Front" },
        { id: "b", label: "" },
      ],
      microphones: [{ id: "m", label: "Desk" }],
    };
    call.local.camera.value = "a";
    show(call);
    const opener = named("Camera and microphone");
    opener.click();
    expect(document.activeElement).toBe(all("select")[0]);
    const [cameras, microphones] = all("select") as [HTMLSelectElement, HTMLSelectElement];
    expect([...cameras.options].map((option) => option.textContent)).toEqual(["Front", "Camera 2"]);
    expect(cameras.value).toBe("a");
    expect(microphones.options[0]?.textContent).toBe("Not in use");
    cameras.value = "b";
    cameras.dispatchEvent(new Event("change"));
    microphones.value = "m";
    microphones.dispatchEvent(new Event("change"));
    expect(call.asked).toEqual([
      ["useCamera", "b"],
      ["useMicrophone", "m"],
    ]);
    cameras.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(opener.getAttribute("aria-expanded")).toBe("false");
    expect(document.activeElement).toBe(opener);
  });

  it("close the choice of devices when the focus goes elsewhere", () => {
    const call = fakeCall();
    call.local.devices.value = { cameras: [{ id: "a", label: "Front" }], microphones: [] };
    show(call);
    named("Camera and microphone").click();
    named("Leave").focus();
    expect(shown(one(".rtcw-popover"))).toBe(false);
  });

  it("offer to hear the others only while the browser blocks sound", () => {
    const call = show(fakeCall());
    const hear = named("Click to hear the others");
    expect(shown(hear)).toBe(false);
    call.audioBlocked.value = true;
    expect(shown(hear)).toBe(true);
    hear.click();
    expect(call.asked).toEqual([["unblockAudio"]]);
  });
});
