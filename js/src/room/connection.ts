/** The peer connection to one participant: what is sent, what comes, its states, its data channel. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { LocalTracks } from "../media/local-tracks";
import type { Negotiator } from "../negotiation/negotiator";
import type { Strategy } from "../negotiation/strategy";
import { LIMITS, TIMES_MS } from "../protocol/limits";
import { errorName, type Report, type Step } from "../protocol/negotiation-events";
import type { PeerSignaling } from "../signaling/peer-signaling";
import { generation, type Stats, selectedPair, statsOf } from "./candidate-pairs";
import { closeWhenIdle } from "./close-when-idle";
import { measure, type Sample } from "./connection-stats";
import { placeholderTrack } from "./placeholder-track";
import type { ConnectionStats } from "./types";

export type ConnectionOptions = {
  /** What is sent to the other participant and received of it, also by the connection before this one. */
  signaling: PeerSignaling;
  /** The other side keeps its connection through an ICE restart; if not, a failed connection needs a new one. */
  restartsIce: boolean;
  /** With credentials that are good now. */
  iceServers(): RTCIceServer[];
  strategy: Strategy;
  polite: boolean;
  /** Whether this side makes the first offer. */
  first: boolean;
  tracks: LocalTracks;
  /** The stream that our camera and microphone belong to (the SDP's msid). */
  stream: MediaStream;
  /** Report something of this connection to the room's observers. */
  report(entry: Report): void;
  onMessage(data: string | ArrayBuffer): void;
  /** Another connection is needed in place of this one, on the same signaling; the other side makes the first offer. */
  onOutdated(): void;
};

const STATES = [
  ["connectionstatechange", "connection_state", "connectionState"],
  ["iceconnectionstatechange", "ice_connection_state", "iceConnectionState"],
  ["icegatheringstatechange", "ice_gathering_state", "iceGatheringState"],
  ["signalingstatechange", "signaling_state", "signalingState"],
] as const;

const DROPPED = `A message was not sent: ${LIMITS.queued_messages} others wait for the same connection.`;

export class Connection {
  readonly #pc: RTCPeerConnection;
  readonly #options: ConnectionOptions;
  readonly #negotiation: Negotiator;
  readonly #screenStream = new MediaStream();
  readonly #life = new AbortController();
  /** Cancels what waits in the room's time. */
  readonly #waiting: (() => void)[] = [];
  #audio: RTCRtpTransceiver | undefined;
  #video: RTCRtpTransceiver | undefined;
  #screen: RTCRtpTransceiver | undefined;
  #tracks: LocalTracks;
  #channel: RTCDataChannel | undefined;
  #unsent: (string | ArrayBuffer)[] = [];
  #sample: Sample | null = null;
  #pair = "";

