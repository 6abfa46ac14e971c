/** Keeps a phone's screen on as long as a call goes on: a phone that locks takes its camera away. */
export class WakeLock {
  #lock: WakeLockSentinel | null = null;
  #wanted = false;

  constructor() {
    // The browser releases it whenever the page is hidden.
    document.addEventListener("visibilitychange", () => void this.#take());
  }

  hold(on: boolean): void {
    this.#wanted = on;
    if (on) void this.#take();
    else void this.#release();
  }

  async #take(): Promise<void> {
    const { wakeLock } = navigator as Partial<Navigator>;
    if (!this.#wanted || !wakeLock || document.visibilityState !== "visible") return;
    // Refused where the battery is low: the call goes on all the same.
    const lock = await wakeLock.request("screen").catch(() => null);
    await this.#release();
    this.#lock = lock;
    if (!this.#wanted) await this.#release();
  }

  async #release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = null;
    await lock?.release().catch(() => undefined);
  }
}
