/**
 * A room: who is in it, and a connection to each of them (a mesh). Signaling paths may come and go underneath;
 * a lost one never closes a peer connection that works.
 */
import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { LocalTracks } from "../media/local-tracks";
import type { Strategy } from "../negotiation/strategy";
import { RtcError } from "../protocol/errors";
import { LIMITS, TIMES_MS } from "../protocol/limits";
import type { Report } from "../protocol/negotiation-events";
import type {
  Caps,
  Joined,
  Media,
  ReceivedEntry,
  RecordingEntry,
  RosterEntry,
  ServerEvent,
} from "../protocol/signaling";
import { keepTime } from "../signaling/clock-sync";
import { EventReporter } from "../signaling/event-reporter";
import { NegotiationClock } from "../signaling/negotiation-clock";
import { ReconnectingConnection } from "../signaling/reconnecting-connection";
import type { Auth, SignalingTransport, Way } from "../signaling/transport";
import { labelsOf } from "./labels";
import { RemotePeer } from "./remote-peer";
import type { RemoteParticipant, RoomRecording } from "./types";

export type RoomOptions = {
  room: string;
  name: string;
  /** This page load: who keeps it keeps its peer connections. */
  session: string;
  strategy: Strategy;
  /** Present ways to the relay and what to show it; called anew for every attempt. */
  access(): { ways: Way[]; auth: Auth; iceServers: RTCIceServer[] };
  /** This participant's part in recordings of the room. */
  recording: RoomRecording;
  /** The relay has ended this participation, with a code that says why. */
  onRemoved(error: RtcError): void;
  /** No path to the relay is left, or one is back. */
  onPath(path: SignalingTransport["path"] | null): void;
  /** A teacher holds the room's signaling messages, or lets them go on. */
  onPaused(paused: boolean): void;
  onMessage(from: string, data: string | ArrayBuffer): void;
};

const CAPS: Caps = { rollback: true, endOfCandidates: true, records: true };
// In the middle of an answer is a bad moment: whoever answers draws when that is sent, or when nobody has offered by then.
const PUBLISH_MS = 150;

