/** The signaling between this participant and one other: what a negotiator knows of rooms and relays. */
import type { ServerEvent, SIGNALS } from "../protocol/signaling";
import { now } from "./clock-sync";
import type { EventReporter } from "./event-reporter";
import type { NegotiationClock } from "./negotiation-clock";
import type { ReconnectingConnection } from "./reconnecting-connection";

/** An event between two participants. */
type SignalEvent = (typeof SIGNALS)[number];

export type PeerSignalingOptions = {
  room: string;
  /** The other participant's id. */
  peer: string;
  /** The life of theirs that is meant: what is for an earlier one reaches nobody. */
  session: string;
  /** The other side understands the end of candidates. A plain client would hand null to a constructor that throws. */
  endOfCandidates: boolean;
  connection: Pick<ReconnectingConnection, "request">;
  /** The room's, for whatever waits for the other participant. */
  clock: NegotiationClock;
  reporter: Pick<EventReporter, "add" | "flush">;
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

  get clock(): NegotiationClock {
    return this.#options.clock;
  }

  /** Send an offer or an answer, after a report of what this side did to make it: whoever sees it held wants to know. */
  sendDescription(description: RTCSessionDescriptionInit): void {
    this.#options.reporter.flush();
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
    const { room, peer, session, connection, reporter } = this.#options;
    const at = now();
    connection.request<{ id?: string }>(event, { roomId: room, to: peer, session, ...content }).then(
      ({ id }) => reporter.add({ type: "step", step: "sent", peer, event, message: id, at }),
      // What cannot be delivered is lost, as a path may be.
      () => undefined,
    );
  }

  #reportReceived(event: SignalEvent, message: string | undefined, at: number): void {
    const { peer, reporter } = this.#options;
    reporter.add({ type: "step", step: "received", peer, event, message, at });
  }
}

function ignore(): void {}
