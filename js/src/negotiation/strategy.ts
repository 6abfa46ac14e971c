/** Ways to negotiate: the one that works, and the one that the tutorials have, to compare it with. */
import type { Waiting } from "./candidate";
import { NaiveNegotiation } from "./naive";
import { Negotiation, type NegotiationOptions, type Signal } from "./perfect";

/** One side's part in the negotiation of one connection. */
export interface Negotiator {
  /** Take what the other side said. Never rejects. */
  receive(message: Signal): Promise<void>;
  /** Offer because the other side asked for it. */
  offer(): void;
  /** Say again what may have been lost with a signaling path. */
  resend(): void;
  close(): void;
}

export type Strategy = {
  negotiate(pc: RTCPeerConnection, options: NegotiationOptions): Negotiator;
  /** Whether offers may cross, so that a connection can help itself: offer when nobody does, restart ICE when it fails. */
  settles: boolean;
};

/** @param name - "naive" for the tutorials' way; anything else is perfect negotiation */
export function strategyOf(name: unknown): Strategy {
  if (name !== "naive") {
    return { negotiate: (pc, options) => new Negotiation(pc, options), settles: true };
  }
  const queue: Waiting[] = [];
  return { negotiate: (pc, options) => new NaiveNegotiation(pc, options, queue), settles: false };
}
