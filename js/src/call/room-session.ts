/** This tab's stays in the room: each is joined, resumed over whatever path there is, and left. */
import { batch, computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Playback } from "../media/playback";
import { strategyOf } from "../negotiation/strategy";
import type { Heartbeat } from "../protocol/comm";
import { RtcError } from "../protocol/errors";
import { randomId } from "../protocol/random-id";
import { RoomRecorder } from "../recording/room-recorder";
import type { RemotePeer } from "../room/remote-peer";
import { Room } from "../room/room";
import { waysTo } from "../signaling/ways";
import type { Ticket } from "./admission";
import type { CallState, Phase } from "./call-state";
import type { KernelLink } from "./kernel-link";
import type { KernelPresence } from "./kernel-presence";
import type { LocalSources } from "./local-sources";
import { MessageLimiter } from "./message-limiter";
import type { NoticeBoard } from "./notice-board";
import { noticeOf, PAUSED, RELAY_AWAY } from "./notices";
import type { RecordingModel } from "./recording-model";
import { forget, remember } from "./reload-memory";

/** A kernel that has just started imports what it needs for a heartbeat in less. */
const EXPECTED_MS = 15_000;

export type RoomSessionParts = {
  link: KernelLink;
  presence: KernelPresence;
  state: CallState;
  notices: NoticeBoard;
  sources: LocalSources;
  recordings: RecordingModel;
  playback: Playback;
};

/** One stay, from joining to leaving. */
type Stay = { room: Room; recorder: RoomRecorder; limiter: MessageLimiter; unfollow: () => void };

export class RoomSession {
  /** Called when the person wants to try again after a refusal. */
  onRetry: () => void = () => undefined;

