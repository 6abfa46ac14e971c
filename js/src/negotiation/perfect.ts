/**
 * Perfect negotiation around one RTCPeerConnection (W3C webrtc, section 10.7): either side may change what it sends at
 * any moment, and offers that cross settle by themselves.
 *
 * It knows no room, relay or DOM. Candidates wait per connection for the description that they belong to.
 */

import { errorName, gathered, type Step } from "../protocol/negotiation-events";
import { addCandidate, type Waiting } from "./candidate";

/** What one side of a connection says to the other; `id` names the message that brings it. */
export type Signal =
  | { type: "description"; description: RTCSessionDescriptionInit; id?: string | undefined }
  | { type: "candidate"; candidate: RTCIceCandidateInit | null; id?: string | undefined };

export type NegotiationOptions = {
  /** Who gives way when offers cross. */
  polite: boolean;
  send(signal: Signal): void;
  /** Called between taking a remote offer and answering it: the moment to say what this side will send. */
  answering?(): void;
  /** Called when something could not be applied; the connection goes on as it was. */
  failed?(error: unknown): void;
  /** Called at every step. */
  step?(step: Step): void;
};

const MAX_WAITING = 256;
/** How long an offer that gives way waits for its first candidate. */
const GATHER_MS = 5_000;

export class Negotiation {
  readonly #pc: RTCPeerConnection;
  readonly #options: NegotiationOptions;
  readonly #listeners = new AbortController();
  /**
   * Resolved by the first candidate, which may be the end of candidates. An offer that is taken back before Chromium 156
   * knows the networks, on a busy machine, is at times the last thing for which it gathers: the connection stays "new",
   * also after an ICE restart.
   */
  readonly #gathers: Promise<unknown>;
  #makingOffer = false;
  /** The descriptions in the order in which they came, each applied and answered before the next one is looked at. */
  #descriptions: Promise<void> = Promise.resolve();
  #waiting: Waiting[] = [];
  /** The last offer that was ignored: its candidates come to nothing. */
  #ignored: string | undefined;

