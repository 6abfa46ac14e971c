/** What a negotiator is, whatever its strategy. */
import type { Step } from "../protocol/negotiation-events";

export type NegotiationOptions = {
  /** This side gives way when offers cross. */
  polite: boolean;
  /** Called when a remote description comes, before anything is done with it. */
  onRemoteDescription?(): void;
  /** Called between applying a remote offer and answering it: the moment to set what this side will send. */
  onAnswering?(): void;
  /**
   * Called with an offer that this connection cannot answer, because another connection made it or because ours cannot
   * give way: close this negotiator and make another one on the same signaling, which then receives the offer.
   */
  onOutdated?(): void;
  /** Called when something could not be applied; the connection goes on as it was. */
  onFailure?(error: unknown): void;
  /** Called at every step; `at` is when what has taken a while began, in ms since the epoch. */
  onStep?(step: Step, at?: number): void;
};

/** One side's part in the negotiation of one connection; it receives by the callbacks of its `PeerSignaling`. */
export interface Negotiator {
  /** Offer because the other side asked for it. */
  offer(): void;
  /** Send again what may have been lost with a signaling path. */
  resend(): void;
  close(): void;
}
