/** Through the kernel: the same events over the widget's comm. It works wherever widgets work and needs no port. */

import type { ErrorInfo } from "../protocol/errors";
import { RtcError } from "../protocol/errors";
import type { Ack, ServerEvent } from "../protocol/signaling";
import { ACK_MS, refusal, type SignalingTransport, unwrap, type Way } from "./transport";

/** A message of the kernel's end of the tunnel. */
export type TunnelMessage = {
  op: "opened" | "refused" | "event" | "ack" | "closed";
  error?: ErrorInfo;
  event?: ServerEvent;
  payload?: Record<string, unknown>;
  id?: number;
  answer?: Ack;
};

/** The comm, as the tunnel uses it. */
export type TunnelLink = {
  sendTunnel(content: { op: "open" | "emit" | "close"; [field: string]: unknown }): void;
  onTunnel(receive: ((message: TunnelMessage) => void) | null): void;
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
          link.sendTunnel({ op: "close" });
          reject(new RtcError("relay_unreachable", "The kernel did not open a path to the relay."));
        };
        const timer = setTimeout(giveUp, OPEN_MS);
        signal.addEventListener("abort", giveUp, { once: true });
        const transport: SignalingTransport = {
          path: "tunnel",
          request<T>(event: string, payload: object): Promise<T> {
            lastId += 1;
            const id = lastId;
            link.sendTunnel({ op: "emit", id, event, payload });
            return new Promise<T>((done, fail) => {
              const late = setTimeout(() => {
                waiting.delete(id);
                fail(
                  new RtcError("timeout", `The relay did not acknowledge ${event}; the kernel may be busy.`),
                );
              }, ACK_MS);
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
          post: (event, payload) => link.sendTunnel({ op: "emit", id: 0, event, payload }),
          close: () => {
            end();
            link.sendTunnel({ op: "close" });
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
        link.sendTunnel({ op: "open", auth });
      }),
  };
}
