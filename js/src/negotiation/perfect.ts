/**
 * Perfect negotiation around one RTCPeerConnection (W3C webrtc, section 10.7): either side may change what it sends at
 * any moment, and offers that cross settle by themselves.
 *
 * It knows no room, relay or DOM. Candidates wait per connection for the description that they belong to.
 */

import { LIMITS, TIMES_MS } from "../protocol/limits";
import { errorName, gathered, type Step } from "../protocol/negotiation-events";
import { now } from "../signaling/clock-sync";
import type { PeerSignaling } from "../signaling/peer-signaling";
import { addCandidate, type QueuedCandidate } from "./candidate";
import type { NegotiationOptions, Negotiator } from "./negotiator";
import { isCopy, isDisplacedBy, isRenewed } from "./renewal";
import { withoutSsrcs } from "./ssrc";

/** How long an offer that gives way waits for its first candidate. */
const GATHER_MS = 5_000;

export class PerfectNegotiation implements Negotiator {
  readonly #pc: RTCPeerConnection;
  readonly #signaling: PeerSignaling;
  readonly #options: NegotiationOptions;
  readonly #listeners = new AbortController();
  /**
   * Resolved by the first candidate, which may be the end of candidates. An offer that is taken back before Chromium 156
   * knows the networks, on a busy machine, is at times the last thing for which it gathers: the connection stays "new",
   * also after an ICE restart.
   */
  readonly #gathers: Promise<unknown>;
  #makingOffer = false;
  /** The last description that was received, applied or not. */
  #received: RTCSessionDescriptionInit | null = null;
  /** The descriptions in the order in which they came, each applied and answered before the next one is looked at. */
  #descriptions: Promise<void> = Promise.resolve();
  #queue: QueuedCandidate[] = [];
  /** Our own, of the descriptions so far; null is their end. */
  #candidates: (RTCIceCandidate | null)[] = [];
  #stopExpectingAnswer: () => void = () => undefined;
  /** An own offer was taken back in a call. */
  #hasRolledBack = false;
  /** The last offer and the last answer that were applied, as they came. */
  #answered: RTCSessionDescriptionInit | null = null;
  #applied: RTCSessionDescriptionInit | null = null;
  /** The pending offer has waited for its answer for so long that it was sent again. */
  #isOverdue = false;
  /** The last offer that was ignored: its candidates come to nothing. */
  #ignored: string | undefined;

