/**
 * The time of a room's negotiations, which stands still while its signaling is paused.
 *
 * The twin of `rtc_widget/signaling/negotiation_clock.py`. As in a debugger, whoever reads and steps may take as long as
 * they like: nothing is sent again, asked for or given up meanwhile.
 */
type Timer = { left: number; since: number; id: ReturnType<typeof setTimeout> | undefined; act: () => void };

export class NegotiationClock {
  #paused = false;
  readonly #timers = new Set<Timer>();

  /**
   * Let something happen after a time, in milliseconds, that does not count pauses.
   *
   * @returns what cancels it
   */
  later(ms: number, act: () => void): () => void {
    const timer: Timer = { left: ms, since: 0, id: undefined, act };
    this.#timers.add(timer);
    if (!this.#paused) this.#run(timer);
    return () => {
      clearTimeout(timer.id);
      this.#timers.delete(timer);
    };
  }

  /**
   * Let something happen now, or when a pause ends.
   *
   * @returns what cancels it
   */
  whenRunning(act: () => void): () => void {
    if (this.#paused) return this.later(0, act);
    act();
    return () => undefined;
  }

  /** Stop while the room's signaling is paused, and go on. */
  setPaused(paused: boolean): void {
    if (paused === this.#paused) return;
    this.#paused = paused;
    for (const timer of this.#timers) {
      if (!paused) this.#run(timer);
      else {
        clearTimeout(timer.id);
        timer.left -= performance.now() - timer.since;
      }
    }
  }

  #run(timer: Timer): void {
    timer.since = performance.now();
    timer.id = setTimeout(() => {
      this.#timers.delete(timer);
      timer.act();
    }, timer.left);
  }
}
