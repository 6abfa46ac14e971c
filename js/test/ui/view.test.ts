// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Phase } from "../../src/call/types";
import { mount } from "../../src/ui/view";
import { type FakeCall, fakeCall, fakeRemote, ON } from "../support/fake-call";

let el: HTMLElement;
let unmount: () => void;

function show(call: FakeCall): FakeCall {
  unmount = mount(el, call);
  return call;
}

const one = (selector: string) => el.querySelector<HTMLElement>(selector)!;
const all = (selector: string) => [...el.querySelectorAll<HTMLElement>(selector)];
const tiles = () => all("[role=listitem]").map((tile) => tile.getAttribute("aria-label"));
const named = (name: string) =>
  all("button").find((button) => (button.getAttribute("aria-label") ?? button.textContent) === name)!;
const shown = (element: HTMLElement | null) => element !== null && element.closest("[hidden]") === null;

beforeEach(() => {
  el = document.createElement("div");
  document.body.append(el);
});

afterEach(() => {
  unmount();
  el.remove();
  vi.unstubAllGlobals();
});

describe("tiles", () => {
  it("say name, kind, what is off and how the connection stands", () => {
    const bob = fakeRemote("Bob");
    bob.media.value = { audio: false, video: true, screen: false };
    const call = show(fakeCall("joined", [bob, fakeRemote("kernel", "python")]));
    expect(tiles()).toEqual(["Ada (you)", "Bob, microphone off, connected", "kernel, Python, connected"]);

    call.local.media.value = { audio: false, video: false, screen: true };
    bob.connectionState.value = "failed";
    expect(tiles().slice(0, 2)).toEqual([
      "Ada (you), microphone off, camera off, sharing a screen",
      "Bob, microphone off, connection failed",
    ]);
  });

  it("show names as text, never as markup", () => {
    const name = "<img src=x onerror=alert(1)>";
    const call = show(fakeCall("joined", [fakeRemote(name)]));
    call.room.value = "<b>room</b>";
    call.notices.value = [{ code: "x", level: "error", title: "<i>title</i>", text: "<u>text</u>" }];
    expect(el.querySelector("img, b, i, u")).toBeNull();
    expect(all(".rtcw-name").at(1)?.textContent).toBe(name);
  });

  it("follow a rename", () => {
    const bob = fakeRemote("Bob");
    show(fakeCall("joined", [bob]));
    bob.name.value = "Robert Tables";
    expect(tiles()).toContain("Robert Tables, connected");
    expect(all(".rtcw-initials").at(1)?.textContent).toBe("RT");
  });

  it("of a participant without a name say Guest", () => {
    show(fakeCall("joined", [fakeRemote("")]));
    expect(tiles()).toContain("Guest, connected");
  });

  it("show connection trouble as visible words, and nothing while connected", () => {
    const bob = fakeRemote("Bob");
    show(fakeCall("joined", [bob]));
    const badge = one(".rtcw-link");
    expect(shown(badge)).toBe(false);
    bob.connectionState.value = "disconnected";
    expect(shown(badge)).toBe(true);
    expect(badge.textContent).toBe("Connection interrupted");
    bob.connectionState.value = "connected";
    bob.away.value = true;
    expect(badge.textContent).toBe("Away");
  });

  it("say that the media is in trouble rather than that the signaling path is lost", () => {
    const bob = fakeRemote("Bob");
    bob.away.value = true;
    bob.connectionState.value = "failed";
    show(fakeCall("joined", [bob]));
    expect(one(".rtcw-link").textContent).toBe("Connection failed");
  });

  it("keep their video element when somebody joins, leaves or changes", () => {
    const [bob, eve] = [fakeRemote("Bob"), fakeRemote("Eve")];
    const call = show(fakeCall("joined", [bob, eve]));
    const videos = all("video");
    call.participants.value = [fakeRemote("Zoe"), eve];
    eve.media.value = { audio: false, video: false, screen: false };
    eve.connectionState.value = "connecting";
    call.local.media.value = { audio: false, video: true, screen: false };
    expect(all("video")[0]).toBe(videos[0]);
    expect(all("video")[2]).toBe(videos[2]);
  });

  it("show the camera only while it is on, muted, and without sound of their own", () => {
    const bob = fakeRemote("Bob");
    bob.stream.value = new MediaStream();
    show(fakeCall("joined", [bob]));
    const video = all("video")[1] as HTMLVideoElement;
    expect(video.srcObject).toBe(bob.stream.value);
    expect(video.muted).toBe(true);
    expect(shown(video)).toBe(true);
    bob.media.value = { audio: true, video: false, screen: false };
    expect(video.srcObject).toBeNull();
    expect(shown(video)).toBe(false);
  });

  it("play again when the browser paused the video", () => {
    const bob = fakeRemote("Bob");
    bob.stream.value = new MediaStream();
    show(fakeCall("joined", [bob]));
    const video = all("video")[1] as HTMLVideoElement;
    const play = vi.spyOn(video, "play").mockRejectedValue(new DOMException("interrupted", "AbortError"));
    video.dispatchEvent(new Event("pause"));
    expect(play).toHaveBeenCalledOnce();
  });

  it("mirror a camera but not a pattern", () => {
    const call = show(fakeCall("joined"));
    expect(all("video")[0]?.classList.contains("rtcw-mirrored")).toBe(false);
    call.local.camera.value = "front";
    expect(all("video")[0]?.classList.contains("rtcw-mirrored")).toBe(true);
  });

  it("show a shared screen in a list of its own, and the own one among the people", () => {
    const bob = fakeRemote("Bob");
    const call = show(fakeCall("joined", [bob]));
    const [screens, people] = all("[role=list]") as [HTMLElement, HTMLElement];
    expect(shown(screens)).toBe(false);
    bob.screen.value = new MediaStream();
    call.local.screen.value = new MediaStream();
    expect(shown(screens)).toBe(true);
    expect(screens.children[0]?.getAttribute("aria-label")).toBe("Bob's screen, connected");
    expect(people.children[1]?.getAttribute("aria-label")).toBe("Your shared screen");
    bob.screen.value = null;
    expect(shown(screens)).toBe(false);
  });

  it("show the connection's figures on demand, and close them on Escape", () => {
    const bob = fakeRemote("Bob");
    show(fakeCall("joined", [bob]));
    const corner = named("Connection figures of Bob");
    expect(corner.getAttribute("aria-expanded")).toBe("false");
    corner.click();
    expect(one(".rtcw-stats").textContent).toBe("No figures yet");
    bob.stats.value = {
      bitrate: 1_234_567,
      fps: 29.7,
      width: 1280,
      height: 720,
      loss: 0.0042,
      rtt: 42.3,
      sent_bitrate: 0,
      jitter: null,
      frames_dropped: 0,
      freeze_count: null,
    };
    expect(all(".rtcw-stats dd").map((figure) => figure.textContent)).toEqual([
      "1.2 Mbit/s",
      "30 fps",
      "1280 × 720",
      "0.4 %",
      "42 ms",
    ]);
    corner.dispatchEvent(new KeyboardEvent("keydown", { key: "Escape", bubbles: true }));
    expect(corner.getAttribute("aria-expanded")).toBe("false");
    expect(shown(one(".rtcw-stats"))).toBe(false);
  });
});

