import { TIMES_MS } from "../protocol/limits";

/**
 * How long to wait before an attempt to connect again: a little longer each time, and not the same for everybody who
 * lost the same relay.
 *
 * @param attempt - 0 for the first
 */
export function backoff(attempt: number): number {
  const pause = Math.min(TIMES_MS.retry_first * 2 ** attempt, TIMES_MS.retry_last);
  return pause * (0.5 + Math.random());
}