  readonly name: ReadonlySignal<string>;
  readonly #parts: RoomSessionParts;
  readonly #session = randomId();
  readonly #stay = signal<Stay | null>(null);
  readonly #path = signal<string | null>(null);
  readonly participants = computed(() => this.#stay.value?.room.participants.value ?? []);
  /** The room that was left last, as long as something of its recording may be on its way. */
  #leaving: Room | null = null;
  #resume: string | undefined;
  /** Ends a wait for what to join with, while the sources open already. */
  #expecting: ReturnType<typeof setTimeout> | undefined;
  #declined: readonly string[] = [];

  constructor(parts: RoomSessionParts) {
    this.#parts = parts;
    this.name = signal(String(parts.link.trait("room")));
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

  /** Join with what the last heartbeat or an invitation admits. */
  async join(ticket: Ticket, heartbeat: Heartbeat): Promise<void> {
    const { sources, state, playback } = this.#parts;
    // Both at once would be the same participant twice.
    this.#leaving?.leaveNow();
    if (ticket.memory) {
      this.#resume = ticket.memory.resume;
      this.#declined = ticket.memory.declined;
      sources.on = ticket.memory.on;
    }
    const stay = this.#begin(ticket, heartbeat);
    const { room } = stay;
    const isOpen = this.isExpecting;
    if (isOpen) {
      this.#joins();
      sources.announce();
    } else state.enter("connecting");
    const joining = room.join(this.#resume);
    sources.activate();
    if (ticket.certain && !isOpen) sources.open();
    this.#sendPhase("connecting");
    try {
      await joining;
    } catch (error) {
      if (this.#stay.peek() === stay) this.#refused(error, ticket, heartbeat);
      return;
    }
    if (this.#stay.peek() !== stay) return;
    this.#resume = room.resumeToken;
    playback.setMe(room.id);
    if (!ticket.certain && !isOpen) sources.open();
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
    const { presence, sources } = this.#parts;
    this.stopExpecting();
    this.#leaving?.leaveNow();
    const stay = this.#end("left", (room) => room.leaveNow());
    if (!stay) return;
    const { resumeToken } = stay.room;
    if (!resumeToken || !presence.heartbeat) return;
    remember(presence.heartbeat.owner, {
      resume: resumeToken,
      on: sources.on,
      declined: stay.recorder.declined,
    });
  }

  /** The relay or the kernel has ended this participation. */
  remove(error: RtcError): void {
    this.#end("left", (room) => room.leaveNow());
    // A kernel that answers again takes back what was said of it.
    this.#parts.notices.show(error.code === "kernel_gone" ? "kernel" : "room", noticeOf(error));
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

  /** Report an error to all who observe the room, or to this tab's kernel before the room has been joined. */
  reportError({ code, message }: RtcError): void {
    const room = this.#room;
    if (room?.id) room.report({ type: "error", code, message });
    else this.#parts.link.send({ kind: "error", code, message });
  }

  #begin({ token }: Ticket, heartbeat: Heartbeat): Stay {
    const { link, notices, presence, recordings, sources } = this.#parts;
    const name = this.name.peek();
    const limiter = new MessageLimiter(notices, (id) => this.#nameOf(id));
    const recorder = new RoomRecorder({ room: name, declined: this.#declined });
    const room: Room = new Room({
      room: name,
      name: sources.view.name.peek(),
      session: this.#session,
      strategy: strategyOf(link.trait("negotiation")),
      access: () => {
        const now = presence.heartbeat ?? heartbeat;
        return {
          ways: waysTo({ url: now.relay, local: now.local, proof: now.proof }, name, link),
          // An invitation is used up once it has let this tab in.
          auth: { token: room.id ? now.token : token, owner: now.owner },
          iceServers: now.iceServers,
        };
      },
      recording: recorder,
      onRemoved: (error) => this.#room === room && this.remove(error),
      onPath: (path) => this.#room === room && this.#pathChanged(path),
      onPaused: (paused) => this.#room === room && notices.show("paused", paused ? PAUSED : null),
      onMessage: (from, data) => {
        if (limiter.admits(from, data)) link.sendMessage(from, data);
      },
    });
    const unfollow = recordings.follow(recorder.list, (id) => recorder.decline(id));
    const stay = { room, recorder, limiter, unfollow };
    this.#stay.value = stay;
    return stay;
  }

  #nameOf(id: string): string {
    return (
      this.participants
        .peek()
        .find((person) => person.id === id)
        ?.name.peek() ?? id
    );
  }

  #refused(error: unknown, ticket: Ticket, tried: Heartbeat): void {
    const { link, notices, presence } = this.#parts;
    const reason = error instanceof RtcError ? error : new RtcError("relay_unreachable", String(error));
    const now = presence.heartbeat;
    // Meanwhile the kernel has found another relay, which knows no token of the one before.
    const isElsewhere = now !== null && now.relay !== tried.relay;
    // Another tab was quicker: this one offers to join as well.
    const isLate = reason.code === "token_used";
    const phase = isLate || isElsewhere ? "idle" : "failed";
    this.#end(phase, (room) => room.leaveNow(), isElsewhere ? "connecting" : "failed");
    // Who was invited is invited anew.
    if (isElsewhere && ticket.token === tried.token) void this.join({ ...ticket, token: now.token }, now);
    if (isLate || isElsewhere) return;
    if (reason.code === "bad_token") this.#resume = undefined;
    notices.show("room", noticeOf(reason, { label: "Try again", run: () => this.onRetry() }));
    link.send({ kind: "error", code: reason.code, message: reason.message });
    this.#sendPhase("failed");
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
   * @param told - what the kernel is told, where that is another phase
   */
  #end(phase: Phase, close: (room: Room) => void, told = phase): Stay | null {
    const { state, notices, playback, presence, sources } = this.#parts;
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
    if (presence.heartbeat) forget(presence.heartbeat.owner);
    this.#sendPhase(told);
    return stay;
  }

  #sendPhase(phase: Phase): void {
    this.#parts.link.send({ kind: "phase", phase, unseen: false });
  }
}
