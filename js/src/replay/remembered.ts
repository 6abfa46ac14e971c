/** What a browser remembers from one replay to the next. */
const SPEED = "rtc_widget.replay.speed";

/** The speed that was last chosen, where that may be known: a sandboxed frame has no storage, and says so by throwing. */
export function rememberedSpeed(): number | null {
  try {
    return Number(localStorage.getItem(SPEED));
  } catch {
    return null;
  }
}

/** Remember a speed for the next replay. */
export function rememberSpeed(speed: number): void {
  try {
    localStorage.setItem(SPEED, String(speed));
  } catch {
    // Then the next replay begins at normal speed.
  }
}
