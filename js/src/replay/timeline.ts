/** What holds when, and how a video is brought back to the time: without a clock and without a page. */
import type { Span } from "../protocol/replay";

/** The last of `times` (in order) that is not after `time`; -1 before the first. */
export function indexAt(times: readonly number[], time: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle]! <= time) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Whether `time` is in one of the spans. */
export function within(spans: readonly Span[], time: number): boolean {
  return spans.some(([from, to]) => from <= time && (to === null || time < to));
}

/** Values of which each holds from its time on. */
export class Track<T> {
  readonly times: number[] = [];
  readonly values: T[] = [];

  /** Add what holds from `time` on; times come in order. */
  add(time: number, value: T): void {
    this.times.push(time);
    this.values.push(value);
  }

  /** What holds at `time`, undefined before the first. */
  at(time: number): T | undefined {
    return this.values[indexAt(this.times, time)];
  }

  /** How long it has held, endless before the first. */
  age(time: number): number {
    return time - (this.times[indexAt(this.times, time)] ?? Number.NEGATIVE_INFINITY);
  }
}

/** Tracks by a key, made when first asked for. */
export class Tracks<T> {
  readonly #tracks = new Map<string, Track<T>>();

  of(...key: string[]): Track<T> {
    const name = key.join("\n");
    const track = this.#tracks.get(name) ?? new Track<T>();
    this.#tracks.set(name, track);
    return track;
  }
}

/**
 * The message to go to from `time`, by index; null when there is none that way.
 *
 * Messages of one moment are told apart by the one that is `open` there.
 */
export function step(times: readonly number[], time: number, open: number | null, by: 1 | -1): number | null {
  let next = indexAt(times, time) + 1;
  if (by < 0) {
    do next -= 1;
    while (next >= 0 && times[next]! >= time);
  }
  if (open !== null && times[open] === time) next = open + by;
  return next >= 0 && next < times.length ? next : null;
}

/** Those of `times` that are passed on the way from one time to a later one, by index. */
export function passed(times: readonly number[], from: number, to: number): number[] {
  const found = [];
  for (let index = indexAt(times, from) + 1; index < times.length && times[index]! <= to; index++) {
    found.push(index);
  }
  return found;
}

/** Nearer than this nobody notices, in seconds; what browsers say of a video's time is no more exact. */
const NEAR = 0.03;
/** Farther than this a video is not hurried but set to its time. */
const FAR = 0.08;

/**
 * How fast a video has to play that is `drift` seconds ahead of the time (behind it, below zero).
 *
 * @returns the rate; null when it has to be set to its time
 */
export function rate(drift: number, speed: number): number | null {
  // Four times as fast, the same hitch is four times as far.
  const scale = Math.max(1, speed);
  if (Math.abs(drift) > FAR * scale) return null;
  if (Math.abs(drift) < NEAR * scale) return speed;
  return speed * (drift > 0 ? 0.9 : 1.1);
}
