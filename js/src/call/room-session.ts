/** This tab's stays in the room: each is joined, resumed over whatever path there is, and left. */
import { batch, computed, effect, type ReadonlySignal, signal, untracked } from "@preact/signals-core";
import type { Playback } from "../media/playback";
import { strategyOf } from "../negotiation/strategy";
import { RtcError } from "../protocol/errors";
import { randomId } from "../protocol/random-id";
import { RoomRecorder } from "../recording/room-recorder";
import type { RemotePeer } from "../room/remote-peer";
import { Room } from "../room/room";
import type { Ticket } from "./admission";
import type { Access, CallHost } from "./call-host";
import type { CallState, Phase } from "./call-state";
import type { LocalSources } from "./local-sources";
import { MessageLimiter } from "./message-limiter";
import type { NoticeBoard } from "./notice-board";
import { called, noticeOf, PAUSED, RELAY_AWAY } from "./notices";
import type { RecordingModel } from "./recording-model";
import { forget, remember } from "./reload-memory";

/** A kernel that has just started imports what it needs for a heartbeat in less. */
const EXPECTED_MS = 15_000;

export type RoomSessionParts = {
  host: CallHost;
  state: CallState;
  notices: NoticeBoard;
  sources: LocalSources;
  recordings: RecordingModel;
  playback: Playback;
};

/** One stay, from joining to leaving. */
type Stay = { room: Room; recorder: RoomRecorder; limiter: MessageLimiter; unfollow: () => void };

