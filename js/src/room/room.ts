/**
 * A room: who is in it, and a connection to each of them (a mesh). Signaling paths may come and go underneath;
 * a lost one never closes a peer connection that works.
 */
import { computed, type ReadonlySignal, signal, type Signal as ValueSignal } from "@preact/signals-core";
import type { LocalTracks } from "../media/local-tracks";
import type { Signal } from "../negotiation/perfect";
import type { Strategy } from "../negotiation/strategy";
import { RtcError } from "../protocol/errors";
import type { Caps, Joined, Media, ReceivedEntry, RosterEntry, ServerEvent } from "../protocol/signaling";
import { now } from "../signaling/clock-sync";
import { connect } from "../signaling/connect";
import type { Auth, SignalingTransport, Way } from "../signaling/transport";
import { Connection } from "./connection";
import type { Report } from "./reporter";
import type { RemoteParticipant, RoomRecording } from "./types";
import { Voice } from "./voice";

export type RoomOptions = {
  room: string;
  name: string;
  /** This page load: who keeps it keeps its peer connections. */
  session: string;
  strategy: Strategy;
  /** Present ways to the relay and what to show it; asked anew for every attempt. */
  access(): { ways: Way[]; auth: Auth; iceServers: RTCIceServer[] };
  /** The relay has ended this participation, with a code that says why. */
  removed(error: RtcError): void;
  /** No path to the relay is left, or one is back. */
  path(path: string | null): void;
  message(from: string, data: string | ArrayBuffer): void;
  /** This participant's part in recordings of the room. */
  recording: RoomRecording;
};

type Member = {
  entry: RosterEntry;
  connection: Connection;
  view: RemoteParticipant;
  name: ValueSignal<string>;
  media: ValueSignal<Media>;
  away: ValueSignal<boolean>;
  current: ValueSignal<Connection>;
  /** Says offers and answers by one event, and hears no other. */
  describes: boolean;
};

const CAPS: Caps = { rollback: true, endOfCandidates: true, records: true };
const PUBLISH_MS = 60;
const STATS_MS = 1_000;
const RETRY_MS = [50, 100, 200, 400, 800, 1_500] as const;
/**
 * How long one attempt to come back may take: a busy kernel's tunnel must not keep a better way from being tried, and
 * an attempt with the pauses around it must be over within `RETURN_MS`.
 */
const ATTEMPT_MS = 2_500;
/** How long a participant that was here may take to come back to a new relay. */
const RETURN_MS = 5_000;

export class Room {
  readonly #options: RoomOptions;
  readonly #life = new AbortController();
  readonly #members = new Map<string, Member>();
  readonly #participants = signal<readonly RemoteParticipant[]>([]);
  readonly #stream = new MediaStream();
  #transport: SignalingTransport | null = null;
  #joined: Joined | null = null;
  /** Events that overtook the acknowledgement of our own join; null when there is none under way. */
  #early: [ServerEvent, Record<string, unknown>, number][] | null = null;
  #resume: string | undefined;
  #media: Media = { audio: false, video: false, screen: false };
  #tracks: LocalTracks = { audio: null, video: null, screen: null };
  #publishTimer: ReturnType<typeof setTimeout> | undefined;
  readonly #voice: Voice;
  readonly #statsTimer: ReturnType<typeof setInterval>;

  constructor(options: RoomOptions) {
    this.#options = options;
    this.#voice = new Voice(options.room);
    this.#statsTimer = setInterval(() => this.#measure(), STATS_MS);
  }

  get participants(): ReadonlySignal<readonly RemoteParticipant[]> {
    return this.#participants;
  }

  /** This participant's id; absent before the first join. */
  get id(): string | null {
    return this.#joined?.socketId ?? null;
  }

  /** Proof of identity for a later page load; absent before the first join. */
  get resumeToken(): string | undefined {
    return this.#resume;
  }

