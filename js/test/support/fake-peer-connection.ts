/** The part of a peer connection that a room needs; it takes what it is told and says what it was told. */
export class FakePeerConnection extends EventTarget {
  /** Every one that was listened to, in order: others only hold a place for a moment. */
  static readonly all: FakePeerConnection[] = [];

  connectionState: RTCPeerConnectionState = "new";
  iceConnectionState = "new";
  iceGatheringState = "new";
  signalingState: RTCSignalingState = "stable";
  localDescription: (RTCSessionDescriptionInit & { toJSON(): unknown }) | null = null;
  remoteDescription: RTCSessionDescriptionInit | null = null;
  currentLocalDescription: RTCSessionDescriptionInit | null = null;
  currentRemoteDescription: RTCSessionDescriptionInit | null = null;
  readonly candidates: RTCIceCandidateInit[] = [];
  restarts = 0;
  readonly configurations: (RTCConfiguration | undefined)[] = [];
  channel: (EventTarget & { readyState: RTCDataChannelState }) | null = null;
  /** What has gone over the data channel. */
  readonly sent: unknown[] = [];
  readonly #transceivers: object[] = [];

  constructor(configuration?: RTCConfiguration) {
    super();
    this.setConfiguration(configuration);
  }

  setConfiguration(configuration?: RTCConfiguration): void {
    this.configurations.push(configuration);
  }

  /** What there is to be measured. */
  readonly stats = new Map<string, object>();

  async getStats(): Promise<Map<string, object>> {
    return this.stats;
  }

  /** The same, as those take it whom the compiler tells nothing of fakes. */
  asReal(): RTCPeerConnection {
    return this as unknown as RTCPeerConnection;
  }

  override addEventListener(...given: Parameters<EventTarget["addEventListener"]>): void {
    if (!FakePeerConnection.all.includes(this)) FakePeerConnection.all.push(this);
    super.addEventListener(...given);
  }

  addTransceiver(): object {
    const sender = { track: null, replaceTrack: async () => undefined, setStreams: () => undefined };
    queueMicrotask(() => this.dispatchEvent(new Event("negotiationneeded")));
    const transceiver = { mid: null, sender, direction: "sendrecv", receiver: { track: {} } };
    this.#transceivers.push(transceiver);
    return transceiver;
  }

  addTrack(): object {
    const { sender } = this.addTransceiver() as { sender: object };
    return sender;
  }

  getTransceivers(): object[] {
    return this.#transceivers; // none that is negotiated
  }

  createDataChannel(): object {
    this.channel = Object.assign(new EventTarget(), {
      readyState: "connecting" as const,
      send: (data: unknown) => this.sent.push(data),
      close: () => undefined,
    });
    return this.channel;
  }

  openChannel(): void {
    if (!this.channel) return;
    this.channel.readyState = "open";
    this.channel.dispatchEvent(new Event("open"));
  }

  async createOffer(): Promise<RTCSessionDescriptionInit> {
    return { type: "offer", sdp: "v=0\r\n" };
  }

  async createAnswer(): Promise<RTCSessionDescriptionInit> {
    if (this.signalingState !== "have-remote-offer") throw new DOMException("no offer", "InvalidStateError");
    return { type: "answer", sdp: "v=0\r\n" };
  }

  async setLocalDescription(given?: RTCSessionDescriptionInit): Promise<void> {
    const type = given?.type ?? (this.signalingState === "have-remote-offer" ? "answer" : "offer");
    const sdp = "v=0\r\nm=audio 9\r\nm=video 9\r\nm=application 9\r\n";
    const description = { type, sdp } as const;
    this.localDescription = { ...description, toJSON: () => description };
    this.signalingState = type === "offer" ? "have-local-offer" : "stable";
    if (type === "answer") this.currentLocalDescription = this.localDescription;
  }

  async setRemoteDescription(description: RTCSessionDescriptionInit): Promise<void> {
    if (description.type === "answer" && this.signalingState !== "have-local-offer") {
      throw new DOMException("no offer of ours", "InvalidStateError");
    }
    this.remoteDescription = description;
    this.signalingState = description.type === "offer" ? "have-remote-offer" : "stable";
    // Of an offer of our own that has been answered now.
    if (description.type === "answer") this.currentLocalDescription = this.localDescription;
  }

  async addIceCandidate(candidate: RTCIceCandidateInit): Promise<void> {
    if (candidate.candidate === "nonsense") throw new DOMException("192.0.2.1", "OperationError");
    this.candidates.push(candidate);
  }

  restartIce(): void {
    this.restarts += 1;
  }

  close(): void {
    this.connectionState = "closed";
  }

  /** Let the first candidate come, which is the end of candidates, as where there is no network. */
  gather(): void {
    this.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate: null }));
  }

  /** Let the connection come to this state. */
  become(state: RTCPeerConnectionState): void {
    this.connectionState = state;
    this.dispatchEvent(new Event("connectionstatechange"));
  }
}