describe("being alone", () => {
  it("is explained with the code that brings somebody in", () => {
    const call = show(fakeCall("joined"));
    const card = one(".rtcw-card");
    expect(card.textContent).toBe(
      'You are the only one in demo.Run RoomWidget("demo") in another cell, tab or notebook to meet.',
    );
    call.participants.value = [fakeRemote("Bob")];
    expect(shown(card)).toBe(false);
  });
});

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
    expect(microphone.title).toBe("Available as soon as you have joined");
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
    expect(all(".rtcw-buttons > button, .rtcw-buttons .rtcw-devices").map((b) => b.textContent)).toEqual([
      "Microphone",
      "Camera",
      "Share screen",
      "Camera and microphone",
      "Signaling diagram",
      "Record",
      "Leave",
    ]);
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
    call.silenced.value = true;
    expect(shown(hear)).toBe(true);
    hear.click();
    expect(call.asked).toEqual([["hear"]]);
  });
});

describe("a check of the page", () => {
  it("begins by a click, and ends when it is closed or the call begins", () => {
    const call = show(fakeCall());
    call.phase.value = "failed";
    const opener = named("Check this page");
    opener.click();
    expect(one(".rtcw-findings").textContent).toBe("checked");
    opener.click();
    expect(call.asked).toEqual([["examine"], ["examined"]]);
    opener.click();
    call.phase.value = "connecting";
    expect(call.asked.slice(2)).toEqual([["examine"], ["examined"]]);
    expect(shown(one(".rtcw-findings"))).toBe(false);
  });
});

describe("phases", () => {
  const screens: [Phase, string, string | null][] = [
    ["waiting", "Waiting for the kernel", null],
    ["idle", "Join the call in demo", "Join"],
    ["left", "You left demo", "Join again"],
    ["failed", "Could not join demo", "Try again"],
  ];
  it.each(screens)("%s shows '%s' and the button %s", (phase, title, label) => {
    const call = show(fakeCall(phase));
    expect(one(".rtcw-title").textContent).toBe(title);
    expect(shown(one(".rtcw-stage"))).toBe(false);
    expect(shown(one(".rtcw-bar"))).toBe(false);
    const join = one(".rtcw-join");
    expect(shown(join)).toBe(label !== null);
    if (label === null) return;
    expect(join.textContent).toBe(label);
    join.click();
    expect(call.asked).toEqual([["join"]]);
  });

  it.each(["connecting", "joined", "reconnecting"] as const)(
    "%s shows the stage and the controls",
    (phase) => {
      show(fakeCall(phase));
      expect(shown(one(".rtcw-lobby"))).toBe(false);
      expect(shown(one(".rtcw-stage"))).toBe(true);
      expect(shown(named("Leave"))).toBe(true);
    },
  );

  it("idle says what joining will open", () => {
    const call = show(fakeCall("idle"));
    expect(one(".rtcw-lobby").textContent).toContain("opens your camera and microphone in this tab");
    call.local.wanted.value = { audio: true, video: false, screen: false };
    expect(one(".rtcw-lobby").textContent).toContain("opens your microphone in this tab");
    call.local.wanted.value = { audio: false, video: false, screen: false };
    expect(one(".rtcw-lobby").textContent).toContain("opens neither camera nor microphone");
  });
});

