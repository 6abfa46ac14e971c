/**
 * Negotiation as the tutorials have it, kept as a lesson and never the default: it works until two things happen at
 * once. Whoever was there offers and whoever comes answers, in whatever state they are; candidates wait in one queue
 * for all connections, which is emptied into the first that gets a remote description.
 */

import { errorName, gathered, type Step } from "../protocol/negotiation-events";
import { addCandidate, type Waiting } from "./candidate";
import type { NegotiationOptions, Signal } from "./perfect";
import type { Negotiator } from "./strategy";

const MAX_WAITING = 256;

export class NaiveNegotiation implements Negotiator {
  readonly #pc: RTCPeerConnection;
  readonly #options: NegotiationOptions;
  readonly #queue: Waiting[];
  readonly #listeners = new AbortController();

  /** @param queue - of all connections in the room: the mistake that this is about */
  constructor(pc: RTCPeerConnection, options: NegotiationOptions, queue: Waiting[]) {
    this.#pc = pc;
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
        if (candidate?.candidate) options.send({ type: "candidate", candidate: candidate.toJSON() });
      },
      { signal },
    );
  }

  async receive(message: Signal): Promise<void> {
    if (message.type === "candidate") await this.#candidate(message.candidate, message.id);
    else await this.#take(message.description, message.id);
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

  #step(step: Step): void {
    if (!this.#closed) this.#options.step?.(step);
  }

  async #describe(create: "createOffer" | "createAnswer"): Promise<void> {
    let operation: string = create;
    try {
      this.#step({ step: create });
      const { type, sdp = "" } = await this.#pc[create]();
      operation = "setLocalDescription";
      await this.#pc.setLocalDescription({ type, sdp });
      this.#step({ step: "setLocalDescription", description: type });
      if (!this.#closed) this.#options.send({ type: "description", description: { type, sdp } });
    } catch (error) {
      // Told and no more: a lesson must not hurt the page that it is in.
      this.#step({ step: "failed", operation, error: errorName(error) });
    }
  }

  async #take(description: RTCSessionDescriptionInit, message: string | undefined): Promise<void> {
    const { type } = description;
    const pending = this.#pc.signalingState === "have-local-offer";
    try {
      await this.#pc.setRemoteDescription(description);
      // The browser has taken our own offer back by itself, which nobody here expects.
      if (pending && type === "offer") this.#step({ step: "rollback" });
      this.#step({ step: "setRemoteDescription", description: type, message });
      // Whosever they are.
      for (const waiting of this.#queue.splice(0)) await this.#add(waiting);
      if (type !== "offer") return;
      this.#options.answering?.();
    } catch (error) {
      this.#step({ step: "failed", operation: "setRemoteDescription", error: errorName(error), message });
      return;
    }
    await this.#describe("createAnswer");
  }

  async #candidate(candidate: RTCIceCandidateInit | null, message: string | undefined): Promise<void> {
    if (!candidate?.candidate) return;
    if (this.#pc.remoteDescription) return this.#add({ candidate, message });
    this.#step({ step: "queued", message });
    this.#queue.push({ candidate, message });
    if (this.#queue.length <= MAX_WAITING) return;
    this.#step({ step: "discarded", message: this.#queue.shift()?.message, reason: "overflow" });
  }

  async #add(waiting: Waiting): Promise<void> {
    await addCandidate(this.#pc, waiting, (step) => this.#step(step));
  }
}
