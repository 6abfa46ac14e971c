/** Straight to the relay by Socket.IO over a WebSocket: to its own address, or through a proxy's path. */
import { Manager } from "socket.io-client";
import type { Proof } from "../protocol/comm";
import { RtcError } from "../protocol/errors";
import { TIMES_MS } from "../protocol/limits";
import { type Ack, PROOF_NAMESPACE } from "../protocol/signaling";
import { refusal, type SignalingTransport, unwrap, type Way } from "./transport";

const RETRY_MS = 200;

/**
 * @param url - where the relay's Socket.IO endpoint is, without `socket.io/`
 * @param query - the room, so that a proxy can send a whole room to one of many relays, and what vouches for this page's origin
 * @param proof - what the relay is to prove before it is sent anything secret
 */
export function direct(
  path: "direct" | "proxy",
  url: string,
  { room, origin }: { room: string; origin?: string | undefined },
  headStart: number,
  proof?: Proof,
): Way {
  return {
    headStart,
    ...(path === "direct" ? { retry: RETRY_MS } : {}),
    connect: (auth, handlers, signal) =>
      new Promise<SignalingTransport>((resolve, reject) => {
        const base = new URL(url);
        const manager = new Manager(base.origin, {
          path: `${base.pathname.replace(/\/$/, "")}/socket.io`,
          query: { room, ...(origin && { origin }) },
          transports: ["websocket"],
          reconnection: false,
          timeout: TIMES_MS.connect,
        });
        const socket = manager.socket("/", {
          auth: async (send: (auth: object) => void) => {
            if (!proof || (await proves(manager, proof, signal))) return send(auth);
            socket.disconnect();
            reject(
              new RtcError("relay_unreachable", `What answers at ${base.host} is not the kernel's relay.`),
            );
          },
        });
        const giveUp = () => {
          socket.disconnect();
          reject(new RtcError("relay_unreachable", "Another way to the relay was faster."));
        };
        signal.addEventListener("abort", giveUp, { once: true });
        socket.on("connect_error", (error: Error & { data?: { code?: string; message?: string } }) => {
          signal.removeEventListener("abort", giveUp);
          socket.disconnect();
          const { code, message } = error.data ?? {};
          reject(
            code && message
              ? refusal({ code, message })
              : new RtcError(
                  "relay_unreachable",
                  `The relay at ${base.host} cannot be reached from this page.`,
                ),
          );
        });
        socket.on("connect", () => {
          signal.removeEventListener("abort", giveUp);
          if (signal.aborted) return giveUp();
          resolve({
            path,
            async request<T>(event: string, payload: object): Promise<T> {
              let ack: Ack<T>;
              try {
                ack = await socket.timeout(TIMES_MS.acknowledge).emitWithAck(event, payload);
              } catch {
                throw new RtcError("timeout", `The relay did not acknowledge ${event}.`);
              }
              return unwrap(ack);
            },
            post: (event, payload) => void socket.emit(event, payload),
            close: () => {
              socket.offAny();
              socket.off("disconnect");
              socket.disconnect();
            },
          });
        });
        socket.on("disconnect", () => handlers.closed());
        socket.onAny(handlers.event);
      }),
  };
}

/** Whether what answers can prove to be the relay that the kernel has named. */
async function proves(manager: Manager, { challenge, answer }: Proof, signal: AbortSignal): Promise<boolean> {
  const socket = manager.socket(PROOF_NAMESPACE);
  const stop = () => void socket.disconnect();
  signal.addEventListener("abort", stop, { once: true });
  try {
    const { proof } = await socket.timeout(TIMES_MS.acknowledge).emitWithAck("prove", challenge);
    return proof === answer;
  } catch {
    return false;
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}