  /** Enter the room, as the participant that `resume` names if it is given. Rejects with the refusal. */
  async join(resume?: string): Promise<void> {
    this.#resume = resume;
    await this.#connect();
    // Whoever is alone has the time, and will be the one to offer.
    if (this.#members.size === 0) setTimeout(warmUp);
  }

  /** Say goodbye and close everything; works while the page goes away. */
  leave(): void {
    if (this.#life.signal.aborted) return;
    this.#voice.flush();
    this.#transport?.post("leave_room", { roomId: this.#options.room });
    this.#end();
  }

  /** Send these tracks to everybody, and tell what is on. */
  setLocal(tracks: LocalTracks, media: Media): void {
    this.#tracks = tracks;
    for (const { connection } of this.#members.values()) connection.setTracks(tracks);
    this.#options.recording.setTracks(tracks);
    const before = this.#media;
    this.#media = media;
    if (this.#joined && !same(before, media)) this.#tellMedia();
  }

  /** Send a data channel message to one participant, or to all. */
  message(data: string | ArrayBuffer, target: string | null): void {
    for (const [id, { connection }] of this.#members) {
      if (target === null || id === target) connection.message(data);
    }
  }

  /** Report something of this participant's to the room's observers. */
  report(entry: Report): void {
    this.#voice.report(entry);
  }

  /** Report every state anew, for an observer that was away. */
  reportAll(): void {
    for (const { connection } of this.#members.values()) connection.reportAll();
  }

  #tellMedia(): void {
    this.#transport?.post("media_state", { roomId: this.#options.room, ...this.#media });
  }

  // -- the signaling path

  async #connect(until = this.#life.signal): Promise<void> {
    const { ways, auth } = this.#options.access();
    let path: SignalingTransport | null = null;
    const transport = await connect(
      ways,
      auth,
      {
        event: (name, payload) => this.#receive(name, payload),
        closed: () => path !== null && path === this.#transport && this.#lost(),
      },
      until,
    );
    path = transport;
    this.#transport = transport;
    this.#early = [];
    const told = this.#media;
    try {
      const joined = await transport.request<Joined>("join_room", {
        roomId: this.#options.room,
        name: this.#options.name,
        kind: "browser",
        media: this.#media,
        caps: CAPS,
        session: this.#options.session,
        ...(this.#resume ? { resume: this.#resume } : {}),
      });
      if (this.#life.signal.aborted) throw new RtcError("closed", "The room was left.");
      this.#voice.use(transport);
      this.#options.recording.use(transport, joined.recordings);
      this.#enter(joined);
      if (!same(told, this.#media)) this.#tellMedia(); // a camera opened while the relay was answering
    } catch (error) {
      this.#transport = null;
      this.#early = null;
      transport.close();
      throw error;
    }
    this.#options.path(transport.path);
  }

  #enter(joined: Joined): void {
    const isBack = this.#joined !== null;
    this.#joined = joined;
    this.#resume = joined.resume;
    for (const entry of joined.participants) this.#welcome(entry);
    if (isBack) {
      const here = new Set(joined.participants.map((entry) => entry.socketId));
      for (const [id, member] of this.#members) {
        if (!here.has(id)) this.#expectBack(id, member);
        member.connection.resume();
      }
    }
    const early = this.#early ?? [];
    this.#early = null;
    for (const [name, payload, at] of early) this.#receive(name, payload, at);
  }

  #expectBack(id: string, member: Member): void {
    member.away.value = true;
    setTimeout(() => {
      if (this.#members.get(id) === member && member.away.value) this.#part(id);
    }, RETURN_MS);
  }

  #lost(): void {
    this.#transport = null;
    this.#voice.use(null);
    this.#options.recording.use(null);
    this.#options.path(null);
    void this.#reconnect();
  }

  /** Come back over any path there is, with jitter, for as long as the room is wanted. */
  async #reconnect(): Promise<void> {
    for (let attempt = 0; !this.#life.signal.aborted; attempt += 1) {
      const pause = RETRY_MS[Math.min(attempt, RETRY_MS.length - 1)] ?? 0;
      await new Promise((resolve) => setTimeout(resolve, pause * (0.5 + Math.random())));
      if (this.#life.signal.aborted) return;
      try {
        await this.#connect(AbortSignal.any([this.#life.signal, AbortSignal.timeout(ATTEMPT_MS)]));
        return;
      } catch (error) {
        if (error instanceof RtcError && FINAL.has(error.code)) {
          this.#dismiss(error);
          return;
        }
      }
    }
  }

  #dismiss(error: RtcError): void {
    if (this.#life.signal.aborted) return;
    this.#end();
    this.#options.removed(error);
  }

  #end(): void {
    this.#life.abort();
    clearInterval(this.#statsTimer);
    this.#transport?.close();
    this.#transport = null;
    for (const { connection } of this.#members.values()) connection.close();
    this.#members.clear();
    this.#voice.close();
    this.#options.recording.close();
    clearTimeout(this.#publishTimer);
    this.#participants.value = [];
  }

  // -- events of the relay's

  #receive(name: ServerEvent, payload: Record<string, unknown>, at = now()): void {
    if (this.#life.signal.aborted) return;
    if (this.#early) {
      this.#early.push([name, payload, at]);
      return;
    }
    const from = typeof payload.from === "string" ? payload.from : "";
    const id = typeof payload.id === "string" ? payload.id : undefined;
    this.#voice.heard(name, from, id, at);
    switch (name) {
      case "user_joined":
        this.#welcome(payload as unknown as RosterEntry);
        break;
      case "user_left":
        this.#part(String(payload.socketId));
        break;
      case "user_away":
      case "user_back":
        this.#setAway(String(payload.socketId), name === "user_away");
        break;
      case "offer":
      case "answer":
      case "description":
        this.#noteDialect(from, name);
        this.#hand(from, {
          type: "description",
          description: payload[name] as RTCSessionDescriptionInit,
          id,
        });
        break;
      case "ice_candidate":
        this.#hand(from, { type: "candidate", candidate: payload.candidate as RTCIceCandidateInit, id });
        break;
      case "request_offer":
        this.#members.get(from)?.connection.offerRequested();
        break;
      case "media_state": {
        const member = this.#members.get(from);
        if (member) member.media.value = toMedia(payload);
        break;
      }
      case "recording":
        this.#options.recording.announced(
          String(payload.recording),
          String(payload.name),
          payload.on === true,
        );
        // Who records has only just begun to listen.
        this.reportAll();
        break;
      case "received":
        this.#options.recording.received(String(payload.recording), payload.pieces as ReceivedEntry[]);
        break;
      case "removed":
        this.#dismiss(new RtcError(String(payload.code), String(payload.message)));
    }
  }

  /** Whoever uses the one event for both types of description is answered with it. */
  #noteDialect(from: string, event: ServerEvent): void {
    const member = this.#members.get(from);
    if (member) member.describes = event === "description";
  }

  #hand(from: string, message: Signal): void {
    const member = this.#members.get(from);
    if (!member) return;
    // At once, so that the candidates of the new connection, which follow, reach ours.
    if (member.connection.isOutdatedBy(message)) this.#replaceConnection(member);
    member.connection.receive(message);
  }

  #setAway(id: string, away: boolean): void {
    const member = this.#members.get(id);
    if (!member) return;
    member.away.value = away;
    if (!away) member.connection.resume();
  }

  /** Take in somebody who is new, or who is back on a new relay or in a new page. */
  #welcome(entry: RosterEntry): void {
    const id = entry.socketId;
    if (id === this.#joined?.socketId) return;
    const known = this.#members.get(id);
    if (known && known.entry.session === entry.session) {
      known.name.value = entry.name;
      known.media.value = toMedia(entry.media);
      known.away.value = entry.away;
      known.connection.resume();
      return;
    }
    if (known) this.#part(id);
    const connection = this.#open(entry);
    const current = signal(connection);
    const name = signal(entry.name);
    const media = signal(toMedia(entry.media));
    const away = signal(entry.away);
    const view: RemoteParticipant = {
      id,
      name,
      kind: entry.kind,
      media,
      away,
      stream: computed(() => current.value.stream.value),
      screen: computed(() => (media.value.screen ? current.value.screen.value : null)),
      connectionState: computed(() => current.value.state.value),
      stats: computed(() => current.value.stats.value),
    };
    this.#members.set(id, { entry, connection, view, name, media, away, current, describes: false });
    // Drawing a tile takes longer than making an offer, and the other side waits for the offer.
    this.#publishTimer ??= setTimeout(() => this.#publish(), PUBLISH_MS);
  }

  #open(entry: RosterEntry, renewal = false): Connection {
    const id = entry.socketId;
    const mine = this.#joined?.order ?? Number.POSITIVE_INFINITY;
    const canRollBack = entry.caps.rollback !== false;
    return new Connection({
      peer: id,
      caps: entry.caps,
      strategy: this.#options.strategy,
      iceServers: [...(this.#joined?.iceServers ?? []), ...this.#options.access().iceServers],
      // The later one gives way; so does a browser to whoever cannot roll back or does not say.
      polite: !entry.caps.rollback || mine > entry.order,
      first: !renewal && canRollBack && mine < entry.order,
      tracks: this.#tracks,
      stream: this.#stream,
      send: (message) => this.#signal(id, message),
      report: (line) => this.report(line),
      message: (data) => this.#options.message(id, data),
      beyondRepair: () => this.#beginAnew(id),
    });
  }

  #signal(to: string, message: Signal): void {
    if (message.type === "candidate") {
      this.#voice.say("ice_candidate", to, { candidate: message.candidate });
    } else {
      queueMicrotask(() => this.#publishTimer && this.#publish());
      const typed = message.description.type === "offer" ? "offer" : "answer";
      const type = this.#members.get(to)?.describes ? "description" : typed;
      this.#voice.say(type, to, { [type]: message.description });
    }
  }

  /** Make a new connection to somebody who cannot restart ICE, and who makes the first offer. */
  #beginAnew(id: string): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#replaceConnection(member);
    this.#voice.say("request_offer", id);
  }

  /** Whoever has begun anew, or is asked to, makes the offer. */
  #replaceConnection(member: Member): void {
    const unsent = member.connection.close();
    member.connection = this.#open(member.entry, true);
    member.current.value = member.connection;
    for (const data of unsent) member.connection.message(data);
  }

  #part(id: string): void {
    const member = this.#members.get(id);
    if (!member) return;
    this.#members.delete(id);
    member.connection.close();
    this.#publish();
  }

  #publish(): void {
    clearTimeout(this.#publishTimer);
    this.#publishTimer = undefined;
    this.#participants.value = [...this.#members.values()]
      .sort((a, b) => a.entry.order - b.entry.order)
      .map((member) => member.view);
  }

  #measure(): void {
    for (const { connection } of this.#members.values()) {
      connection.measure().catch(() => undefined); // the connection was closed meanwhile
    }
  }
}

/** Refusals that trying again does not change. */
const FINAL: ReadonlySet<string> = new Set([
  "bad_token",
  "wrong_room",
  "forbidden",
  "taken_over",
  "kernel_gone",
  "bad_room",
  "bad_name",
]);

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

function toMedia(value: object): Media {
  const { audio, video, screen } = value as Partial<Media>;
  return { audio: audio === true, video: video === true, screen: screen === true };
}
