import { describe, expect, it } from "vitest";
import { Clock } from "../../src/replay/clock";
import { indexAt, passed, rate, step, Track, within } from "../../src/replay/timeline";

describe("what holds at a time", () => {
  it("is what came last", () => {
    const track = new Track<string>();
    track.add(1, "new");
    track.add(2, "connecting");
    track.add(2, "connected");
    expect([0.9, 1, 1.9, 2, 9].map((time) => track.at(time))).toEqual([
      undefined,
      "new",
      "new",
      "connected",
      "connected",
    ]);
    expect(track.age(2.5)).toBe(0.5);
    expect(track.age(0)).toBe(Number.POSITIVE_INFINITY);
  });

  it("is found among many", () => {
    const times = Array.from({ length: 1000 }, (_, index) => index * 2);
    expect(times.every((time, index) => indexAt(times, time) === index)).toBe(true);
    expect(times.every((time, index) => indexAt(times, time + 1) === index)).toBe(true);
    expect(indexAt(times, -1)).toBe(-1);
    expect(indexAt([], 5)).toBe(-1);
  });

  it("is there from the first moment of a span to before its last", () => {
    const spans = [
      [0, 1],
      [2, null],
    ] as const;
    expect([0, 0.9, 1, 1.5, 2, 900].map((time) => within(spans, time))).toEqual([
      true,
      true,
      false,
      false,
      true,
      true,
    ]);
  });

  it("has been passed once, in order", () => {
    const times = [0, 1, 1, 2];
    expect(passed(times, 0, 1)).toEqual([1, 2]);
    expect(passed(times, 1, 5)).toEqual([3]);
    expect(passed(times, 2, 0)).toEqual([]);
  });
});

describe("the next message", () => {
  const times = [1, 2, 2, 3];

  it("is the first after this moment, and the one before the last before it", () => {
    expect(step(times, 0, null, 1)).toBe(0);
    expect(step(times, 1.5, null, 1)).toBe(1);
    expect(step(times, 1.5, null, -1)).toBe(0);
    expect(step(times, 2, null, -1)).toBe(0);
    expect(step(times, 9, null, -1)).toBe(3);
  });

  it("may have been sent at the same moment", () => {
    expect(step(times, 2, 1, 1)).toBe(2);
    expect(step(times, 2, 2, 1)).toBe(3);
    expect(step(times, 2, 2, -1)).toBe(1);
    expect(step(times, 2, 1, -1)).toBe(0);
  });

  it("is none at the ends", () => {
    expect(step(times, 3, 3, 1)).toBeNull();
    expect(step(times, 3, null, 1)).toBeNull();
    expect(step(times, 1, 0, -1)).toBeNull();
    expect(step(times, 0.5, null, -1)).toBeNull();
    expect(step([], 1, null, 1)).toBeNull();
  });

  it("is no longer next to one that was open at another time", () => {
    expect(step(times, 2.5, 0, 1)).toBe(3);
  });
});

describe("a video that is not where the replay is", () => {
  it("is left alone when nobody notices", () => {
    expect(rate(0.01, 1)).toBe(1);
    expect(rate(-0.01, 2)).toBe(2);
  });

  it("is hurried or held back a little", () => {
    expect(rate(-0.05, 1)).toBeCloseTo(1.1);
    expect(rate(0.05, 1)).toBeCloseTo(0.9);
    expect(rate(0.1, 2)).toBeCloseTo(1.8);
  });

  it("is set to its time when that would take long", () => {
    expect(rate(0.1, 1)).toBeNull();
    expect(rate(-3, 1)).toBeNull();
    expect(rate(-0.1, 0.25)).toBeNull();
  });
});

describe("the clock", () => {
  it("goes as fast as it should, stops where it should, and can be set while it runs", () => {
    let now = 1000;
    const clock = new Clock(10, () => now);
    now += 500;
    expect(clock.time).toBe(0);
    clock.runs = true;
    now += 500;
    expect(clock.time).toBe(0.5);
    clock.speed = 2;
    now += 500;
    expect(clock.time).toBe(1.5);
    clock.time = 4;
    now += 500;
    expect(clock.time).toBe(5);
    clock.runs = false;
    now += 500;
    expect(clock.time).toBe(5);
    clock.runs = true;
    now += 60_000;
    expect(clock.time).toBe(10);
    clock.time = -3;
    expect(clock.time).toBe(0);
  });
});
