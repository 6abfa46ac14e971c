// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Point, pathOf, remember } from "../../src/ui/sparkline";
import { mount } from "../../src/ui/view";
import { fakeCall, fakeRemote } from "../support/fake-call";

const STATS = {
  bitrate: 0,
  fps: 0,
  width: 640,
  height: 360,
  loss: 0,
  rtt: 1,
  sent_bitrate: 0,
  jitter: null,
  frames_dropped: 0,
  freeze_count: null,
};

describe("a sparkline", () => {
  it("remembers one minute, however long the call", () => {
    let points: readonly Point[] = [];
    for (let at = 0; at < 7200; at++) points = remember(points, { at, value: at });
    expect(points).toHaveLength(60);
    expect(points[0]?.at).toBe(7140);
  });

  it("ends at the right edge and reaches from zero to the top", () => {
    expect(
      pathOf([
        { at: 0, value: 0 },
        { at: 2, value: 10 },
        { at: 4, value: 5 },
      ]),
    ).toBe("M55.1 13.0h0L57.1 1.0L59.0 7.0");
  });

  it("has a hole where nothing was measured", () => {
    const path = pathOf([0, 1, 20, 21].map((at) => ({ at, value: 1 })));
    expect(path.match(/M/g)).toHaveLength(2);
  });

  it("draws nothing, a point and a flat zero without falling over", () => {
    expect(pathOf([])).toBe("");
    expect(pathOf([{ at: 3, value: 0 }])).toBe("M59.0 13.0h0");
  });
});

describe("the figures of a connection", () => {
  let el: HTMLElement;
  let unmount: () => void;
  beforeEach(() => {
    vi.useFakeTimers();
    el = document.createElement("div");
    document.body.append(el);
  });
  afterEach(() => {
    unmount();
    el.remove();
    vi.useRealTimers();
  });

  it("were gathered before they are opened, and are said in words", () => {
    const bob = fakeRemote("Bob");
    unmount = mount(el, fakeCall("joined", [bob]));
    for (const bitrate of [800_000, 1_300_000, 1_000_000]) {
      bob.stats.value = { ...STATS, bitrate, fps: 30 };
      vi.advanceTimersByTime(1000);
    }
    el.querySelector<HTMLElement>(".rtcw-corner")!.click();
    const sparks = [...el.querySelectorAll(".rtcw-spark")];
    expect(sparks.map((spark) => spark.getAttribute("aria-label"))).toEqual([
      "between 800 kbit/s and 1.3 Mbit/s in the last minute",
      "30 fps throughout the last minute",
    ]);
    expect(sparks[0]?.querySelector("path")?.getAttribute("d")).toMatch(/^M\S+ \S+h0L\S+ \S+L\S+ \S+$/);
  });

  it("say in a sentence what each of them is, under a pointer that does not move", () => {
    const bob = fakeRemote("Bob");
    unmount = mount(el, fakeCall("joined", [bob]));
    bob.stats.value = STATS;
    el.querySelector<HTMLElement>(".rtcw-corner")!.click();
    const rows = [...el.querySelectorAll<HTMLElement>(".rtcw-stats dl > div")];
    expect(rows).toHaveLength(5);
    for (const row of rows) expect(row.title).toMatch(/^[A-Z].*\.$/);
    bob.stats.value = { ...STATS, bitrate: 5000 };
    expect([...el.querySelectorAll(".rtcw-stats dl > div")]).toEqual(rows);
    bob.stats.value = null;
    expect(el.querySelector(".rtcw-stats")?.textContent).toBe("No statistics yet");
  });
});