export class RoomSession {
  readonly name: ReadonlySignal<string>;
  readonly #parts: RoomSessionParts;
  readonly #session = randomId();
  readonly #stay = signal<Stay | null>(null);
  readonly #path = signal<string | null>(null);
  readonly participants = computed(() => this.#stay.value?.room.participants.value ?? []);
  /** What the others call this participant. */
  readonly label = computed(() => this.#called(this.id) ?? this.#parts.sources.view.name.value);
  /** The room that was left last, as long as something of its recording may be on its way. */
  #leaving: Room | null = null;
  #resume: string | undefined;
  /** Ends a wait for what to join with, while the sources open already. */
  #expecting: ReturnType<typeof setTimeout> | undefined;
  #declined: readonly string[] = [];

  constructor(parts: RoomSessionParts) {
    this.#parts = parts;
    this.name = signal(parts.host.room);
    const told = signal(false);
    const close = () => {
      told.value = true;
    };
    effect(() => {
      const label = this.label.value;
      const isNumbered = !told.value && label !== parts.sources.view.name.value;
      parts.notices.show("name", isNumbered ? called(label, { label: "Close", run: close }) : null);
    });
    parts.sources.onChange = (tracks, media) => this.#room?.setLocal(tracks, media);
  }

  /** How signaling travels; null when not connected. */
  get path(): ReadonlySignal<string | null> {
    return this.#path;
  }

  get #room(): Room | undefined {
    return this.#stay.peek()?.room;
  }

  /** Open the sources for a join that is to come, for a while. */
  expect(): void {
    const { sources, state } = this.#parts;
    state.enter("connecting");
    sources.activate();
    sources.open();
    this.#expecting = setTimeout(() => this.stopExpecting(), EXPECTED_MS);
  }

  get isExpecting(): boolean {
    return this.#expecting !== undefined;
  }

  stopExpecting(): void {
    if (!this.isExpecting) return;
    this.#joins();
    this.#parts.sources.close();
    this.#parts.state.enter("idle");
  }

  #joins(): void {
    clearTimeout(this.#expecting);
    this.#expecting = undefined;
  }

  /** Join with what admits this tab. */
  async join(ticket: Ticket): Promise<void> {
    const { host, sources, state, playback } = this.#parts;
    // Both at once would be the same participant twice.
    this.#leaving?.leaveNow();
    if (ticket.memory) {
      this.#resume = ticket.memory.resume;
      this.#declined = ticket.memory.declined;
      sources.on = ticket.memory.on;
    }
    const tried = host.access();
    const stay = this.#begin(ticket);
    const { room } = stay;
    const isOpening = this.isExpecting;
    // The socket and the sources are under way before the phase is drawn.
    const joining = room.join(this.#resume);
    sources.activate();
    if (ticket.certain && !isOpening) sources.open();
    if (isOpening) this.#joins();
    else state.enter("connecting");
    host.onPhase("connecting");
    try {
      await joining;
    } catch (error) {
      if (this.#stay.peek() === stay) this.#refused(error, ticket, tried);
      return;
    }
    if (this.#stay.peek() !== stay) return;
    this.#resume = room.resumeToken;
    playback.setMe(room.id);
    if (!ticket.certain && !isOpening) sources.open();
  }

  /** Leave; the person sees that at once, the others when what has been recorded has arrived. */
  leave(): Promise<void> {
    this.stopExpecting();
    let left = Promise.resolve();
    this.#end("left", (room) => {
      this.#leaving = room;
      left = room.leave();
    });
    return left;
  }

  /** Leave before this returns, with what lets a reload of the page come back. */
  leaveNow(): void {
    const { host, sources } = this.#parts;
    this.stopExpecting();
    this.#leaving?.leaveNow();
    const stay = this.#end("left", (room) => room.leaveNow());
    const resume = stay?.room.resumeToken;
    if (resume) remember(host.owner, { resume, on: sources.on, declined: stay.recorder.declined });
  }

  /** The relay or the kernel has ended this participation. */
  remove(error: RtcError): void {
    this.#end("left", (room) => room.leaveNow());
    // A kernel that answers again takes back what was said of it.
    this.#parts.notices.show(error.code === "kernel_gone" ? "kernel" : "room", noticeOf(error));
  }

  /** What brings this participant back; absent before it has joined. */
  get resumeToken(): string | undefined {
    return this.#room?.resumeToken ?? this.#resume;
  }

  decline(recording: string): void {
    this.#stay.peek()?.recorder.decline(recording);
  }

  sendMessage(data: string | ArrayBuffer, target: string | null): void {
    this.#room?.sendMessage(data, target);
  }

  restartIce(): void {
    this.#room?.restartIce();
  }

  reportAll(): void {
    this.#room?.reportAll();
  }

  /** This tab's id in the room; null while it is in none. */
  get id(): string | null {
    return this.#room?.id ?? null;
  }

  get remotes(): readonly RemotePeer[] {
    return this.#room?.remotes ?? [];
  }

  /** Report an error to all who observe the room, or where the call is at home before the room has been joined. */
  reportError(error: RtcError): void {
    const { code, message } = error;
    const room = this.#room;
    if (room?.id) room.report({ type: "error", code, message });
    else this.#parts.host.onError(error);
  }

  #begin({ token }: Ticket): Stay {
    const { host, notices, recordings, sources } = this.#parts;
    const name = this.name.peek();
    const limiter = new MessageLimiter(notices, (id) => this.nameOf(id));
    const recorder = new RoomRecorder({ room: name, declined: this.#declined });
    const room: Room = new Room({
      room: name,
      name: sources.view.name.peek(),
      session: this.#session,
      strategy: strategyOf(host.negotiation),
      // An invitation is used up once it has let this tab in.
      access: () => host.access(room.id ? undefined : token),
      recording: recorder,
      onRemoved: (error) => this.#room === room && this.remove(error),
      onPath: (path) => this.#room === room && this.#pathChanged(path),
      onPaused: (paused) => this.#room === room && notices.show("paused", paused ? PAUSED : null),
      onMessage: (from, data) => {
        if (limiter.admits(from, data)) host.onMessage(from, data);
      },
    });
    const recorders = computed(() =>
      recorder.list.value.map((one) => ({ ...one, name: room.labels.value.get(one.by ?? "") ?? one.name })),
    );
    const unfollow = recordings.follow(recorders, (id) => recorder.decline(id));
    const stay = { room, recorder, limiter, unfollow };
    this.#stay.value = stay;
    return stay;
  }

  /** What somebody is called who is in the room now. */
  nameOf(id: string): string {
    return untracked(() => this.#called(id)) ?? id;
  }

  #called(id: string | null | undefined): string | undefined {
    return this.#stay.value?.room.labels.value.get(id ?? "");
  }

  #refused(error: unknown, ticket: Ticket, tried: Access): void {
    const { host, notices } = this.#parts;
    const reason = error instanceof RtcError ? error : new RtcError("relay_unreachable", String(error));
    const now = host.access();
    // Meanwhile the kernel has found another relay, which knows no token of the one before.
    const isElsewhere = now.relay !== tried.relay;
    const isLate = reason.code === host.late;
    const phase = isLate || isElsewhere ? "idle" : "failed";
    this.#end(phase, (room) => room.leaveNow(), isElsewhere ? "connecting" : "failed");
    // Who was invited is invited anew.
    if (isElsewhere && ticket.token === tried.auth.token)
      void this.join({ ...ticket, token: now.auth.token });
    if (isLate || isElsewhere) return;
    if (reason.code === "bad_token") this.#resume = undefined;
    notices.show("room", noticeOf(reason));
    host.onError(reason);
    host.onPhase("failed");
  }

  #pathChanged(path: string | null): void {
    const { state, notices } = this.#parts;
    batch(() => {
      this.#path.value = path;
      if (path === null) state.enter("reconnecting");
      else if (state.phase !== "joined") {
        state.enter("joined");
        notices.show("room", null);
      }
      notices.show("relay", path === null ? RELAY_AWAY : null);
    });
  }

  /**
   * @param close - leaves the room; called while the sources are still on, so that the end of them is recorded
   * @param told - what is said of it where the call is at home, if that is another phase
   */
  #end(phase: Phase, close: (room: Room) => void, told = phase): Stay | null {
    const { host, state, notices, playback, sources } = this.#parts;
    const stay = this.#stay.peek();
    if (!stay) return null;
    batch(() => {
      this.#stay.value = null;
      state.enter(phase);
      this.#path.value = null;
      notices.clear();
    });
    stay.unfollow();
    stay.limiter.close();
    close(stay.room);
    playback.close();
    sources.close();
    forget(host.owner);
    host.onPhase(told);
    return stay;
  }
}