  constructor(pc: RTCPeerConnection, signaling: PeerSignaling, options: NegotiationOptions) {
    this.#pc = pc;
    this.#signaling = signaling;
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
        this.#candidates.push(candidate);
        if (this.#candidates.length > LIMITS.queued_candidates) this.#candidates.shift();
        this.#sendCandidate(candidate);
      },
      { signal },
    );
    this.#gathers = new Promise((resolve) => {
      pc.addEventListener("icecandidate", resolve, { signal, once: true });
    });
    signaling.onDescription = this.#receiveDescription;
    signaling.onCandidate = this.#receiveCandidate;
  }

  /** Offer without a need of our own, because the other side asked for it. */
  offer(): void {
    if (this.#pc.signalingState === "stable") void this.#offer();
  }

  /**
   * Send again what may have been lost with a signaling path: the pending offer and, until a connection has come of them,
   * the candidates. Without a usable one, an ICE agent never fails: it waits.
   */
  resend(): void {
    if (this.#closed) return;
    const { connectionState, signalingState, localDescription } = this.#pc;
    if (signalingState === "have-local-offer" && localDescription) this.#send(localDescription);
    if (connectionState === "connected") return;
    for (const candidate of this.#candidates)
      if (!candidate || belongs(candidate, localDescription?.sdp)) this.#sendCandidate(candidate);
  }

  close(): void {
    for (const { message } of this.#queue.splice(0))
      this.#step({ step: "discarded", message, reason: "closed" });
    this.#stopExpectingAnswer();
    this.#listeners.abort();
  }

  get #closed(): boolean {
    return this.#listeners.signal.aborted;
  }

  #step(step: Step, at?: number): void {
    if (!this.#closed) this.#options.onStep?.(step, at);
  }

  #fail(error: unknown): void {
    if (!this.#closed) this.#options.onFailure?.(error);
  }

  /** Report an operation that fails, and let it fail; return when it was called and how long it took, in ms. */
  async #attempt(
    operation: string,
    work: Promise<void>,
    message?: string,
  ): Promise<{ at: number; duration: number }> {
    const at = now();
    try {
      await work;
      return { at, duration: now() - at };
    } catch (error) {
      this.#step({ step: "failed", operation, error: errorName(error), message });
      throw error;
    }
  }

  #sendCandidate(candidate: RTCIceCandidate | null): void {
    this.#signaling.sendCandidate(candidate?.candidate ? candidate.toJSON() : null);
  }

  #send(description: RTCSessionDescription): void {
    if (this.#closed) return;
    this.#signaling.sendDescription(description.toJSON());
    this.#stopExpectingAnswer();
    if (description.type !== "offer") return;
    // The offer, or its answer, may be lost although the path holds.
    this.#stopExpectingAnswer = this.#signaling.clock.later(TIMES_MS.answer, () => {
      this.#isOverdue = true;
      this.resend();
    });
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

  /** Make the description that is due, and send it. */
  async #setLocal(): Promise<void> {
    const { at, duration } = await this.#attempt("setLocalDescription", this.#pc.setLocalDescription());
    const { localDescription } = this.#pc;
    if (!localDescription) return;
    this.#isOverdue = false;
    this.#step({ step: "setLocalDescription", description: localDescription.type, duration }, at);
    this.#send(localDescription);
  }

  readonly #receiveDescription = (description: RTCSessionDescriptionInit, message?: string): void => {
    if (this.#closed) return;
    if (description.type === "offer") this.#renewFor(description);
    // The new connection's negotiator listens in this one's place.
    if (this.#closed) {
      this.#signaling.onDescription(description, message);
      return;
    }
    this.#received = description;
    this.#options.onRemoteDescription?.();
    this.#descriptions = this.#descriptions
      .then(() => this.#apply(description, message))
      .catch((error: unknown) => this.#fail(error));
  };

  /** At once, so that the candidates of the new connection, which follow, reach it. */
  #renewFor(offer: RTCSessionDescriptionInit): void {
    const { onOutdated, polite } = this.#options;
    if (!onOutdated) return;
    if (this.#received) {
      if (isRenewed(this.#received, offer)) onOutdated();
    } else if (polite && isDisplacedBy(this.#pc, offer)) {
      // To those who watch, our offer is taken back.
      this.#step({ step: "rollback" });
      onOutdated();
    }
  }

  async #apply(description: RTCSessionDescriptionInit, message: string | undefined): Promise<void> {
    const pc = this.#pc;
    const { type } = description;
    if (this.#closed) return;
    if (type === "answer") {
      // The answer to an offer that was sent twice comes twice, the second time perhaps after another offer: it is not that
      // one's. (Nobody waits for ever for somebody whose answers are all alike.)
      const isLate = !this.#isOverdue && isCopy(this.#applied, description);
      if (pc.signalingState !== "have-local-offer" || isLate)
        return this.#step({ step: "ignored", description: type, message });
      const applied = this.#setRemote(description);
      const { at, duration } = await this.#attempt("setRemoteDescription", applied, message);
      this.#applied = description;
      this.#step({ step: "setRemoteDescription", description: type, duration, message }, at);
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
    const { currentLocalDescription: answer } = pc;
    const isAnswered = pc.signalingState !== "have-remote-offer" && answer?.type === "answer";
    if (isAnswered && isCopy(this.#answered, description)) {
      // The answer was lost, or is on its way: another one could be taken for the answer to a later offer. Our own offer of
      // since then stands: whoever has had the answer answers it.
      this.#step({ step: "ignored", description: type, message });
      this.#send(answer);
      if (pending) this.resend();
      return;
    }
    const applied = pending ? this.#giveWay(description) : this.#setRemote(description);
    const { at, duration } = await this.#attempt("setRemoteDescription", applied, message);
    if (this.#closed) return;
    if (pending) this.#step({ step: "rollback", duration }, at); // setRemoteDescription() has rolled our offer back
    this.#step({ step: "setRemoteDescription", description: type, duration, message }, at);
    this.#answered = description;
    this.#options.onAnswering?.();
    this.#step({ step: "createAnswer" });
    // Only now, and not before the last description's answer was: without an offer to answer this would make one.
    await this.#setLocal();
    await this.#flush();
  }

  /** Apply an offer in place of the pending one of our own. */
  async #giveWay({ type, sdp = "" }: RTCSessionDescriptionInit): Promise<void> {
    await Promise.race([this.#gathers, new Promise((resolve) => setTimeout(resolve, GATHER_MS))]);
    if (this.#closed) return;
    const { currentRemoteDescription: current } = this.#pc;
    if (current) {
      this.#hasRolledBack = true;
      await this.#pc.setRemoteDescription({ type, sdp: withoutSsrcs(sdp) });
    }
    await this.#pc.setRemoteDescription({ type, sdp });
  }

  /** Apply a description; see `withoutSsrcs` for what comes before it. */
  async #setRemote({ type, sdp = "" }: RTCSessionDescriptionInit): Promise<void> {
    const { currentRemoteDescription: current } = this.#pc;
    const stripped = this.#hasRolledBack && current ? withoutSsrcs(sdp, current.sdp) : sdp;
    if (stripped !== sdp)
      await this.#pc.setRemoteDescription({ type: type === "answer" ? "pranswer" : type, sdp: stripped });
    await this.#pc.setRemoteDescription({ type, sdp });
  }

  readonly #receiveCandidate = async (
    candidate: RTCIceCandidateInit | null,
    message?: string,
  ): Promise<void> => {
    // A browser's ICE agent has timeouts of its own, and needs no end of candidates.
    if (this.#closed || !candidate?.candidate) return;
    if (belongs(candidate, this.#pc.remoteDescription?.sdp)) return this.#add({ candidate, message });
    // Of a description that is still to come, or that was ignored.
    this.#step({ step: "queued", message });
    this.#queue.push({ candidate, message });
    if (this.#queue.length <= LIMITS.queued_candidates) return;
    this.#step({ step: "discarded", message: this.#queue.shift()?.message, reason: "overflow" });
  };

  async #add(queued: QueuedCandidate): Promise<void> {
    const error = await addCandidate(this.#pc, queued, (step) => this.#step(step));
    if (error !== null) this.#fail(error);
  }

  /** Add what has waited for the description that is in force now, and let go of what waits for an ignored one. */
  async #flush(): Promise<void> {
    const sdp = this.#pc.remoteDescription?.sdp;
    const ready = this.#queue.filter(({ candidate }) => belongs(candidate, sdp));
    const rest = this.#queue.filter((one) => !ready.includes(one));
    this.#queue = rest.filter(({ candidate }) => !belongs(candidate, this.#ignored));
    for (const { message } of rest.filter((one) => !this.#queue.includes(one))) {
      this.#step({ step: "discarded", message, reason: "ignored" });
    }
    // The connection chains them itself (W3C webrtc, section 4.4.1.2); to wait for each here lets the page draw in between.
    await Promise.all(ready.map((one) => this.#add(one)));
  }
}

/** Whether a candidate is for this description, by its ufrag (RFC 8839, section 5.1). */
function belongs(
  { usernameFragment }: Pick<RTCIceCandidateInit, "usernameFragment">,
  sdp: string | undefined,
): boolean {
  if (sdp === undefined) return false;
  return !usernameFragment || sdp.includes(`a=ice-ufrag:${usernameFragment}\r\n`);
}
