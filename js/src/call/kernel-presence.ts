/** Whether the kernel is there: its last heartbeat, and how long ago that came. */
import type { Heartbeat } from "../protocol/comm";
import { TIMES_MS } from "../protocol/limits";

/** Between two looks at a page that runs; with longer ones nobody could have been heard, as on a laptop that was asleep. */
const ASLEEP_MS = 5_000;

export class KernelPresence {
  #heartbeat: Heartbeat | null = null;
  #since = performance.now();
  #looked = performance.now();

  /** The last heartbeat, null before the first. */
  get heartbeat(): Heartbeat | null {
    return this.#heartbeat;
  }

  /** Whether a heartbeat has come lately enough to join with what it says. */
  get isPresent(): boolean {
    return this.#heartbeat !== null && this.silence < TIMES_MS.kernel_absent;
  }

  /** Milliseconds since the last heartbeat, or since one was asked for. */
  get silence(): number {
    return performance.now() - this.#since;
  }

  /** Look at the time, once a second: the kernel is not silent for as long as this page was not awake to hear it. */
  look(): void {
    const now = performance.now();
    const asleep = now - this.#looked;
    this.#looked = now;
    if (asleep > ASLEEP_MS) this.#since = Math.min(now, this.#since + asleep);
  }

  receive(heartbeat: Heartbeat): void {
    this.#heartbeat = heartbeat;
    this.#since = performance.now();
  }

  /** A heartbeat has been asked for: silence counts from now on. */
  expect(): void {
    this.#since = performance.now();
  }
}
