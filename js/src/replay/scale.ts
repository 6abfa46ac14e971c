import { indexAt } from "./timeline";

/** How long story time gives each message, in seconds. */
export const EACH = 2;

/** How the times of a recording lie on the seek bar. Places begin at 0, and a place passes in a second at normal speed. */
export type Scale = {
  /** The last place. */
  readonly end: number;
  /** Where a time of the recording lies. */
  place(time: number): number;
  /** The time of the recording at a place. */
  time(place: number): number;
};

/** The recording's own time, of `end` seconds. */
export function realTime(end: number): Scale {
  return { end, place: (time) => time, time: (place) => place };
}

/**
 * Story time: however fast the messages follow each other, each has as long until the next, and so has what is before
 * the first. Messages of the very same moment have theirs together.
 */
export function storyTime(messages: readonly number[], end: number): Scale {
  const times = [0];
  const places = [0];
  let count = 0;
  const pass = (time: number) => {
    times.push(time);
    places.push(places.at(-1)! + EACH * Math.max(1, count));
    count = 0;
  };
  for (const time of messages) {
    if (time >= end) break;
    if (time > times.at(-1)!) pass(time);
    count++;
  }
  if (end > times.at(-1)!) pass(end);
  const between = (from: readonly number[], to: readonly number[]) => (value: number) => {
    const index = Math.max(0, indexAt(from, value));
    const [start, next] = [from[index]!, from[index + 1]];
    if (next === undefined) return to[index]!;
    return to[index]! + ((value - start) / (next - start)) * (to[index + 1]! - to[index]!);
  };
  return { end: places.at(-1)!, place: between(times, places), time: between(places, times) };
}
