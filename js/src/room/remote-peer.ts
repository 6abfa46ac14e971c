/** Somebody else in the room: what the relay says of them, the signaling with them, and the connection to them. */
import { computed, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import type { LocalTracks } from "../media/local-tracks";
import type { Strategy } from "../negotiation/strategy";
import type { Report } from "../protocol/negotiation-events";
import type { Media, RosterEntry } from "../protocol/signaling";
import type { EventReporter } from "../signaling/event-reporter";
import type { NegotiationClock } from "../signaling/negotiation-clock";
import { PeerSignaling } from "../signaling/peer-signaling";
import type { ReconnectingConnection } from "../signaling/reconnecting-connection";
import { Connection } from "./connection";
import { type MediaPath, NOTEBOOK_PAIR } from "./media-path";
import type { ConnectionStats, RemoteParticipant } from "./types";

export type RemotePeerOptions = {
  room: string;
  /** To the relay. */
  relay: ReconnectingConnection;
  reporter: EventReporter;
  clock: NegotiationClock;
  /** Which of the two was in the room first, by the relay's count. */
  isEarlier: boolean;
  strategy: Strategy;
  /** What everybody in the room is called, by id. */
  labels: ReadonlySignal<ReadonlyMap<string, string>>;
  /** With credentials that are good now. */
  iceServers(): RTCIceServer[];
  /** What this participant sends now. */
  tracks(): LocalTracks;
  /** The stream that our camera and microphone belong to (the SDP's msid). */
  stream: MediaStream;
  onMessage(data: string | ArrayBuffer): void;
};

export class RemotePeer {
  readonly entry: RosterEntry;
  readonly signaling: PeerSignaling;
  readonly view: RemoteParticipant;
  readonly #options: RemotePeerOptions;
  readonly #name: Signal<string>;
  readonly #media: Signal<Media>;
  readonly #disconnected: Signal<boolean>;
  readonly #connection: Signal<Connection>;
  /** What media and messages take in place of the connection. */
  readonly #path = signal<MediaPath | null>(null);
  readonly #pathStats = signal<ConnectionStats | null>(null);

  constructor(entry: RosterEntry, options: RemotePeerOptions) {
    this.entry = entry;
    this.#options = options;
    this.signaling = new PeerSignaling({
      room: options.room,
      peer: entry.socketId,
      session: entry.session,
      endOfCandidates: entry.caps.endOfCandidates === true,
      connection: options.relay,
      clock: options.clock,
      reporter: options.reporter,
    });
    this.#name = signal(entry.name);
    this.#media = signal(toMedia(entry.media));
    this.#disconnected = signal(entry.away);
    const canRollBack = entry.caps.rollback !== false;
    const current = signal(this.#connect(options.isEarlier && canRollBack));
    this.#connection = current;
    this.view = {
      id: entry.socketId,
      order: entry.order,
      name: this.#name,
      label: computed(() => options.labels.value.get(entry.socketId) ?? this.#name.value),
      kind: entry.kind,
      media: this.#media,
      disconnected: this.#disconnected,
      stream: computed(() => (this.#path.value ?? current.value).stream.value),
      screen: computed(() => (this.#media.value.screen ? current.value.screen.value : null)),
      connectionState: computed(() => (this.#path.value ? "connected" : current.value.state.value)),
      overNotebook: computed(() => this.#path.value !== null),
      stats: computed(() => (this.#path.value ? this.#pathStats : current.value.stats).value),
    };
  }

  get id(): string {
    return this.entry.socketId;
  }

  get connection(): Connection {
    return this.#connection.peek();
  }

  get disconnected(): boolean {
    return this.#disconnected.peek();
  }

  /** The signaling path of the participant is lost, or is back. */
  setDisconnected(disconnected: boolean): void {
    this.#disconnected.value = disconnected;
    if (!disconnected) this.connection.resume();
  }

  setMedia(media: object): void {
    this.#media.value = toMedia(media);
  }

  /** The relay lists the participant anew, in the same page as before. */
  update(entry: RosterEntry): void {
    this.#name.value = entry.name;
    this.#media.value = toMedia(entry.media);
    this.#disconnected.value = entry.away;
    this.connection.resume();
  }

  close(): void {
    this.#path.peek()?.close();
    this.connection.close();
  }

  /** Send and receive over another path than the connection's, or over that again. */
  usePath(path: MediaPath | null): void {
    this.#path.peek()?.close();
    this.#path.value = path;
    this.setTracks(this.#options.tracks());
    if (path) {
      for (const data of this.connection.takeUnsent()) path.sendMessage(data);
    }
    this.reportAll();
  }

  setTracks(tracks: LocalTracks): void {
    this.#path.peek()?.setTracks(tracks);
    this.connection.setTracks(this.#connectionTracks(tracks));
  }

  /** What the connection sends: nothing that another path sends already. */
  #connectionTracks(tracks: LocalTracks): LocalTracks {
    return this.#path.peek() ? { audio: null, video: null, screen: null } : tracks;
  }

  sendMessage(data: string | ArrayBuffer): void {
    (this.#path.peek() ?? this.connection).sendMessage(data);
  }

  /** Report every state anew, for an observer that has missed changes. */
  reportAll(): void {
    this.connection.reportAll();
    if (!this.#path.peek()) return;
    this.#report({ type: "state", name: "connection_state", value: "connected" });
    this.#report({ type: "pair", ...NOTEBOOK_PAIR });
  }

  /** Measure once, and report it. */
  async measure(): Promise<void> {
    const stats = this.#path.peek()?.measure();
    if (!stats) return this.connection.measure();
    this.#pathStats.value = stats;
    this.#report({ type: "stats", ...stats });
  }

  receiveMessage(data: string | ArrayBuffer): void {
    this.#options.onMessage(data);
  }

  #report(entry: Report): void {
    this.#options.reporter.add({ ...entry, peer: this.entry.socketId });
  }

  #connect(first: boolean): Connection {
    const { entry, signaling } = this;
    const { isEarlier, strategy, stream, reporter, onMessage } = this.#options;
    return new Connection({
      signaling,
      restartsIce: entry.caps.rollback !== false,
      iceServers: this.#options.iceServers,
      strategy,
      // The later one gives way; so does a browser to a client that cannot roll back, or does not tell.
      polite: !entry.caps.rollback || !isEarlier,
      first,
      tracks: this.#connectionTracks(this.#options.tracks()),
      stream,
      report: (report) => {
        // Another path has it in the connection's place.
        if (this.#path.peek() && report.name === "connection_state") return;
        reporter.add({ ...report, peer: entry.socketId });
      },
      onMessage,
      onOutdated: () => this.#reconnect(),
    });
  }

  /** Whoever has begun anew, or is asked to, makes the offer. */
  #reconnect(): void {
    const unsent = this.connection.close();
    this.#connection.value = this.#connect(false);
    for (const data of unsent) this.connection.sendMessage(data);
  }
}

function toMedia(value: object): Media {
  const { audio, video, screen } = value as Partial<Media>;
  return { audio: audio === true, video: video === true, screen: screen === true };
}