  constructor(pc: RTCPeerConnection, options: NegotiationOptions) {
    this.#pc = pc;
    this.#options = options;
    const { signal } = this.#listeners;
    pc.addEventListener(
      "negotiationneeded",
      () => {
        this.#step({ step: "negotiationneeded" });
        void this.#offer();
      },
      { signal },
    );
    pc.addEventListener(
      "icecandidate",
      ({ candidate }) => {
        this.#step(gathered(candidate));
        options.send({ type: "candidate", candidate: candidate?.candidate ? candidate.toJSON() : null });
      },
      { signal },
    );
    this.#gathers = new Promise((resolve) => {
      pc.addEventListener("icecandidate", resolve, { signal, once: true });
    });
  }

  /** Take what the other side said. Never rejects. */
  async receive(message: Signal): Promise<void> {
    try {
      if (message.type === "candidate") {
        await this.#candidate(message.candidate, message.id);
      } else {
        const { description, id } = message;
        const described = this.#descriptions.then(() => this.#describe(description, id));
        this.#descriptions = described.catch(() => undefined);
        await described;
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Offer without a need of our own, because the other side asked for it. */
  offer(): void {
    if (this.#pc.signalingState === "stable") void this.#offer();
  }

  /** Say the pending offer again: its first telling, or the answer, may have been lost with a signaling path. */
  resend(): void {
    const { signalingState, localDescription } = this.#pc;
    if (signalingState === "have-local-offer" && localDescription) this.#tell(localDescription);
  }

  close(): void {
    for (const { message } of this.#waiting.splice(0))
      this.#step({ step: "discarded", message, reason: "closed" });
    this.#listeners.abort();
  }

  get #closed(): boolean {
    return this.#listeners.signal.aborted;
  }

  #step(step: Step): void {
    if (!this.#closed) this.#options.step?.(step);
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.#options.failed?.(error);
  }

  /** Tell of an operation that fails, and let it fail. */
  async #attempt(operation: string, work: Promise<void>, message?: string): Promise<void> {
    try {
      await work;
    } catch (error) {
      this.#step({ step: "failed", operation, error: errorName(error), message });
      throw error;
    }
  }

  #tell(description: RTCSessionDescription): void {
    if (this.#closed) return;
    this.#options.send({ type: "description", description: description.toJSON() });
  }

  async #offer(): Promise<void> {
    try {
      this.#makingOffer = true;
      this.#step({ step: "createOffer" });
      await this.#setLocal();
    } catch (error) {
      this.#fail(error);
    } finally {
      this.#makingOffer = false;
    }
  }

  /** Make the description that is due, and say it. */
  async #setLocal(): Promise<void> {
    await this.#attempt("setLocalDescription", this.#pc.setLocalDescription());
    const { localDescription } = this.#pc;
    if (!localDescription) return;
    this.#step({ step: "setLocalDescription", description: localDescription.type });
    this.#tell(localDescription);
  }

  async #describe(description: RTCSessionDescriptionInit, message: string | undefined): Promise<void> {
    const pc = this.#pc;
    const { type } = description;
    if (this.#closed) return;
    if (type === "answer") {
      // The answer to an offer that was said twice comes twice.
      if (pc.signalingState !== "have-local-offer")
        return this.#step({ step: "ignored", description: type, message });
      await this.#attempt("setRemoteDescription", pc.setRemoteDescription(description), message);
      this.#step({ step: "setRemoteDescription", description: type, message });
      await this.#flush();
      return;
    }
    const pending = this.#makingOffer || pc.signalingState === "have-local-offer";
    const ready = !this.#makingOffer && pc.signalingState === "stable";
    if (!ready && !this.#options.polite) {
      // Ours stands; the polite side answers it.
      this.#ignored = description.sdp;
      this.#step({ step: "ignored", description: type, message });
      return;
    }
    const taking = pending ? this.#giveWay(description) : pc.setRemoteDescription(description);
    await this.#attempt("setRemoteDescription", taking, message);
    if (this.#closed) return;
    if (pending) this.#step({ step: "rollback" }); // which setting the remote one has done by the way
    this.#step({ step: "setRemoteDescription", description: type, message });
    this.#options.answering?.();
    this.#step({ step: "createAnswer" });
    // Only now, and not before the last description's answer was: without an offer to answer this would make one.
    await this.#setLocal();
    await this.#flush();
  }

  /** Take an offer in place of the pending one of our own. */
  async #giveWay({ type, sdp = "" }: RTCSessionDescriptionInit): Promise<void> {
    await Promise.race([this.#gathers, new Promise((resolve) => setTimeout(resolve, GATHER_MS))]);
    if (this.#closed) return;
    // With its first own offer after an answer Chromium 156 takes back the way to the tracks too: what comes is decoded and
    // not shown, until a stream's SSRC (RFC 5576) is another one.
    if (this.#pc.currentRemoteDescription)
      await this.#pc.setRemoteDescription({ type, sdp: sdp.replace(/^a=ssrc.*\r\n/gm, "") });
    await this.#pc.setRemoteDescription({ type, sdp });
  }

  async #candidate(candidate: RTCIceCandidateInit | null, message: string | undefined): Promise<void> {
    // The end of candidates needs no telling to a browser, whose ICE agent has timeouts of its own.
    if (!candidate?.candidate) return;
    if (belongs(candidate, this.#pc.remoteDescription?.sdp)) return this.#add({ candidate, message });
    // Of a description that is still to come, or that was ignored.
    this.#step({ step: "queued", message });
    this.#waiting.push({ candidate, message });
    if (this.#waiting.length <= MAX_WAITING) return;
    this.#step({ step: "discarded", message: this.#waiting.shift()?.message, reason: "overflow" });
  }

  async #add(waiting: Waiting): Promise<void> {
    const error = await addCandidate(this.#pc, waiting, (step) => this.#step(step));
    if (error !== null) this.#fail(error);
  }

  /** Add what has waited for the description that is in force now, and let go of what waits for an ignored one. */
  async #flush(): Promise<void> {
    const sdp = this.#pc.remoteDescription?.sdp;
    const ready = this.#waiting.filter(({ candidate }) => belongs(candidate, sdp));
    const rest = this.#waiting.filter((one) => !ready.includes(one));
    this.#waiting = rest.filter(({ candidate }) => !belongs(candidate, this.#ignored));
    for (const { message } of rest.filter((one) => !this.#waiting.includes(one))) {
      this.#step({ step: "discarded", message, reason: "ignored" });
    }
    for (const one of ready) await this.#add(one);
  }
}

/** Whether a candidate is for this description, by its ufrag (RFC 8839, section 5.1). */
function belongs({ usernameFragment }: RTCIceCandidateInit, sdp: string | undefined): boolean {
  if (sdp === undefined) return false;
  return !usernameFragment || sdp.includes(`a=ice-ufrag:${usernameFragment}\r\n`);
}
