import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { NegotiationClock } from "../../src/signaling/negotiation-clock";

describe("the time of negotiations", () => {
  let clock: NegotiationClock;
  beforeEach(() => {
    vi.useFakeTimers();
    clock = new NegotiationClock();
  });
  afterEach(() => vi.useRealTimers());

  it("stands still during a pause, and goes on with what was left", () => {
    const act = vi.fn();
    clock.later(4_000, act);
    vi.advanceTimersByTime(3_000);
    clock.setPaused(true);
    vi.advanceTimersByTime(60_000);
    expect(act).not.toHaveBeenCalled();
    clock.setPaused(false);
    vi.advanceTimersByTime(999);
    expect(act).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(act).toHaveBeenCalledOnce();
  });

  it("does not begin before a pause ends", () => {
    const act = vi.fn();
    clock.setPaused(true);
    clock.later(100, act);
    clock.whenRunning(act);
    vi.advanceTimersByTime(60_000);
    expect(act).not.toHaveBeenCalled();
    clock.setPaused(false);
    vi.advanceTimersByTime(100);
    expect(act).toHaveBeenCalledTimes(2);
  });

  it("forgets what is cancelled, running or not", () => {
    const act = vi.fn();
    clock.later(100, act)();
    clock.setPaused(true);
    clock.later(100, act)();
    clock.whenRunning(act)();
    clock.setPaused(false);
    vi.advanceTimersByTime(1_000);
    expect(act).not.toHaveBeenCalled();
  });

  it("is now where there is no pause", () => {
    const act = vi.fn();
    clock.whenRunning(act);
    expect(act).toHaveBeenCalledOnce();
  });
});
