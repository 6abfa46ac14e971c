/** Where this tab stands in the call, and how it may get from one state to the next. */
import { type ReadonlySignal, signal } from "@preact/signals-core";

/**
 * - `waiting`: no heartbeat of a live kernel has come yet; nothing may open.
 * - `idle`: the kernel is there, this tab has not joined: show a *Join* button.
 * - `connecting`: camera and relay are being opened.
 * - `joined`: in the room.
 * - `reconnecting`: in the room, the signaling path is lost; media goes on.
 * - `left`: was in the room; show a *Join again* button.
 * - `failed`: could not join; `notices` says why and what to do.
 */
export type Phase = "waiting" | "idle" | "connecting" | "joined" | "reconnecting" | "left" | "failed";

/** Each phase with those that may follow it. */
export const TRANSITIONS: { readonly [From in Phase]: readonly Phase[] } = {
  // Straight to connecting where the kernel has said who is meant, before it says with what to join.
  waiting: ["idle", "connecting"],
  idle: ["connecting"],
  // Back to idle where another tab has used the invitation first.
  connecting: ["joined", "idle", "left", "failed"],
  joined: ["reconnecting", "left"],
  reconnecting: ["joined", "left"],
  left: ["connecting"],
  failed: ["connecting"],
};

const ACTIVE: readonly Phase[] = ["connecting", "joined", "reconnecting"];
/** A relay nearby answers sooner than a view is drawn that shows the wait for it. */
const SHOW_CONNECTING_MS = 100;

export class CallState {
  readonly #shown = signal<Phase>("waiting");
  #phase: Phase = "waiting";
  #timer: ReturnType<typeof setTimeout> | undefined;

  get phase(): Phase {
    return this.#phase;
  }

  /** What a view shows: the phase, except that `connecting` shows only when it lasts. */
  get shown(): ReadonlySignal<Phase> {
    return this.#shown;
  }

  /** Whether this tab is in the room, or on its way there. */
  get active(): boolean {
    return ACTIVE.includes(this.#phase);
  }

  /**
   * Enter the next phase.
   *
   * An illegal transition is a mistake of ours: it throws in tests and in development. In the shipped bundle nothing
   * happens, because a call that goes on is worth more to the person than an error in the console.
   */
  enter(next: Phase): void {
    if (!TRANSITIONS[this.#phase].includes(next)) {
      if (process.env.NODE_ENV === "production") return;
      throw new Error(`A call that is ${this.#phase} cannot become ${next}.`);
    }
    this.#phase = next;
    clearTimeout(this.#timer);
    if (next === "connecting") this.#timer = setTimeout(() => this.#show(next), SHOW_CONNECTING_MS);
    else this.#show(next);
  }

  dispose(): void {
    clearTimeout(this.#timer);
  }

  #show(phase: Phase): void {
    this.#shown.value = phase;
  }
}
