/**
 * How much of a track may be under way over a path that says when something has come, and how much that path carries.
 * The twin of `rtc_widget/media/send_rate.py`. It keeps no queue: what may not be sent now is not sent at all, and the next
 * frame is a newer one. Times are milliseconds of one monotonic clock.
 */

/** How much longer than the fastest answers of late the oldest message may have been under way. */
const PATIENCE = 250;
const MOST_USUAL = 400;
const PERIOD = 1_000;
const FASTEST_PERIODS = 30;
const DOWN = 0.7;
const UP = 1.2;
const SHARE = 0.85;
const CALM_PERIODS = 3;
const MOST_PENDING = 64;

type Pending = { number: number; at: number; size: number };

export class SendRate {
  bitrate: number;
  roundTrip: number | null = null;
  readonly #least: number;
  readonly #most: number;
  readonly #pending: Pending[] = [];
  readonly #fastest: number[] = [];
  #fastestNow: number | null = null;
  #began: number | null = null;
  #arrived = 0;
  #sent = 0;
  #skipped = 0;
  #calm = 0;

  /** Bits per second to begin with, and between which the rate stays. */
  constructor(start: number, least: number, most: number) {
    this.bitrate = start;
    this.#least = least;
    this.#most = most;
  }

  /** Whether there is room for one more message; counts when there was none. */
  maySend(now: number): boolean {
    this.#turn(now);
    const [oldest] = this.#pending;
    if (!oldest) return true;
    if (this.#pending.length < MOST_PENDING && now - oldest.at < this.#usual() + PATIENCE) return true;
    this.#skipped += 1;
    return false;
  }

  sent(number: number, size: number, now: number): void {
    this.#pending.push({ number, at: now, size });
    this.#sent += 1;
  }

  /** A message has come, and with it all before it. */
  acknowledged(number: number, now: number): void {
    while (this.#pending[0] && this.#pending[0].number <= number) {
      const { at, size } = this.#pending.shift()!;
      this.#arrived += size;
      this.roundTrip = now - at;
    }
    if (this.roundTrip !== null)
      this.#fastestNow = Math.min(this.roundTrip, this.#fastestNow ?? this.roundTrip);
    this.#turn(now);
  }

  #usual(): number {
    const known = [...this.#fastest, ...(this.#fastestNow === null ? [] : [this.#fastestNow])];
    // Where a queue has grown the fastest answer is a late one, too.
    return known.length ? Math.min(...known, MOST_USUAL) : PATIENCE;
  }

  /** Once a second, set the rate by how the last one went. */
  #turn(now: number): void {
    this.#began ??= now;
    const elapsed = now - this.#began;
    if (elapsed < PERIOD) return;
    const carried = (this.#arrived * 8_000) / elapsed;
    if (this.#skipped * 10 > this.#sent + this.#skipped) {
      this.#calm = 0;
      const lower = Math.min(Math.trunc(this.bitrate * DOWN), Math.trunc(carried * SHARE));
      this.bitrate = Math.max(this.#least, lower);
    } else if (this.#sent) {
      this.#calm += 1;
      if (this.#calm >= CALM_PERIODS) {
        this.#calm = 0;
        this.bitrate = Math.min(this.#most, Math.trunc(this.bitrate * UP));
      }
    }
    if (this.#fastestNow !== null) this.#fastest.push(this.#fastestNow);
    if (this.#fastest.length > FASTEST_PERIODS) this.#fastest.shift();
    this.#fastestNow = null;
    this.#began = now;
    this.#arrived = this.#sent = this.#skipped = 0;
  }
}

/** How much smaller pictures have to be for a rate: below 0.03 bits for each pixel VP8 shows little but blocks. */
export function scaleFor(width: number, height: number, bitrate: number): number {
  return [1, 0.75, 0.5].find((scale) => bitrate >= 0.03 * 15 * width * height * scale * scale) ?? 1 / 3;
}
