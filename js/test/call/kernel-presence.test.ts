import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { KernelPresence } from "../../src/call/kernel-presence";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function lookFor(presence: KernelPresence, seconds: number): void {
  for (let second = 0; second < seconds; second++) {
    vi.advanceTimersByTime(1_000);
    presence.look();
  }
}

it("counts how long a kernel is silent", () => {
  const presence = new KernelPresence();
  lookFor(presence, 12);
  expect(presence.silence).toBe(12_000);
});

it("does not count while the page itself was asleep", () => {
  const presence = new KernelPresence();
  lookFor(presence, 12);
  vi.advanceTimersByTime(600_000);
  presence.look();
  expect(presence.silence).toBe(12_000);
  lookFor(presence, 3);
  expect(presence.silence).toBe(15_000);
});
