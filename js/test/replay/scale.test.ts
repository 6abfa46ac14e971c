import { describe, expect, it } from "vitest";
import { Clock } from "../../src/replay/clock";
import { EACH, storyTime } from "../../src/replay/scale";

describe("story time", () => {
  it("gives each message as long, however fast they follow each other", () => {
    const story = storyTime([1, 1.001, 1.002, 9], 10);
    expect(story.end).toBe(5 * EACH);
    expect([0, 1, 1.001, 1.002, 9, 10].map(story.place)).toEqual([0, 1, 2, 3, 4, 5].map((n) => n * EACH));
    expect(story.time(0.5 * EACH)).toBeCloseTo(0.5);
    expect(story.time(1.5 * EACH)).toBeCloseTo(1.0005);
    expect(story.time(3.5 * EACH)).toBeCloseTo(5.001);
  });

  it("finds every message again, to the last digit", () => {
    const times = Array.from({ length: 50 }, (_, index) => Math.sqrt(index + 0.1));
    const story = storyTime(times, 8);
    expect(times.map((time) => story.time(story.place(time)))).toEqual(times);
  });

  it("gives messages of one moment theirs together", () => {
    const story = storyTime([2, 2, 2, 4], 6);
    expect(story.place(4) - story.place(2)).toBe(3 * EACH);
    expect(story.end).toBe(5 * EACH);
  });

  it("is as long as its recording where nothing was sent, or only at the edges", () => {
    expect(storyTime([], 10).end).toBe(EACH);
    expect(storyTime([0, 10, 12], 10).time(EACH)).toBe(10);
    expect(storyTime([], 0)).toMatchObject({ end: 0 });
    expect(storyTime([], 0).place(0)).toBe(0);
  });

  it("passes at its own pace, and stays where it is when it begins and ends", () => {
    let now = 0;
    const clock = new Clock(10, () => now);
    clock.time = 1;
    clock.scale = storyTime([1, 1.5, 9], 10);
    expect(clock.time).toBe(1);
    clock.runs = true;
    now += EACH * 1000;
    expect(clock.time).toBeCloseTo(1.5);
    clock.speed = 2;
    now += EACH * 500;
    expect(clock.time).toBeCloseTo(9);
    now += 60_000;
    expect(clock.time).toBe(10);
  });
});
