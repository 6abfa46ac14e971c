import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { CallState, type Phase, TRANSITIONS } from "../../src/call/call-state";

const PHASES = Object.keys(TRANSITIONS) as Phase[];
/** How each phase is reached from the first one. */
const WAYS: { [To in Phase]: Phase[] } = {
  waiting: [],
  idle: ["idle"],
  connecting: ["idle", "connecting"],
  joined: ["idle", "connecting", "joined"],
  reconnecting: ["idle", "connecting", "joined", "reconnecting"],
  left: ["idle", "connecting", "joined", "left"],
  failed: ["idle", "connecting", "failed"],
};
const LEGAL: { [From in Phase]: string } = {
  waiting: "idle connecting",
  idle: "connecting",
  connecting: "joined idle left failed",
  joined: "reconnecting left",
  reconnecting: "joined left",
  left: "connecting",
  failed: "connecting",
};

function at(phase: Phase): CallState {
  const state = new CallState();
  for (const step of WAYS[phase]) state.enter(step);
  return state;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllEnvs();
});

describe.each(PHASES)("a call that is %s", (from) => {
  it.each(PHASES)("may become %s, or not", (to) => {
    const state = at(from);
    if (LEGAL[from].split(" ").includes(to)) {
      state.enter(to);
      expect(state.phase).toBe(to);
    } else {
      expect(() => state.enter(to)).toThrow(`A call that is ${from} cannot become ${to}.`);
      expect(state.phase).toBe(from);
    }
  });
});

describe("the state of a call", () => {
  it("stays as it is in the shipped bundle where a transition is illegal", () => {
    vi.stubEnv("NODE_ENV", "production");
    const state = at("idle");
    state.enter("joined");
    expect(state.phase).toBe("idle");
    expect(state.shown.value).toBe("idle");
  });

  it("is active in the room and on the way there", () => {
    expect(PHASES.filter((phase) => at(phase).active)).toEqual(["connecting", "joined", "reconnecting"]);
  });

  it("shows that it connects only when that takes a while", () => {
    const state = at("connecting");
    expect([state.phase, state.shown.value]).toEqual(["connecting", "idle"]);
    vi.advanceTimersByTime(100);
    expect(state.shown.value).toBe("connecting");
    const quick = at("connecting");
    quick.enter("joined");
    vi.advanceTimersByTime(100);
    expect(quick.shown.value).toBe("joined");
  });
});
