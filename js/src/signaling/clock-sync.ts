/**
 * How far this page's clock is from the relay's, so that what several participants report can be put in one order
 * (F. Cristian, "Probabilistic clock synchronization", 1989).
 */
import { RtcError } from "../protocol/errors";
import { TIMES_MS } from "../protocol/limits";

/** The relay's clock minus ours, and how far off that may be: half of the request's time. Both in milliseconds. */
export type Offset = { offset: number; error: number };

const REQUESTS = 5;

/** Milliseconds since the epoch, fractional; unlike `Date.now` it never goes back. */
export function now(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Request the time a few times; the quickest answer was delayed least.
 *
 * @param requestTime - returns the relay's time
 */
export async function measureOffset(requestTime: () => Promise<number>): Promise<Offset> {
  let best: Offset = { offset: 0, error: Number.POSITIVE_INFINITY };
  for (let request = 0; request < REQUESTS; request += 1) {
    const began = now();
    const time = await requestTime();
    const error = (now() - began) / 2;
    if (error < best.error) best = { offset: time - began - error, error };
  }
  return best;
}

/**
 * Measure soon, and then now and again; what fails is tried at the next time, unless the relay does not know the
 * request.
 *
 * @returns ends it
 */
export function keepTime(requestTime: () => Promise<number>, onOffset: (offset: Offset) => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let over = false;
  const measure = async () => {
    try {
      const offset = await measureOffset(requestTime);
      if (!over) onOffset(offset);
    } catch (error) {
      if (error instanceof RtcError && error.code === "unknown_event") return;
    }
    if (!over) timer = setTimeout(measure, TIMES_MS.clock_every);
  };
  // A while after joining, so that it takes nothing from the first offers.
  timer = setTimeout(measure, TIMES_MS.clock_first);
  return () => {
    over = true;
    clearTimeout(timer);
  };
}
