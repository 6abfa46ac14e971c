/** Finds the best way to the relay: each is tried when those before it failed or had their head start (RFC 8305). */
import { RtcError } from "../protocol";
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
        // Until it is known who wins, nobody's news counts.
        const mine: Handlers = {
          event: (name, payload) => handlers.event(name, payload),
          closed: () => winner === undefined || handlers.closed(),
        };
        way.connect(auth, mine, race.signal).then(
          (transport) => {
            clearTimeout(timer);
            if (winner !== undefined || race.signal.aborted) return transport.close();
            winner = transport;
            resolve(transport);
          },
          (error: unknown) => {
            clearTimeout(timer);
            open -= 1;
            errors.push(error instanceof RtcError ? error : new RtcError("relay_unreachable", String(error)));
            if (winner === undefined && turn === next) tryNext();
            else if (winner === undefined && open === 0 && next >= ways.length) reject(worst(errors));
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
