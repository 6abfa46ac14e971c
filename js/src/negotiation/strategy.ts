/** Ways to negotiate: the one that works, and the one that the tutorials have, to compare it with. */
import type { PeerSignaling } from "../signaling/peer-signaling";
import type { QueuedCandidate } from "./candidate";
import { NaiveNegotiation } from "./naive";
import type { NegotiationOptions, Negotiator } from "./negotiator";
import { PerfectNegotiation } from "./perfect";

export type Strategy = {
  negotiate(pc: RTCPeerConnection, signaling: PeerSignaling, options: NegotiationOptions): Negotiator;
  /** Whether offers may cross, so that a connection can help itself: offer when nobody does, restart ICE when it fails. */
  settles: boolean;
};

/** @param name - "naive" for the tutorials' way; anything else is perfect negotiation */
export function strategyOf(name: unknown): Strategy {
  if (name !== "naive") {
    return {
      negotiate: (pc, signaling, options) => new PerfectNegotiation(pc, signaling, options),
      settles: true,
    };
  }
  const queue: QueuedCandidate[] = [];
  return {
    negotiate: (pc, signaling, options) => new NaiveNegotiation(pc, signaling, options, queue),
    settles: false,
  };
}
