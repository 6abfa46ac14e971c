/** Through the kernel: the same events over the widget's comm. It works wherever widgets work and needs no port. */

import type { TunnelFromKernel, TunnelFromPage } from "../protocol/comm";
import { RtcError } from "../protocol/errors";
import { TIMES_MS } from "../protocol/limits";
import type { Ack } from "../protocol/signaling";
import { refusal, type SignalingTransport, unwrap, type Way } from "./transport";

/** The comm, as the tunnel uses it. */
export type TunnelLink = {
  send(message: TunnelFromPage): void;
  onTunnel(receive: ((message: TunnelFromKernel) => void) | null): void;
};

// The kernel may be busy with a cell, and then takes comm messages only afterwards.
const OPEN_MS = 120_000;

export function tunnel(link: TunnelLink): Way {
  return {
    headStart: OPEN_MS,
    connect: (auth, handlers, signal) =>
      new Promise<SignalingTransport>((resolve, reject) => {
        const waiting = new Map<number, (ack: Ack) => void>();
        let lastId = 0;
        const end = () => {
          link.onTunnel(null);
          clearTimeout(timer);
        };
        const giveUp = () => {
          end();
          link.send({ kind: "tunnel", op: "close" });
          reject(new RtcError("relay_unreachable", "The kernel did not open a path to the relay."));
        };
        const timer = setTimeout(giveUp, OPEN_MS);
        signal.addEventListener("abort", giveUp, { once: true });
        const transport: SignalingTransport = {
          path: "tunnel",
          request<T>(event: string, payload: object): Promise<T> {
            lastId += 1;
            const id = lastId;
            link.send({ kind: "tunnel", op: "emit", id, event, payload });
            return new Promise<T>((done, fail) => {
              const late = setTimeout(() => {
                waiting.delete(id);
                fail(
                  new RtcError("timeout", `The relay did not acknowledge ${event}; the kernel may be busy.`),
                );
              }, TIMES_MS.acknowledge);
              waiting.set(id, (ack) => {
                clearTimeout(late);
                waiting.delete(id);
                try {
                  done(unwrap(ack as Ack<T>));
                } catch (error) {
                  fail(error);
                }
              });
            });
          },
          post: (event, payload) => link.send({ kind: "tunnel", op: "emit", id: 0, event, payload }),
          close: () => {
            end();
            link.send({ kind: "tunnel", op: "close" });
          },
        };
        link.onTunnel((message) => {
          if (message.op === "opened") {
            clearTimeout(timer);
            signal.removeEventListener("abort", giveUp);
            resolve(transport);
          } else if (message.op === "refused" && message.error) {
            end();
            reject(refusal(message.error));
          } else if (message.op === "event" && message.event) {
            handlers.event(message.event, message.payload ?? {});
          } else if (message.op === "ack" && message.id !== undefined && message.answer) {
            waiting.get(message.id)?.(message.answer);
          } else if (message.op === "closed") {
            end();
            reject(new RtcError("relay_unreachable", "The kernel's path to the relay was closed."));
            handlers.closed();
          }
        });
        link.send({ kind: "tunnel", op: "open", auth });
      }),
  };
}
