// @vitest-environment happy-dom
import { describe, expect, it, vi } from "vitest";
import type { Phase } from "../../src/call/types";
import { mount } from "../../src/ui/view";
import { fakeCall, fakeRemote } from "../support/fake-call";
import { all, el, named, one, show, shown, tiles, unmount } from "../support/shown-call";

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

describe("a tab of a call that is in another tab", () => {
  it("says so, and offers to move it", () => {
    const call = show(fakeCall("idle"));
    call.elsewhere.value = true;
    expect(one(".rtcw-lobby").textContent).toContain("The call is in another tab");
    expect(one(".rtcw-lobby").textContent).toContain("Moving it here opens your camera");
    expect(one(".rtcw-lobby").textContent).not.toContain("Joining");
    named("Move it here").click();
    expect(call.asked).toEqual([["join"]]);
    call.phase.value = "left";
    expect(shown(named("Move it here"))).toBe(true);
    call.elsewhere.value = false;
    expect(shown(named("Join again"))).toBe(true);
  });
});

describe("a tab that has left", () => {
  it("offers to join again, but not without the kernel that owns the call", () => {
    const call = show(fakeCall("left"));
    expect(shown(named("Join again"))).toBe(true);
    call.notices.value = [
      { code: "kernel_gone", level: "info", title: "The kernel has ended", text: "Run the cell." },
    ];
    expect(shown(one(".rtcw-join"))).toBe(false);
    call.notices.value = [];
    expect(shown(named("Join again"))).toBe(true);
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
        actions: [{ label: "Try again", run }],
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
    call.notices.value = [{ ...notice, actions: [{ label: "Again", run: first }] }];
    const element = one(".rtcw-notice");
    call.notices.value = [{ ...notice, actions: [{ label: "Again", run: second }] }];
    expect(one(".rtcw-notice")).toBe(element);
    named("Again").click();
    expect(first).not.toHaveBeenCalled();
    expect(second).toHaveBeenCalledOnce();
    call.notices.value = [];
    expect(el.querySelector(".rtcw-notice")).toBeNull();
  });
});

describe("a check of the page", () => {
  it("begins by a click, and ends when it is closed or the call begins", () => {
    const call = show(fakeCall());
    call.phase.value = "failed";
    const opener = named("Check this page");
    opener.click();
    expect(one(".rtcw-findings").firstElementChild?.textContent).toBe("checked");
    opener.click();
    expect(call.asked).toEqual([["examine"], ["examined"]]);
    opener.click();
    call.phase.value = "connecting";
    expect(call.asked.slice(2)).toEqual([["examine"], ["examined"]]);
    expect(shown(one(".rtcw-findings"))).toBe(false);
  });
});

describe("a recording that was just made", () => {
  it("is played below the call, and taken away by a button", () => {
    const call = show(fakeCall("left"));
    expect(shown(named("Close the replay"))).toBe(false);
    call.replay.value = '<p id="replay">replay</p><script type="application/json">{}</script>';
    expect(one("#replay").textContent).toBe("replay");
    expect(one("script[type]").textContent).toBe("{}");
    named("Close the replay").click();
    expect(call.asked).toEqual([["closeReplay"]]);
    call.replay.value = null;
    expect(one("#replay")).toBeNull();
    expect(shown(named("Close the replay"))).toBe(false);
  });
});

describe("the view", () => {
  it("is a named region that keeps notebook shortcuts and menus away", () => {
    const call = show(fakeCall());
    const root = one("[role=region]");
    expect(root.getAttribute("aria-label")).toBe("Video call demo, Ada");
    expect(root.dataset.lmSuppressShortcuts).toBe("true");
    expect(root.hasAttribute("data-jp-suppress-context-menu")).toBe(true);
    call.room.value = "lab";
    // Those of one room on one page differ.
    call.label.value = "Ada (2)";
    expect(root.getAttribute("aria-label")).toBe("Video call lab, Ada (2)");
  });

  it("lets no key event out", () => {
    show(fakeCall("joined", [fakeRemote("Bob")]));
    const heard = vi.fn();
    for (const type of ["keydown", "keyup", "keypress"]) {
      el.addEventListener(type, heard);
      for (const target of [one(".rtcw"), named("Leave"), named("Connection statistics for Bob")]) {
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
    named("Connection statistics for Bob").focus();
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
    const inside = document.createElement("div");
    shadow.attachShadow({ mode: "open" }).append(inside);
    const call = show(fakeCall("idle"), inside);
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