export class Room {
  readonly #options: RoomOptions;
  readonly #connection: ReconnectingConnection<Joined>;
  readonly #reporter: EventReporter;
  readonly #remotes = new Map<string, RemotePeer>();
  /** Those whom the relay has not listed since the path to it was lost: they may return to it later than we did. */
  readonly #missing = new Set<RemotePeer>();
  /** Messages for participants who have not been announced yet, by id. */
  readonly #kept = new Map<string, (string | ArrayBuffer)[]>();
  readonly #participants = signal<readonly RemoteParticipant[]>([]);
  /** What everybody is called, this participant among them, by id. */
  readonly labels = computed(() => {
    const me = this.#joined;
    const own = me ? [{ id: me.socketId, order: me.order, name: signal(this.#options.name) }] : [];
    return labelsOf([...this.#participants.value, ...own]);
  });
  readonly #clock = new NegotiationClock();
  readonly #stream = new MediaStream();
  readonly #statsTimer: ReturnType<typeof setInterval>;
  #joined: Joined | null = null;
  #resume: string | undefined;
  #media: Media = { audio: false, video: false, screen: false };
  /** What was on according to the last `join_room`. */
  #announced: Media = this.#media;
  #tracks: LocalTracks = { audio: null, video: null, screen: null };
  #publishTimer: ReturnType<typeof setTimeout> | undefined;
  #untoldPath: SignalingTransport["path"] | null = null;
  #stopClock: (() => void) | undefined;
  #leaving = false;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#connection = new ReconnectingConnection({
      access: options.access,
      enter: "join_room",
      entering: this.#entering,
      entered: this.#enter,
      event: this.#receive,
      lost: this.#lost,
      refused: this.#dismiss,
    });
    this.#reporter = new EventReporter(options.room, this.#connection);
    this.#statsTimer = setInterval(() => this.#measure(), TIMES_MS.stats);
  }

  get participants(): ReadonlySignal<readonly RemoteParticipant[]> {
    return this.#participants;
  }

  /** This participant's id; absent before the first join. */
  get id(): string | null {
    return this.#joined?.socketId ?? null;
  }

  /** Everybody else, with their connections. */
  get remotes(): readonly RemotePeer[] {
    return [...this.#remotes.values()];
  }

  /** Proof of identity for a later page load; absent before the first join. */
  get resumeToken(): string | undefined {
    return this.#resume;
  }

  /** Enter the room, as the participant that `resume` names if it is given. Rejects with the refusal. */
  async join(resume?: string): Promise<void> {
    this.#resume = resume;
    await this.#connection.open();
    // Whoever is alone has the time, and will be the one to offer.
    if (this.#remotes.size === 0) setTimeout(warmUp);
  }

  /** Leave as soon as what this participant has recorded of itself has arrived; at once where nobody records. */
  async leave(): Promise<void> {
    this.#leaving = true;
    await this.#options.recording.finish();
    this.leaveNow();
  }

  /** Leave and close everything; works while the page goes away. */
  leaveNow(): void {
    if (this.#connection.closed) return;
    this.#reporter.flush();
    this.#post("leave_room", {});
    this.#end();
  }

  /** Send these tracks to everybody, and report what is on. */
  setLocal(tracks: LocalTracks, media: Media): void {
    this.#tracks = tracks;
    for (const remote of this.#remotes.values()) remote.setTracks(tracks);
    this.#options.recording.setTracks(tracks);
    const before = this.#media;
    this.#media = media;
    if (this.#joined && !same(before, media)) this.#sendMediaState();
  }

  /** Look for a new way to everybody who keeps the connection meanwhile. */
  restartIce(): void {
    for (const { connection } of this.#remotes.values()) connection.restartIce();
  }

  /** Send a data channel message to one participant, or to all. */
  sendMessage(data: string | ArrayBuffer, target: string | null): void {
    if (target !== null && !this.#remotes.has(target)) this.#keepFor(target, data);
    for (const [id, remote] of this.#remotes) {
      if (target === null || id === target) remote.sendMessage(data);
    }
  }

  /** The kernel may have heard of a newcomer before this page has. */
  #keepFor(newcomer: string, data: string | ArrayBuffer): void {
    const kept = this.#kept.get(newcomer);
    if (kept && kept.length < LIMITS.queued_messages) kept.push(data);
    else if (kept) this.report(dropped(1));
    else {
      this.#kept.set(newcomer, [data]);
      setTimeout(() => {
        const count = this.#kept.get(newcomer)?.length;
        this.#kept.delete(newcomer);
        if (count) this.report(dropped(count));
      }, TIMES_MS.return);
    }
  }

  /** Report something of this participant's to the room's observers. */
  report(entry: Report): void {
    this.#reporter.add(entry);
  }

  /** Report every state anew, for an observer that has missed changes. */
  reportAll(): void {
    for (const remote of this.#remotes.values()) remote.reportAll();
  }

  #post(event: "leave_room" | "media_state", content: object): void {
    this.#connection.post(event, { roomId: this.#options.room, ...content });
  }

  #sendMediaState(): void {
    this.#post("media_state", this.#media);
  }

  // -- the signaling path

  readonly #entering = (): object => {
    const { room, name, session } = this.#options;
    this.#announced = this.#media;
    return {
      roomId: room,
      name,
      kind: "browser",
      media: this.#media,
      caps: CAPS,
      session,
      ...(this.#resume ? { resume: this.#resume } : {}),
    };
  };

  readonly #enter = (joined: Joined, transport: SignalingTransport): void => {
    const isBack = this.#joined !== null;
    this.#joined = joined;
    this.#resume = joined.resume;
    this.#reporter.flush();
    this.#stopClock = keepTime(
      async () => (await transport.request<{ time: number }>("clock", {})).time,
      (offset) => this.report({ type: "clock", ...offset }),
    );
    this.#options.recording.use(transport, joined.recordings);
    this.#pause(joined.paused === true);
    for (const entry of joined.participants) this.#welcome(entry);
    if (isBack) {
      const here = new Set(joined.participants.map((entry) => entry.socketId));
      for (const [id, remote] of this.#remotes) {
        if (here.has(id)) continue;
        this.#expectBack(id, remote);
        // Those who are there have sent again what was lost with the path, and have said their states.
        remote.reportAll();
      }
    }
    // A camera opened while the relay was answering.
    if (!same(this.#announced, this.#media)) this.#sendMediaState();
    this.#untoldPath = transport.path;
    if (this.#publishTimer === undefined) this.#tellPath();
  };

  /** Tell the path once those who are there can be seen: who has joined would seem to be alone for a moment. */
  #tellPath(): void {
    const path = this.#untoldPath;
    this.#untoldPath = null;
    if (path) this.#options.onPath(path);
  }

  #pause(paused: boolean): void {
    this.#clock.setPaused(paused);
    this.#options.onPaused(paused);
  }

  #expectBack(id: string, remote: RemotePeer): void {
    remote.setDisconnected(true);
    this.#missing.add(remote);
    setTimeout(() => {
      if (this.#missing.delete(remote) && this.#remotes.get(id) === remote) this.#remove(id);
    }, TIMES_MS.return);
  }

  readonly #lost = (): void => {
    if (this.#leaving) {
      this.#end();
      return;
    }
    this.#stopClock?.();
    this.#untoldPath = null;
    this.#options.recording.use(null);
    this.#options.onPath(null);
  };

  readonly #dismiss = (error: RtcError): void => {
    if (this.#connection.closed) return;
    this.#end();
    this.#options.onRemoved(error);
  };

  #end(): void {
    this.#connection.close();
    this.#stopClock?.();
    clearInterval(this.#statsTimer);
    for (const remote of this.#remotes.values()) remote.close();
    this.#remotes.clear();
    this.#reporter.close();
    this.#options.recording.close();
    clearTimeout(this.#publishTimer);
    this.#untoldPath = null;
  }

  // -- events of the relay's

  readonly #receive = (name: ServerEvent, payload: Record<string, unknown>, at: number): void => {
    const from = typeof payload.from === "string" ? payload.from : "";
    switch (name) {
      case "user_joined":
        this.#welcome(payload as RosterEntry);
        break;
      case "user_left":
        this.#remove(String(payload.socketId));
        break;
      case "user_away":
      case "user_back":
        this.#remotes.get(String(payload.socketId))?.setDisconnected(name === "user_away");
        break;
      case "media_state":
        this.#remotes.get(from)?.setMedia(payload);
        break;
      case "recording":
        this.#options.recording.announced(payload as RecordingEntry, payload.on === true);
        if (payload.on === true) this.reportAll(); // whoever records has only just begun to listen
        break;
      case "received":
        this.#options.recording.received(String(payload.recording), payload.pieces as ReceivedEntry[]);
        break;
      case "ice_servers":
        Object.assign(this.#joined ?? {}, { iceServers: payload.iceServers });
        break;
      case "paused":
        this.#pause(payload.on === true);
        break;
      case "removed":
        this.#dismiss(new RtcError(String(payload.code), String(payload.message)));
        break;
      default:
        this.#remotes.get(from)?.signaling.receive(name, payload, at);
    }
  };

  /** Add somebody who is new, or who is back on a new relay or in a new page. */
  #welcome(entry: RosterEntry): void {
    const id = entry.socketId;
    if (id === this.#joined?.socketId) return;
    const known = this.#remotes.get(id);
    if (known && known.entry.session === entry.session) {
      this.#missing.delete(known);
      known.update(entry);
      return;
    }
    if (known) this.#remove(id);
    const remote = new RemotePeer(entry, {
      room: this.#options.room,
      relay: this.#connection,
      clock: this.#clock,
      reporter: this.#reporter,
      isEarlier: (this.#joined?.order ?? Number.POSITIVE_INFINITY) < entry.order,
      strategy: this.#options.strategy,
      labels: this.labels,
      iceServers: () => [...(this.#joined?.iceServers ?? []), ...this.#options.access().iceServers],
      tracks: () => this.#tracks,
      stream: this.#stream,
      onMessage: (data) => this.#options.onMessage(id, data),
    });
    remote.signaling.onDescriptionSent = () => queueMicrotask(() => this.#publishTimer && this.#publish());
    this.#remotes.set(id, remote);
    for (const data of this.#kept.get(id) ?? []) remote.sendMessage(data);
    this.#kept.delete(id);
    // Drawing a tile takes longer than making an offer, and the other side waits for the offer.
    this.#publishTimer ??= setTimeout(() => this.#publish(), PUBLISH_MS);
  }

  #remove(id: string): void {
    const remote = this.#remotes.get(id);
    if (!remote) return;
    this.#remotes.delete(id);
    remote.close();
    this.#publish();
  }

  #publish(): void {
    clearTimeout(this.#publishTimer);
    this.#publishTimer = undefined;
    this.#participants.value = [...this.#remotes.values()]
      .sort((a, b) => a.entry.order - b.entry.order)
      .map((remote) => remote.view);
    this.#tellPath();
  }

  #measure(): void {
    for (const remote of this.#remotes.values()) {
      remote.measure().catch(() => undefined); // the connection was closed meanwhile
    }
  }
}

/**
 * The first connection of a page loads codecs, network and keys, which takes tens of milliseconds: better
 * before somebody waits for an offer.
 */
function warmUp(): void {
  const pc = new RTCPeerConnection();
  pc.addTransceiver("video");
  void pc.createOffer().finally(() => pc.close());
}

function same(a: Media, b: Media): boolean {
  return a.audio === b.audio && a.video === b.video && a.screen === b.screen;
}

function dropped(count: number): Report {
  const message = `${count === 1 ? "A message was" : `${count} messages were`} not sent: this page knows of no such participant.`;
  return { type: "error", code: "message_dropped", message };
}
