/**
 * Perfect negotiation around one RTCPeerConnection (W3C webrtc, section 10.7): either side may change what it sends at
 * any moment, and offers that cross settle by themselves.
 *
 * It knows no room, relay or DOM. Candidates wait per connection for the description that they belong to.
 */

/** What one side of a connection says to the other. */
export type Signal =
  | { type: "description"; description: RTCSessionDescriptionInit }
  | { type: "candidate"; candidate: RTCIceCandidateInit | null };

export type NegotiationOptions = {
  /** Who gives way when offers cross. */
  polite: boolean;
  send(signal: Signal): void;
  /** Called between taking a remote offer and answering it: the moment to say what this side will send. */
  answering?(): void;
  /** Called when something could not be applied; the connection goes on as it was. */
  failed?(error: unknown): void;
};

const MAX_WAITING = 256;

export class Negotiation {
  readonly #pc: RTCPeerConnection;
  readonly #options: NegotiationOptions;
  readonly #listeners = new AbortController();
  #makingOffer = false;
  /** The descriptions in the order in which they came, each applied and answered before the next one is looked at. */
  #descriptions: Promise<void> = Promise.resolve();
  #waiting: RTCIceCandidateInit[] = [];

  constructor(pc: RTCPeerConnection, options: NegotiationOptions) {
    this.#pc = pc;
    this.#options = options;
    const { signal } = this.#listeners;
    pc.addEventListener("negotiationneeded", () => void this.#offer(), { signal });
    pc.addEventListener(
      "icecandidate",
      ({ candidate }) =>
        options.send({ type: "candidate", candidate: candidate?.candidate ? candidate.toJSON() : null }),
      { signal },
    );
  }

  /** Take what the other side said. Never rejects. */
  async receive(message: Signal): Promise<void> {
    try {
      if (message.type === "candidate") {
        await this.#candidate(message.candidate);
      } else {
        const described = this.#descriptions.then(() => this.#describe(message.description));
        this.#descriptions = described.catch(() => undefined);
        await described;
      }
    } catch (error) {
      if (!this.#closed) this.#options.failed?.(error);
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
    this.#listeners.abort();
    this.#waiting = [];
  }

  get #closed(): boolean {
    return this.#listeners.signal.aborted;
  }

  #tell(description: RTCSessionDescription): void {
    if (this.#closed) return;
    this.#options.send({ type: "description", description: description.toJSON() });
  }

  async #offer(): Promise<void> {
    try {
      this.#makingOffer = true;
      await this.#pc.setLocalDescription();
      if (this.#pc.localDescription) this.#tell(this.#pc.localDescription);
    } catch (error) {
      if (!this.#closed) this.#options.failed?.(error);
    } finally {
      this.#makingOffer = false;
    }
  }

  async #describe(description: RTCSessionDescriptionInit): Promise<void> {
    const pc = this.#pc;
    if (this.#closed) return;
    if (description.type === "answer") {
      // The answer to an offer that was said twice comes twice.
      if (pc.signalingState !== "have-local-offer") return;
      await pc.setRemoteDescription(description);
      await this.#flush();
      return;
    }
    const ready = !this.#makingOffer && pc.signalingState === "stable";
    if (!ready && !this.#options.polite) return; // ours stands; the polite side answers it
    await pc.setRemoteDescription(description); // rolls back our own offer if there is one
    this.#options.answering?.();
    // Only now, and not before the last description's answer was: without an offer to answer this would make one.
    await pc.setLocalDescription();
    if (pc.localDescription) this.#tell(pc.localDescription);
    await this.#flush();
  }

  async #candidate(candidate: RTCIceCandidateInit | null): Promise<void> {
    // The end of candidates needs no telling to a browser, whose ICE agent has timeouts of its own.
    if (!candidate?.candidate) return;
    if (this.#belongs(candidate)) {
      await this.#pc.addIceCandidate(candidate);
      return;
    }
    // Of a description that is still to come, or that was ignored: then it is pushed out in the end.
    this.#waiting.push(candidate);
    if (this.#waiting.length > MAX_WAITING) this.#waiting.shift();
  }

  /** Whether the candidate is for the remote description that is in force, by its ufrag (RFC 8839, section 5.1). */
  #belongs(candidate: RTCIceCandidateInit): boolean {
    const sdp = this.#pc.remoteDescription?.sdp;
    if (sdp === undefined) return false;
    const { usernameFragment } = candidate;
    return !usernameFragment || sdp.includes(`a=ice-ufrag:${usernameFragment}\r\n`);
  }

  async #flush(): Promise<void> {
    const ready = this.#waiting.filter((candidate) => this.#belongs(candidate));
    this.#waiting = this.#waiting.filter((candidate) => !ready.includes(candidate));
    for (const candidate of ready) await this.#pc.addIceCandidate(candidate);
  }
}