  readonly #streamSignal = signal<MediaStream | null>(null);
  readonly #screenSignal = signal<MediaStream | null>(null);
  readonly #state = signal<RTCPeerConnectionState>("new");
  readonly #stats = signal<ConnectionStats | null>(null);

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#tracks = options.tracks;
    this.#pc = new RTCPeerConnection(this.#configuration);
    this.#negotiation = options.strategy.negotiate(this.#pc, options.signaling, {
      polite: options.polite,
      onRemoteDescription: () => {
        this.#stopWaiting();
        this.#renewServers();
      },
      onAnswering: () => this.#claimTransceivers(),
      onOutdated: () => options.onOutdated(),
      onFailure: (error) =>
        this.#reportError("bad_description", "A description or candidate could not be used", error),
      onStep: (step, at) => this.#reportStep(step, at),
    });
    options.signaling.onOfferRequested = () => this.#offerOnRequest();
    this.#watch();
    if (options.first) this.#begin();
    // The second to come waits for the first one's offer before it makes one itself.
    else if (options.strategy.settles) this.#later(TIMES_MS.offer_patience, () => this.#begin());
  }

  /** Camera and microphone of the other side. */
  get stream(): ReadonlySignal<MediaStream | null> {
    return this.#streamSignal;
  }

  get screen(): ReadonlySignal<MediaStream | null> {
    return this.#screenSignal;
  }

  get state(): ReadonlySignal<RTCPeerConnectionState> {
    return this.#state;
  }

  get stats(): ReadonlySignal<ConnectionStats | null> {
    return this.#stats;
  }

  /** After a signaling path came back: what was sent on the old one may be lost. */
  resume(): void {
    // A paused room gets no copies of what it holds.
    this.#options.signaling.clock.whenRunning(() => this.#negotiation.resend());
    this.reportAll();
  }

  /** Send these tracks from now on. Changing a source needs no negotiation, a first screen share does. */
  setTracks(tracks: LocalTracks): void {
    this.#tracks = tracks;
    this.#apply();
  }

  /** Send a message over the data channel, after those that wait for it. */
  sendMessage(data: string | ArrayBuffer): void {
    this.#unsent.push(data);
    this.#flush();
    if (this.#unsent.length <= LIMITS.queued_messages) return;
    this.#unsent.pop();
    this.reportDropped();
  }

  /** Take out what waits for the data channel, for another way. */
  takeUnsent(): (string | ArrayBuffer)[] {
    return this.#unsent.splice(0);
  }

  reportDropped(): void {
    this.#options.report({ type: "error", code: "message_dropped", message: DROPPED });
  }

  /** What a lost path swallows is not known to be lost, so messages wait for a connection that is connected. */
  #flush(): void {
    if (this.#channel?.readyState !== "open" || this.#pc.connectionState !== "connected") return;
    for (const data of this.#unsent.splice(0)) this.#push(data);
  }

  /** Measure once; reports stats, and the candidate pair when it changed. */
  async measure(): Promise<void> {
    if (this.#pc.connectionState !== "connected") return;
    const report = await statsOf(this.#pc);
    const { stats, sample } = measure(report, this.#sample);
    this.#sample = sample;
    if (stats) {
      this.#stats.value = stats;
      this.#options.report({ type: "stats", ...stats });
    }
    this.#reportPair(report);
  }

  /** Report the candidate pair as soon as it works; the others may still be checked, so the next measurement tells of all. */
  #reportFirstPair(report: Stats): void {
    const pair = selectedPair(report);
    if (pair?.succeeded) this.#options.report({ type: "pair", ...pair });
  }

  /** Report the candidate pair in use, if it is known and another one or of a restart, and again when its checks have succeeded. */
  #reportPair(report: Stats): void {
    const pair = selectedPair(report);
    const kinds = pair
      ? `${pair.local} ${pair.remote} ${pair.protocol} ${pair.succeeded > 0} ${generation(report)}`
      : "";
    if (pair && kinds !== this.#pair) {
      this.#pair = kinds;
      this.#options.report({ type: "pair", ...pair });
    }
  }

  /** Report every state anew, for an observer that has missed changes. */
  reportAll(): void {
    for (const [, name, property] of STATES)
      this.#options.report({ type: "state", name, value: this.#pc[property] });
    this.#pair = "";
  }

  /** @returns what waits for the data channel to open */
  close(): (string | ArrayBuffer)[] {
    this.#stopWaiting();
    this.#negotiation.close();
    this.#channel?.close();
    this.#life.abort();
    closeWhenIdle(this.#pc);
    this.#state.value = "closed";
    this.#streamSignal.value = null;
    this.#screenSignal.value = null;
    return this.#unsent;
  }

  /** Report an error by its name: all who observe the room see it, and its text may quote a description. */
  #reportError(code: string, what: string, error: unknown): void {
    this.#options.report({ type: "error", code, message: `${what} (${errorName(error)}).` });
  }

  #reportStep(step: Step, at?: number): void {
    this.#options.report({ type: "step", ...step, ...(at !== undefined && { at }) });
  }

  /** The other side cannot offer and asks for an offer. */
  #offerOnRequest(): void {
    this.#stopWaiting();
    if (this.#audio) this.#negotiation.offer();
    else this.#begin();
  }

  /** Make the first offer: always one m-line for audio and one for video, so that sources can come later. */
  #begin(): void {
    if (this.#audio || this.#pc.signalingState !== "stable") return;
    this.#audio = this.#add("audio");
    this.#video = this.#add("video");
    this.#openChannel();
    this.#apply();
  }

  #add(kind: "audio" | "video"): RTCRtpTransceiver {
    const pc = this.#pc;
    const { polite, strategy, stream } = this.#options;
    const track = this.#tracks[kind];
    if (!polite && strategy.settles)
      return pc.addTransceiver(track ?? kind, { direction: "sendrecv", streams: [stream] });
    // Who gives way, which is anybody where nothing settles it, may have to take this back and then sends on the other
    // side's m-line: only a transceiver that addTrack() made is taken for that (RFC 8829, section 5.10). Any other would
    // be left over, and when that is stopped Chromium 156 needs negotiation for ever.
    const sender = pc.addTrack(track ?? placeholderTrack(kind), stream);
    return pc.getTransceivers().find((transceiver) => transceiver.sender === sender)!;
  }

  /** Use the offer's first m-line of each kind for our camera and microphone. */
  #claimTransceivers(): void {
    const ours = [this.#audio, this.#video, this.#screen];
    for (const transceiver of this.#pc.getTransceivers()) {
      if (transceiver.mid === null || ours.includes(transceiver)) continue;
      const kind = transceiver.receiver.track.kind;
      if (kind === "audio" && !this.#audio) this.#audio = this.#claim(transceiver);
      else if (kind === "video" && !this.#video) this.#video = this.#claim(transceiver);
    }
    // A plain client may make a new connection at every offer: there is none for a channel that it did not ask for.
    if (this.#pc.remoteDescription?.sdp.includes("\r\nm=application ")) this.#openChannel();
    this.#apply();
  }

  #claim(transceiver: RTCRtpTransceiver): RTCRtpTransceiver {
    transceiver.direction = "sendrecv";
    transceiver.sender.setStreams(this.#options.stream);
    return transceiver;
  }

  #apply(): void {
    const { audio, video, screen } = this.#tracks;
    if (this.#audio) this.#replace(this.#audio, audio);
    if (this.#video) this.#replace(this.#video, video);
    if (!this.#audio && !this.#video) return; // nothing has been negotiated yet
    if (!this.#screen && screen) {
      this.#screen = this.#pc.addTransceiver(screen, {
        direction: "sendonly",
        streams: [this.#screenStream],
      });
    } else if (this.#screen) {
      this.#replace(this.#screen, screen);
      // Never stop(): an aiortc peer answers a stopped m-line with one that browsers refuse.
      this.#screen.direction = screen ? "sendonly" : "inactive";
    }
  }

  #replace(transceiver: RTCRtpTransceiver, track: MediaStreamTrack | null): void {
    if (transceiver.sender.track === track) return;
    transceiver.sender.replaceTrack(track).catch((error: unknown) => {
      if (this.#pc.connectionState !== "closed") {
        this.#reportError("connection_failed", "A track could not be put in the place of another", error);
      }
    });
  }

  #watch(): void {
    const pc = this.#pc;
    const until = { signal: this.#life.signal };
    for (const [event, name, property] of STATES)
      pc.addEventListener(
        event,
        () => this.#options.report({ type: "state", name, value: pc[property] }),
        until,
      );
    pc.addEventListener("connectionstatechange", () => this.#onState(pc), until);
    pc.addEventListener("track", (event) => this.#onTrack(event), until);
  }

  #onState(pc: RTCPeerConnection): void {
    this.#state.value = pc.connectionState;
    // A paused room's connection may fail in the meantime, but is not mended behind the teacher's back.
    if (pc.connectionState === "failed")
      this.#waiting.push(this.#options.signaling.clock.whenRunning(() => this.#repair()));
    // A browser takes a quarter of a minute to call failed what an address that has changed has cut.
    else if (pc.connectionState === "disconnected")
      this.#later(TIMES_MS.disconnected, () => pc.connectionState === "disconnected" && this.restartIce());
    this.#flush();
    // Who waits for the connection in Python waits for its pair as well, and not for the next measurement.
    if (pc.connectionState === "connected")
      void statsOf(pc).then(
        (report) => this.#reportFirstPair(report),
        () => undefined,
      );
  }

  #onTrack({ track, transceiver }: RTCTrackEvent): void {
    const main = this.#streamSignal.value ?? new MediaStream();
    const isMain =
      // Our own m-line has no mid before it is negotiated, and none again when our offer was rolled back.
      track.kind === "audio" || !this.#video?.mid
        ? !main.getTracks().some((other) => other.kind === track.kind)
        : transceiver === this.#video;
    this.#options.report({ type: "track", kind: track.kind, mid: transceiver.mid, screen: !isMain });
    if (isMain) {
      main.addTrack(track);
      this.#streamSignal.value = main;
    } else {
      this.#watchScreen(track);
    }
  }

  #watchScreen(track: MediaStreamTrack): void {
    const stream = new MediaStream([track]);
    this.#screenSignal.value = stream;
    track.addEventListener("unmute", () => {
      this.#screenSignal.value = stream;
    });
  }

  #later(ms: number, act: () => void): void {
    this.#waiting.push(this.#options.signaling.clock.later(ms, act));
  }

  #stopWaiting(): void {
    for (const cancel of this.#waiting.splice(0)) cancel();
  }

  #repair(): void {
    if (!this.#options.strategy.settles || this.#pc.connectionState !== "failed") return;
    if (this.restartIce()) return;
    this.#options.onOutdated();
    this.#options.signaling.requestOffer();
  }

  /** Look for a new way; false where the other side could not keep its connection. */
  restartIce(): boolean {
    if (!this.#options.restartsIce) return false;
    this.#renewServers();
    // Before the first description there is no ICE to restart. Chromium 156 would need negotiation all the same, make an
    // offer without an m-line, and take no description from then on.
    if (this.#pc.localDescription) {
      this.#reportStep({ step: "restartIce" });
      this.#pc.restartIce();
    }
    return true;
  }

  get #configuration(): RTCConfiguration {
    return { iceServers: this.#options.iceServers(), bundlePolicy: "max-bundle" };
  }

  /**
   * Use newer credentials for candidates that are gathered from now on. A browser's next offer then restarts ICE, so not
   * where the other side could not keep its connection.
   */
  #renewServers(): void {
    if (this.#options.restartsIce) this.#pc.setConfiguration(this.#configuration);
  }

  #openChannel(): void {
    if (this.#channel) return;
    const channel = this.#pc.createDataChannel("rtc_widget", { negotiated: true, id: 0 });
    channel.binaryType = "arraybuffer";
    channel.addEventListener("message", ({ data }: MessageEvent<string | ArrayBuffer>) =>
      this.#options.onMessage(data),
    );
    channel.addEventListener("close", () => this.#options.report({ type: "channel", value: "closed" }));
    channel.addEventListener("open", () => {
      this.#options.report({ type: "channel", value: "open" });
      this.#flush();
    });
    this.#channel = channel;
  }

  #push(data: string | ArrayBuffer): void {
    try {
      // Two overloads that TypeScript does not join.
      if (typeof data === "string") this.#channel?.send(data);
      else this.#channel?.send(data);
    } catch (error) {
      this.#reportError("message_too_large", "A message could not be sent", error);
    }
  }
}
