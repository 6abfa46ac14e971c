// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RecordingData } from "../../src/protocol/replay";
import { mount } from "../../src/replay/view";

const DATA: RecordingData = {
  room: "demo",
  began: 1.7e12,
  seconds: 10,
  ended: "The disk is full.",
  notes: ["Re-encoded."],
  problems: ["<b>Bob</b> was not heard."],
  people: [
    { id: "a", name: "Ada", kind: "browser", here: [[0, null]], declined: false },
    { id: "b", name: "Bob", kind: "python", here: [[1, 8]], declined: false },
    { id: "c", name: "Guest 1", kind: "browser", here: [[0, null]], declined: true },
  ],
  clips: [],
  chapters: [
    { time: 1, title: "Bob joins", kind: "join" },
    { time: 5, title: "Watch this", kind: "mark" },
  ],
  said: [
    { time: 2, from: "a", to: null, text: "<i>Hello</i>" },
    { time: 3, from: "b", to: "a", text: "Hello too" },
  ],
  media: [
    [0, "a", true, true, false],
    [4, "a", false, false, true],
  ],
  away: [
    [6, "b", true],
    [7, "b", false],
  ],
  states: [
    [1, "a", "b", 3, "connecting"],
    [2, "a", "b", 3, "connected"],
  ],
  stats: [[3, "b", "a", 24.6, 512_300, 12.4]],
  diagram: 0,
};

let root: HTMLElement;
let frames: FrameRequestCallback[];

const one = (selector: string) => root.querySelector<HTMLElement>(selector)!;
const labels = () => [...root.querySelectorAll(".rtcw-tile")].map((tile) => tile.getAttribute("aria-label"));
const seek = (time: number) => {
  const input = one(".rtcr-position") as HTMLInputElement;
  input.value = String(time);
  input.dispatchEvent(new Event("input", { bubbles: true }));
};
const press = (key: string, target: HTMLElement = one(".rtcr-position")) => {
  const event = new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  target.dispatchEvent(event);
  return event;
};
const time = () => (one(".rtcr-position") as HTMLInputElement).valueAsNumber;
const pass = (milliseconds: number) => {
  vi.advanceTimersByTime(milliseconds);
  for (const frame of frames.splice(0)) frame(0);
};

/** The same recording with more in it, from the beginning. */
const mountWith = (more: Partial<RecordingData>) => {
  const anew = document.createElement("div");
  root.replaceWith(anew);
  root = anew;
  root.innerHTML = `<script type="application/json" class="rtcr-data"></script>`;
  root.querySelector("script")!.textContent = JSON.stringify({ ...DATA, ...more });
  mount(root);
};
const buttonOf = (label: string) =>
  [...root.querySelectorAll("button")].find(
    (button) => label === (button.getAttribute("aria-label") ?? button.textContent),
  )!;
const said = () => [...one("[role=status]").children].map(({ textContent }) => textContent);

beforeEach(() => {
  localStorage.clear();
  vi.useFakeTimers({ toFake: ["performance", "setInterval", "clearInterval", "setTimeout", "clearTimeout"] });
  frames = [];
  vi.stubGlobal("requestAnimationFrame", (frame: FrameRequestCallback) => frames.push(frame));
  root = document.createElement("div");
  root.innerHTML = `<div class="rtcr-still">still</div><script type="application/json" class="rtcr-data"></script>`;
  root.querySelector("script")!.textContent = JSON.stringify(DATA);
  document.body.append(root);
  mount(root);
});

