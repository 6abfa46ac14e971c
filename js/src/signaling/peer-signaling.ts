/** The signaling between this participant and one other: what a negotiator knows of rooms and relays. */
import type { Report } from "../protocol/negotiation-events";
import type { ServerEvent, SIGNALS } from "../protocol/signaling";
import { now } from "./clock-sync";

/** An event between two participants. */
type SignalEvent = (typeof SIGNALS)[number];

export type PeerSignalingOptions = {
  /** The other participant's id. */
  peer: string;
  /** The other side understands the end of candidates. A plain client would hand null to a constructor that throws. */
  endOfCandidates: boolean;
  /** Puts an event on the wire; resolves with the relay's acknowledgement, and rejects where nothing was delivered. */
  request(event: SignalEvent, content: object): Promise<{ id?: string }>;
  report(entry: Report): void;
};

export class PeerSignaling {
  readonly #options: PeerSignalingOptions;
  /** The other side sends offers and answers by one event, and listens to no other. */
  #usesDescription = false;

  /** Called with each description; `message` is the relay's id of what brought it. */
  onDescription: (description: RTCSessionDescriptionInit, message?: string) => void = ignore;
  /** Called with each candidate; null is the end of candidates. */
  onCandidate: (candidate: RTCIceCandidateInit | null, message?: string) => void = ignore;
  /** Called when the other side cannot offer and asks for an offer. */
  onOfferRequested: () => void = ignore;
  /** Called after a description was sent. */
  onDescriptionSent: () => void = ignore;

  constructor(options: PeerSignalingOptions) {
    this.#options = options;
  }

  sendDescription(description: RTCSessionDescriptionInit): void {
    const typed = description.type === "offer" ? "offer" : "answer";
    const event = this.#usesDescription ? "description" : typed;
    this.#send(event, { [event]: description });
    this.onDescriptionSent();
  }

  /** @param candidate - null for the end of candidates */
  sendCandidate(candidate: RTCIceCandidateInit | null): void {
    if (candidate || this.#options.endOfCandidates) this.#send("ice_candidate", { candidate });
  }

  requestOffer(): void {
    this.#send("request_offer", {});
  }

  /** Receive an event of the other participant's, which came at `at`; whatever is no signal is left alone. */
  receive(event: ServerEvent, payload: Record<string, unknown>, at: number): void {
    const message = typeof payload.id === "string" ? payload.id : undefined;
    switch (event) {
      case "offer":
      case "answer":
      case "description":
        this.#usesDescription = event === "description";
        this.#reportReceived(event, message, at);
        this.onDescription(payload[event] as RTCSessionDescriptionInit, message);
        break;
      case "ice_candidate":
        this.#reportReceived(event, message, at);
        this.onCandidate(payload.candidate as RTCIceCandidateInit | null, message);
        break;
      case "request_offer":
        this.#reportReceived(event, message, at);
        this.onOfferRequested();
    }
  }

  #send(event: SignalEvent, content: object): void {
    const { peer, report } = this.#options;
    const at = now();
    this.#options.request(event, { to: peer, ...content }).then(
      ({ id }) => report({ type: "step", step: "sent", peer, event, message: id, at }),
      // What cannot be delivered is lost, as a path may be.
      () => undefined,
    );
  }

  #reportReceived(event: SignalEvent, message: string | undefined, at: number): void {
    const { peer, report } = this.#options;
    report({ type: "step", step: "received", peer, event, message, at });
  }
}

function ignore(): void {}
