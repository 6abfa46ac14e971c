/** Whether the kernel is there: its last heartbeat, and how long ago that came. */
import type { Heartbeat } from "../protocol/comm";
import { TIMES_MS } from "../protocol/limits";

export class KernelPresence {
  #heartbeat: Heartbeat | null = null;
  #since = performance.now();

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

  receive(heartbeat: Heartbeat): void {
    this.#heartbeat = heartbeat;
    this.#since = performance.now();
  }

  /** A heartbeat has been asked for: silence counts from now on. */
  expect(): void {
    this.#since = performance.now();
  }
}
