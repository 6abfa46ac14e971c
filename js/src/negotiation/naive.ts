/**
 * Negotiation as the tutorials have it, kept as a lesson and never the default: it works until two things happen at
 * once. Whoever was there offers and whoever comes answers, in whatever state they are; candidates wait in one queue
 * for all connections, which is emptied into the first that gets a remote description.
 */

import { LIMITS } from "../protocol/limits";
import { errorName, gathered, type Step } from "../protocol/negotiation-events";
import { now } from "../signaling/clock-sync";
import type { PeerSignaling } from "../signaling/peer-signaling";
import { addCandidate, type QueuedCandidate } from "./candidate";
import type { NegotiationOptions, Negotiator } from "./negotiator";
import { isRenewed } from "./renewal";

export class NaiveNegotiation implements Negotiator {
  readonly #pc: RTCPeerConnection;
  readonly #signaling: PeerSignaling;
  readonly #options: NegotiationOptions;
  readonly #queue: QueuedCandidate[];
  readonly #listeners = new AbortController();
  #received: RTCSessionDescriptionInit | null = null;

  /** @param queue - of all connections in the room: the mistake that this is about */
  constructor(
    pc: RTCPeerConnection,
    signaling: PeerSignaling,
    options: NegotiationOptions,
    queue: QueuedCandidate[],
  ) {
    this.#pc = pc;
    this.#signaling = signaling;
    this.#options = options;
    this.#queue = queue;
    const { signal } = this.#listeners;
    pc.addEventListener(
      "negotiationneeded",
      () => {
        this.#step({ step: "negotiationneeded" });
        this.offer();
      },
      { signal },
    );
    pc.addEventListener(
      "icecandidate",
      ({ candidate }) => {
        this.#step(gathered(candidate));
        if (candidate?.candidate) signaling.sendCandidate(candidate.toJSON());
      },
      { signal },
    );
    signaling.onDescription = this.#receiveDescription;
    signaling.onCandidate = this.#receiveCandidate;
  }

  offer(): void {
    void this.#describe("createOffer");
  }

  resend(): void {
    // What is lost stays lost.
  }

  close(): void {
    this.#listeners.abort();
  }

  get #closed(): boolean {
    return this.#listeners.signal.aborted;
  }

  #step(step: Step, at?: number): void {
    if (!this.#closed) this.#options.onStep?.(step, at);
  }

  async #describe(create: "createOffer" | "createAnswer"): Promise<void> {
    let operation: string = create;
    try {
      this.#step({ step: create });
      const { type, sdp = "" } = await this.#pc[create]();
      operation = "setLocalDescription";
      const at = now();
      await this.#pc.setLocalDescription({ type, sdp });
      this.#step({ step: "setLocalDescription", description: type, duration: now() - at }, at);
      if (!this.#closed) this.#signaling.sendDescription({ type, sdp });
    } catch (error) {
      // Reported and no more: a lesson must not hurt the page that it is in.
      this.#step({ step: "failed", operation, error: errorName(error) });
    }
  }

  readonly #receiveDescription = (description: RTCSessionDescriptionInit, message?: string): void => {
    if (this.#closed) return;
    const renewed = description.type === "offer" && isRenewed(this.#received, description);
    if (renewed) this.#options.onOutdated?.();
    if (this.#closed) {
      this.#signaling.onDescription(description, message);
      return;
    }
    this.#received = description;
    this.#options.onRemoteDescription?.();
    void this.#apply(description, message);
  };

  async #apply(description: RTCSessionDescriptionInit, message: string | undefined): Promise<void> {
    const { type } = description;
    const pending = this.#pc.signalingState === "have-local-offer";
    const at = now();
    try {
      await this.#pc.setRemoteDescription(description);
      const duration = now() - at;
      // The browser has taken our own offer back by itself, which nobody here expects.
      if (pending && type === "offer") this.#step({ step: "rollback", duration }, at);
      this.#step({ step: "setRemoteDescription", description: type, duration, message }, at);
      // Whosever they are.
      for (const queued of this.#queue.splice(0)) await this.#add(queued);
      if (type !== "offer") return;
      this.#options.onAnswering?.();
    } catch (error) {
      this.#step({ step: "failed", operation: "setRemoteDescription", error: errorName(error), message });
      return;
    }
    await this.#describe("createAnswer");
  }

  readonly #receiveCandidate = async (
    candidate: RTCIceCandidateInit | null,
    message?: string,
  ): Promise<void> => {
    if (!candidate?.candidate) return;
    if (this.#pc.remoteDescription) return this.#add({ candidate, message });
    this.#step({ step: "queued", message });
    this.#queue.push({ candidate, message });
    if (this.#queue.length <= LIMITS.queued_candidates) return;
    this.#step({ step: "discarded", message: this.#queue.shift()?.message, reason: "overflow" });
  };

  async #add(queued: QueuedCandidate): Promise<void> {
    await addCandidate(this.#pc, queued, (step) => this.#step(step));
  }
}