describe("notices", () => {
  it("carry an action, and errors interrupt", () => {
    const run = vi.fn();
    const call = show(fakeCall());
    call.notices.value = [
      {
        code: "permission_denied",
        level: "error",
        title: "Blocked",
        text: "Allow it.",
        action: { label: "Try again", run },
      },
      { code: "busy_kernel", level: "warning", title: "Busy", text: "Wait." },
    ];
    const [error, warning] = all(".rtcw-notice") as [HTMLElement, HTMLElement];
    expect(error.getAttribute("role")).toBe("alert");
    expect(warning.hasAttribute("role")).toBe(false);
    expect(one("[role=status]").textContent).toContain("Busy. Wait.");
    named("Try again").click();
    expect(run).toHaveBeenCalledOnce();
  });

  it("that say the same keep their element and run the newest action", () => {
    const [first, second] = [vi.fn(), vi.fn()];
    const notice = { code: "x", level: "error", title: "Blocked", text: "Allow it." } as const;
    const call = show(fakeCall());
    call.notices.value = [{ ...notice, action: { label: "Again", run: first } }];
    const element = one(".rtcw-notice");
    call.notices.value = [{ ...notice, action: { label: "Again", run: second } }];
    expect(one(".rtcw-notice")).toBe(element);
    named("Again").click();
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledOnce();
    call.notices.value = [];
    expect(el.querySelector(".rtcw-notice")).toBeNull();
  });
});

describe("the view", () => {
  it("is a named region that keeps notebook shortcuts and menus away", () => {
    const call = show(fakeCall());
    const root = one("[role=region]");
    expect(root.getAttribute("aria-label")).toBe("Video call demo");
    expect(root.dataset.lmSuppressShortcuts).toBe("true");
    expect(root.hasAttribute("data-jp-suppress-context-menu")).toBe(true);
    call.room.value = "lab";
    expect(root.getAttribute("aria-label")).toBe("Video call lab");
  });

  it("lets no key event out", () => {
    show(fakeCall("joined", [fakeRemote("Bob")]));
    const heard = vi.fn();
    for (const type of ["keydown", "keyup", "keypress"]) {
      el.addEventListener(type, heard);
      for (const target of [one(".rtcw"), named("Leave"), named("Connection figures of Bob")]) {
        target.dispatchEvent(new KeyboardEvent(type, { key: "d", bubbles: true, composed: true }));
      }
    }
    expect(heard).not.toHaveBeenCalled();
  });

  it("keeps the focus when what had it goes away", () => {
    const call = show(fakeCall("idle"));
    one(".rtcw-join").focus();
    call.phase.value = "joined";
    expect(document.activeElement).toBe(one(".rtcw"));
    call.participants.value = [fakeRemote("Bob")];
    named("Connection figures of Bob").focus();
    call.participants.value = [];
    expect(document.activeElement).toBe(one(".rtcw"));
  });

  it("does not take the focus from elsewhere", () => {
    const outside = document.createElement("button");
    document.body.append(outside);
    outside.focus();
    const call = show(fakeCall("idle"));
    call.phase.value = "joined";
    expect(document.activeElement).toBe(outside);
    outside.remove();
  });

  it("works in a shadow root", () => {
    const shadow = document.createElement("div");
    document.body.append(shadow);
    el = document.createElement("div");
    shadow.attachShadow({ mode: "open" }).append(el);
    const call = show(fakeCall("idle"));
    one(".rtcw-join").click();
    call.phase.value = "joined";
    expect(tiles()).toEqual(["Ada (you)"]);
    shadow.remove();
  });

  it("may exist several times for one call", () => {
    const call = show(fakeCall());
    const second = document.createElement("div");
    const end = mount(second, call);
    call.participants.value = [fakeRemote("Bob")];
    end();
    expect(second.childElementCount).toBe(0);
    expect(tiles()).toEqual(["Ada (you)", "Bob, connected"]);
  });

  it("leaves nothing behind: no element, no stream, no effect", () => {
    const bob = fakeRemote("Bob");
    bob.stream.value = new MediaStream();
    const call = show(fakeCall("joined", [bob]));
    const [video, tile] = [all("video")[1] as HTMLVideoElement, all("[role=listitem]")[1]!];
    unmount();
    unmount();
    expect(el.childElementCount).toBe(0);
    expect(video.srcObject).toBeNull();
    const label = tile.getAttribute("aria-label");
    bob.name.value = "Robert";
    call.participants.value = [];
    call.phase.value = "left";
    expect(tile.getAttribute("aria-label")).toBe(label);
  });
});