afterEach(() => {
  root.remove();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

describe("a replay", () => {
  it("says what it is, what became of it and what went wrong, as text", () => {
    expect(root.getAttribute("aria-label")).toMatch(/^Recording of demo, \w+ \d+, \d{4}/);
    expect(one(".rtcr-about").textContent).toContain("0:10 · Ada, Bob and Guest 1");
    expect([...root.querySelectorAll(".rtcw-notice")].map(({ textContent }) => textContent)).toEqual([
      "The disk is full.",
      "<b>Bob</b> was not heard.",
      "Re-encoded.",
    ]);
    expect(one(".rtcr-still").hidden).toBe(true);
    expect(one("b, i")).toBeNull();
  });

  it("shows who is there, and what is off, at that time", () => {
    expect(labels()).toEqual(["Ada", "Guest 1, declined to be recorded"]);
    seek(1.5);
    expect(labels()[0]).toBe("Ada, Bob: connecting…");
    seek(6.5);
    expect(labels()).toEqual([
      "Ada, microphone off, camera off, sharing a screen",
      "Bob, microphone off, camera off, Away",
      "Guest 1, declined to be recorded",
    ]);
    seek(9);
    expect(labels().length).toBe(2);
  });

  it("shows the states, and which have just changed", () => {
    const cells = () => [...root.querySelectorAll<HTMLElement>(".rtcr-states tbody td")];
    expect(cells().map(({ textContent }) => textContent)).toEqual(["–", "–", "–", "–"]);
    seek(2.5);
    expect(cells()[3]!.textContent).toBe("connected");
    expect(cells().map((cell) => cell.hasAttribute("data-new"))).toEqual([false, false, false, true]);
    seek(9);
    expect(cells()[3]!.hasAttribute("data-new")).toBe(false);
  });

  it.each(["constructor", "__proto__", "toString"])("shows a state that is called %s as it is", (state) => {
    root.querySelector("script")!.textContent = JSON.stringify({
      ...DATA,
      states: [[1, "a", "b", 3, state]],
    });
    mount(root);
    seek(2);
    expect(labels()[0]).toBe(`Ada, Bob: ${state}`);
    const cell = [...root.querySelectorAll<HTMLElement>(".rtcr-states tbody td")].at(-1)!;
    expect([cell.textContent, cell.dataset.group]).toEqual([state, ""]);
  });

  it("shows the figures of that time, and none where there are none", () => {
    expect(one(".rtcr-now").hidden).toBe(true);
    seek(4);
    expect(one(".rtcr-now").textContent).toBe("25 fps · 512 kbit/s · 12 ms");
    expect(one(".rtcr-now").title).toBe("What Bob receives from Ada");
  });

  it("shows the messages as they come, and takes them back when it goes back", () => {
    const said = () => [...root.querySelectorAll(".rtcr-text")].map(({ textContent }) => textContent);
    expect(said()).toEqual([]);
    seek(9);
    expect(said()).toEqual(["<i>Hello</i>", "Hello too"]);
    seek(2.5);
    expect(said()).toEqual(["<i>Hello</i>"]);
  });

  it("plays at its speed, and stops at its end", () => {
    one(".rtcr-play").click();
    pass(1000);
    expect(time()).toBeCloseTo(1);
    press(">");
    press(">");
    pass(1000);
    expect(time()).toBeCloseTo(3);
    pass(60_000);
    expect(time()).toBe(10);
    expect(one(".rtcr-play").getAttribute("aria-label")).toBe("Play");
    one(".rtcr-play").click();
    pass(500);
    expect(time()).toBeCloseTo(1);
  });

  it("goes on where nothing is drawn, as in a tab that is not seen", () => {
    one(".rtcr-play").click();
    vi.advanceTimersByTime(2000);
    expect(time()).toBeCloseTo(2);
  });

  it("announces chapters and who comes and goes, and not where it was set to", () => {
    seek(4.9);
    expect(said()).toEqual([]);
    one(".rtcr-play").click();
    pass(4000);
    expect(said()).toEqual(["Watch this", "Bob left"]);
  });

  it("shows captions, says them once and nothing else twice, and hides them for who does not want them", () => {
    const captions =
      "WEBVTT\n\n00:00:06.000 --> 00:00:08.000\nBob <sends.\n\n00:00:08.000 --> 00:00:10.000\nBob leaves.\n";
    mountWith({ captions: captions.replace("<", "&lt;") });
    const lines = () =>
      [...root.querySelectorAll(".rtcr-captions > p")].map(({ textContent }) => textContent);
    const button = buttonOf("Captions");
    seek(4.9);
    expect([one(".rtcr-captions").hidden, lines()]).toEqual([false, []]);
    one(".rtcr-play").click();
    pass(4000);
    expect(lines()).toEqual(["Bob leaves."]);
    // What is marked by hand is in no caption, and who leaves is.
    expect(said().sort()).toEqual(["Bob <sends.", "Bob leaves.", "Watch this"]);
    press("c");
    expect([one(".rtcr-captions").hidden, button.getAttribute("aria-pressed")]).toEqual([true, "false"]);
    button.click();
    expect([one(".rtcr-captions").hidden, button.getAttribute("aria-pressed")]).toEqual([false, "true"]);
  });

  it("has no captions and no button for them where a page has none", () => {
    press("c");
    expect(root.querySelectorAll(".rtcr-captions").length).toBe(0);
    expect(buttonOf("Captions")).toBeUndefined();
  });

  it("repeats the chapter that it is in, and goes on from wherever it is set to", () => {
    buttonOf("Repeat chapter").click();
    seek(4.5);
    one(".rtcr-play").click();
    pass(1000);
    expect(time()).toBeCloseTo(1.5);
    seek(9.5);
    pass(1000);
    expect(time()).toBeCloseTo(5.5);
    expect(one(".rtcr-play").getAttribute("aria-label")).toBe("Pause");
    buttonOf("Repeat chapter").click();
    pass(60_000);
    expect(time()).toBe(10);
  });

  it("begins at the speed that was last chosen", () => {
    press(">");
    mountWith({});
    expect((one(".rtcr-speed") as HTMLSelectElement).value).toBe("1.5");
    one(".rtcr-play").click();
    pass(1000);
    expect(time()).toBeCloseTo(1.5);
  });

  it.each(["17", "constructor", ""])("begins at normal speed where %s is remembered", (value) => {
    localStorage.setItem("rtc_widget.replay.speed", value);
    mountWith({});
    expect((one(".rtcr-speed") as HTMLSelectElement).value).toBe("1");
  });

  it("plays where nothing may be remembered, as in a sandboxed frame", () => {
    vi.stubGlobal("localStorage", {
      get getItem() {
        throw new DOMException("no", "SecurityError");
      },
      get setItem() {
        throw new DOMException("no", "SecurityError");
      },
    });
    mountWith({});
    press(">");
    expect((one(".rtcr-speed") as HTMLSelectElement).value).toBe("1.5");
  });

  it("tells chapters of one second apart", () => {
    const chapters = [0.2, 0.7, 5].map((time) => ({ time, title: "", kind: "mark" }));
    mountWith({ chapters });
    const clocks = () => [...root.querySelectorAll(".rtcr-chapter")].map(({ textContent }) => textContent);
    expect(clocks()).toEqual(["0:00.2", "0:00.7", "0:05.0"]);
  });

  it("has no story to tell where there are no messages, and nothing to download where there is nothing", () => {
    expect(buttonOf("Story time")).toBeUndefined();
    expect([...root.querySelectorAll("summary")].map(({ textContent }) => textContent)).not.toContain(
      "Downloads",
    );
  });

  it("takes keys that are its own and no others", () => {
    const heard: string[] = [];
    const listen = ({ key }: KeyboardEvent) => heard.push(key);
    document.addEventListener("keydown", listen);
    expect(press("ArrowRight").defaultPrevented).toBe(true);
    expect(time()).toBe(5);
    expect(press("q").defaultPrevented).toBe(false);
    const select = one(".rtcr-speed");
    expect(press("End", select).defaultPrevented).toBe(false);
    expect(press("ArrowLeft", one(".rtcr-volume")).defaultPrevented).toBe(false);
    expect(press("ArrowRight", one(".rtcr-wide")).defaultPrevented).toBe(false);
    expect(press(" ", one(".rtcr-play")).defaultPrevented).toBe(false);
    expect(time()).toBe(5);
    press("m");
    expect(one(".rtcr-mute").getAttribute("aria-label")).toBe("Unmute");
    expect(heard).toEqual([]);
    document.removeEventListener("keydown", listen);
  });

  it("begins anew in a page that was saved while it was there", () => {
    seek(6.5);
    const saved = root.cloneNode(true) as HTMLElement;
    root.replaceWith(saved);
    root = saved;
    mount(root);
    for (const name of [".rtcr-about", ".rtcr-seen", ".rtcr-fold", ".rtcr-keys", "[role=status]"]) {
      expect(root.querySelectorAll(name).length, name).toBe(1);
    }
    expect(one(".rtcr-still").textContent).toBe("still");
    expect(time()).toBe(0);
    one(".rtcr-play").click();
    pass(1000);
    expect(time()).toBeCloseTo(1);
  });
});
