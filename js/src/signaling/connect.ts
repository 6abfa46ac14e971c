/** Finds the best way to the relay: each is tried when those before it failed or had their head start (RFC 8305). */
import { RtcError } from "../protocol/errors";
import type { Auth, Handlers, SignalingTransport, Way } from "./transport";

/**
 * @returns the first way that connects; the others are given up
 * @throws RtcError - the relay's refusal if one refused, else `relay_unreachable`
 */
export async function connect(
  ways: readonly Way[],
  auth: Auth,
  handlers: Handlers,
  signal: AbortSignal,
): Promise<SignalingTransport> {
  const race = new AbortController();
  const stop = () => race.abort();
  signal.addEventListener("abort", stop, { once: true });
  const errors: RtcError[] = [];
  let winner: SignalingTransport | undefined;
  try {
    return await new Promise<SignalingTransport>((resolve, reject) => {
      let next = 0;
      let open = 0;
      const tryNext = () => {
        const way = ways[next];
        if (way === undefined || race.signal.aborted) {
          if (open === 0) reject(worst(errors));
          return;
        }
        next += 1;
        open += 1;
        const turn = next;
        const timer = setTimeout(() => turn === next && tryNext(), way.headStart);
        attempt(way, () => {
          clearTimeout(timer);
          open -= 1;
          if (turn === next) tryNext();
          else if (open === 0 && next >= ways.length) reject(worst(errors));
        });
      };
      const attempt = (way: Way, failed: () => void) => {
        // Until one has won, no event counts.
        const mine: Handlers = {
          event: handlers.event,
          closed: () => winner === undefined || handlers.closed(),
        };
        way.connect(auth, mine, race.signal).then(
          (transport) => {
            if (winner !== undefined || race.signal.aborted) return transport.close();
            winner = transport;
            resolve(transport);
          },
          (error: unknown) => {
            if (winner !== undefined || race.signal.aborted) return;
            const reason =
              error instanceof RtcError ? error : new RtcError("relay_unreachable", String(error));
            errors.push(reason);
            // A relay that was lost is being started anew: it answers here before the slower ways have failed.
            if (way.retry && reason.code === "relay_unreachable") {
              setTimeout(() => race.signal.aborted || attempt(way, () => undefined), way.retry);
            }
            failed();
          },
        );
      };
      race.signal.addEventListener("abort", () => reject(worst(errors)), { once: true });
      tryNext();
    });
  } finally {
    signal.removeEventListener("abort", stop);
    race.abort();
  }
}

function worst(errors: readonly RtcError[]): RtcError {
  return (
    errors.find((error) => error.code !== "relay_unreachable") ??
    errors.at(-1) ??
    new RtcError("relay_unreachable", "No way to the relay is known.")
  );
}
