// @vitest-environment happy-dom
import { signal } from "@preact/signals-core";
import { describe, expect, it, vi } from "vitest";
import { fakeCall, fakeRemote } from "../support/fake-call";
import { all, el, named, one, show, shown, tiles } from "../support/shown-call";

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

  it("show connection trouble as visible words, and nothing while connected", () => {
    const bob = fakeRemote("Bob");
    show(fakeCall("joined", [bob]));
    const badge = one(".rtcw-link");
    expect(shown(badge)).toBe(false);
    bob.connectionState.value = "disconnected";
    expect(shown(badge)).toBe(true);
    expect(badge.textContent).toBe("Connection interrupted");
    bob.connectionState.value = "connected";
    bob.disconnected.value = true;
    expect(badge.textContent).toBe("Away");
  });

  it("say that the media is in trouble rather than that the signaling path is lost", () => {
    const bob = fakeRemote("Bob");
    bob.disconnected.value = true;
    bob.connectionState.value = "failed";
    show(fakeCall("joined", [bob]));
    expect(one(".rtcw-link").textContent).toBe("Connection failed");
  });

  it("tell equal names apart, also the person's own", () => {
    const [first, second] = [fakeRemote("Ada"), fakeRemote("Ada")];
    second.label = signal("Ada (3)");
    const call = show(fakeCall("joined", [first, second]));
    call.label.value = "Ada (2)";
    expect(all(".rtcw-name").map((name) => name.textContent)).toEqual(["Ada (2) (you)", "Ada", "Ada (3)"]);
    expect(all(".rtcw-initials").map((name) => name.textContent)).toEqual(["A2", "A", "A3"]);
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

  it("mirror what is to be mirrored", () => {
    const call = show(fakeCall("joined"));
    expect(all("video")[0]?.classList.contains("rtcw-mirrored")).toBe(false);
    call.local.mirrored.value = true;
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
    const corner = named("Connection statistics for Bob");
    expect(corner.getAttribute("aria-expanded")).toBe("false");
    corner.click();
    expect(one(".rtcw-stats").textContent).toBe("No statistics yet");
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
      'Nobody else is in demo yet.Run RoomWidget("demo") in another cell, tab or notebook to meet. Its link() invites whoever has no Jupyter.',
    );
    call.participants.value = [fakeRemote("Bob")];
    expect(shown(card)).toBe(false);
  });
});
