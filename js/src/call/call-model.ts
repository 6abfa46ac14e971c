/** One tab's part in a call: the kernel's wishes, the person's wishes, the room and the sources, brought together. */
import { batch, computed, effect, signal, type Signal as ValueSignal } from "@preact/signals-core";
import { type AudioSource, LocalMedia, type VideoSource, type Wishes } from "../media/local";
import { DEFAULT_SIZE, type Size } from "../media/pattern";
import { Playback } from "../media/playback";
import { strategyOf } from "../negotiation/strategy";
import { mountDoctor } from "../preflight/mount";
import type { Command, Heartbeat, Invitation, Model } from "../protocol/comm";
import { RtcError } from "../protocol/errors";
import { TIMES_MS } from "../protocol/limits";
import { randomId } from "../protocol/random-id";
import { Recordings } from "../recording/self-recorder";
import { Room } from "../room/room";
import { waysTo } from "../signaling/ways";
import { KernelLink } from "./kernel-link";
import { LiveDiagram } from "./live-diagram";
import { ABSENT, noticeOf, RELAY_AWAY, SILENT } from "./notices";
import { RecordingModel } from "./recording-model";
import { forget, recall, remember } from "./reload-memory";
import type { Call, LocalParticipant, Notice, Phase, ReadonlySignal, Seen } from "./types";

/** After the last view has gone: long enough to move a cell, short enough for the others to lose the tile in 2 s. */
const UNSEEN_MS = 1_000;
const CONNECTING_MS = 100;

export class CallModel implements Call {
  readonly #link: KernelLink;
  readonly #media: LocalMedia;
  readonly #playback = new Playback();
  readonly #life = new AbortController();
  readonly #session = randomId();
  readonly #disposers: (() => void)[] = [];
  readonly #phase = signal<Phase>("waiting");
  readonly #notices = signal<ReadonlyMap<string, Notice>>(new Map());
  readonly #current = signal<Room | null>(null);
  readonly #path = signal<string | null>(null);
  readonly #sources: ValueSignal<Wishes>;
  readonly #roomName: ValueSignal<string>;
  readonly #name: ValueSignal<string>;

  #beat: Heartbeat | null = null;
  #beatAt = 0;
  #views = 0;
  #unseenTimer: ReturnType<typeof setTimeout> | undefined;
  /** The invitation that was tried, so that it is not tried again at every beat. */
  #tried: string | null = null;
  #joinAtNextBeat = false;
  #resume: string | undefined;
  #declined: readonly string[] = [];
  #unfollow: (() => void) | undefined;
  #own: Recordings | null = null;
  /** What to open when joining: kept through a reload. */
  readonly #on = signal({ audio: true, video: true });

  readonly local: LocalParticipant;
  readonly seen: Seen | null;
  readonly keepsPicture: boolean;
  readonly room: ReadonlySignal<string>;
  readonly phase: ReadonlySignal<Phase> = this.#phase;
  readonly path: ReadonlySignal<string | null> = this.#path;
  readonly notices = computed(() => [...this.#notices.value.values()]);
  readonly participants = computed(() => this.#current.value?.participants.value ?? []);
  readonly silenced = this.#playback.silenced;
  readonly panel = new LiveDiagram((request) => this.#link.send(request));
  readonly #recordings = new RecordingModel((key, notice) =>
    notice ? this.#show(key, notice) : this.#drop(key),
  );
  readonly recording = this.#recordings.own;

  constructor(model: Model) {
    this.#link = new KernelLink(model, {
      heartbeat: (beat) => this.#heard(beat),
      command: (command, buffers) => void this.#obey(command, buffers),
      changed: () => this.#wishesChanged(),
      panel: (message) => this.panel.receive(message),
      recording: (state) => this.#recordings.receive(state),
    });
    this.#roomName = signal(String(this.#link.trait("room")));
    this.#name = signal(String(this.#link.trait("name")));
    this.room = this.#roomName;
    const seen = this.#link.trait("seen") as Partial<Seen> | undefined;
    this.seen = seen?.who ? (seen as Seen) : null;
    this.keepsPicture = this.#link.trait("keep_picture") === true;
    this.#sources = signal(this.#wishes());
    this.#media = new LocalMedia(this.#sources.peek(), {
      name: () => this.#name.peek(),
      changed: () => this.#mediaChanged(),
      failed: (kind, error) => this.#mediaFailed(kind, error),
      recovered: (kind) => this.#drop(`media:${kind}`),
    });
    const { media, preview, screen, devices, camera, microphone } = this.#media;
    const name = this.#name;
    const wanted = computed(() => {
      const { video, audio } = this.#sources.value;
      const on = this.#on.value;
      return {
        audio: on.audio && audio === "microphone",
        video: on.video && video === "camera",
        screen: on.video && video === "screen",
      };
    });
    this.local = { name, media, wanted, stream: preview, screen, devices, camera, microphone };
    this.#disposers.push(
      effect(() => this.#playback.update(this.participants.value)),
      effect(() => {
        const { cameras, microphones } = devices.value;
        const label = ({ label }: { label: string }) => label;
        if (cameras.length + microphones.length) {
          this.#link.send({
            kind: "devices",
            cameras: cameras.map(label),
            microphones: microphones.map(label),
          });
        }
      }),
    );
    const timer = setInterval(() => this.#watchKernel(), 1_000);
    this.#disposers.push(() => clearInterval(timer));
    addEventListener("pagehide", () => this.#pageGoes(), { signal: this.#life.signal });
    this.#beatAt = performance.now();
  }

  // -- what the person may do

  join(): void {
    if (this.#active) return;
    if (this.#beat && performance.now() - this.#beatAt < TIMES_MS.kernel_absent) {
      void this.#join(this.#beat.token, true);
    } else {
      this.#joinAtNextBeat = true;
      this.#beatAt = performance.now();
      this.#link.requestHeartbeat();
    }
  }

  leave(): void {
    this.#joinAtNextBeat = false;
    if (this.#active) this.#end("left");
  }

  setAudio(on: boolean): void {
    this.#on.value = { ...this.#on.peek(), audio: on };
    if (this.#active) void this.#media.set("audio", on);
  }

  setVideo(on: boolean): void {
    this.#on.value = { ...this.#on.peek(), video: on };
    if (this.#active) void this.#media.set("video", on);
  }

  setScreen(on: boolean): void {
    if (this.#active) void this.#media.setScreen(on);
  }

  useCamera(id: string): void {
    this.#media.choose("video", id);
    this.setVideo(true);
  }

  useMicrophone(id: string): void {
    this.#media.choose("audio", id);
    this.setAudio(true);
  }

  hear(): void {
    this.#playback.hear();
  }

  record(on: boolean): void {
    this.#link.send({ kind: "record", on });
  }

  sendPicture(data: string): void {
    this.#link.send({ kind: "picture", data });
  }

  examine(el: HTMLElement): () => void {
    const beat = this.#beat;
    const relay = beat && {
      url: beat.relay,
      local: beat.local,
      room: this.#roomName.peek(),
      token: beat.token,
    };
    return mountDoctor(el, {
      relay,
      iceServers: beat?.iceServers ?? [],
      link: this.#active ? null : this.#link,
    });
  }

  // -- views: the call lives here, they only show it

  viewAdded(): void {
    this.#views += 1;
    clearTimeout(this.#unseenTimer);
    this.#considerJoining();
  }

  viewRemoved(): void {
    this.#views -= 1;
    if (this.#views > 0) return;
    clearTimeout(this.#unseenTimer);
    // Jupyter does not tell a model that its cell was re-run, cleared or closed: only its views go.
    this.#unseenTimer = setTimeout(() => {
      if (this.#active) this.#end("left");
      this.#link.send({ kind: "phase", phase: "left", unseen: true });
    }, UNSEEN_MS);
  }

  dispose(): void {
    clearTimeout(this.#unseenTimer);
    this.#life.abort();
    if (this.#active) this.#end("left");
    for (const dispose of this.#disposers) dispose();
    this.#media.dispose();
    this.#link.close();
  }

  // -- the kernel

  get #active(): boolean {
    return this.#current.peek() !== null;
  }

  #heard(beat: Heartbeat): void {
    this.#beat = beat;
    this.#beatAt = performance.now();
    // Drawn once, at the end: a tab that is to join starts its socket and its camera first.
    batch(() => {
      this.#drop("kernel");
      if (this.#phase.peek() === "waiting") this.#phase.value = "idle";
      this.#considerJoining();
    });
  }

  #considerJoining(): void {
    const beat = this.#beat;
    if (!beat || this.#active) return;
    if (this.#joinAtNextBeat) {
      this.#joinAtNextBeat = false;
      void this.#join(beat.token, true);
      return;
    }
    const memory = this.#views > 0 ? recall(beat.owner) : null;
    if (memory) {
      this.#resume = memory.resume;
      this.#declined = memory.declined;
      this.#on.value = memory.on;
      void this.#join(beat.token, true);
      return;
    }
    const { invitation } = beat;
    if (!invitation || invitation.key === this.#tried) return;
    if (this.#views === 0 && !invitation.now) return;
    const mine = this.#link.session;
    if (invitation.session && mine && invitation.session !== mine) return;
    void this.#accept(invitation, invitation.session !== null && invitation.session === mine);
  }

  /** Join as invited; unless it is certain that this tab is meant, nothing opens before the relay says so. */
  async #accept(invitation: Invitation, certain: boolean): Promise<void> {
    this.#tried = invitation.key;
    await this.#join(invitation.token, certain);
  }

  #watchKernel(): void {
    const silence = performance.now() - this.#beatAt;
    if (!this.#active) {
      if (silence > TIMES_MS.kernel_absent && (this.#phase.peek() === "waiting" || this.#joinAtNextBeat)) {
        this.#show("kernel", ABSENT);
      }
      return;
    }
    if (silence > TIMES_MS.kernel_gone)
      this.#removed(new RtcError("kernel_gone", "The kernel has been silent for a minute."));
    else if (silence > TIMES_MS.kernel_silent) this.#show("kernel", SILENT);
  }

  #wishes(): Wishes {
    return {
      video: this.#link.trait("video") as VideoSource,
      audio: this.#link.trait("audio") as AudioSource,
      // A model without a kernel behind it may be one of before there was a choice.
      size: (this.#link.trait("resolution") as Size | undefined) ?? DEFAULT_SIZE,
    };
  }

  #wishesChanged(): void {
    const wishes = this.#wishes();
    this.#sources.value = wishes;
    if (this.#active) void this.#media.want(wishes);
    else this.#media.prefer(wishes);
  }

  async #obey(command: Command, buffers: readonly DataView[]): Promise<void> {
    switch (command.action) {
      case "leave":
        return this.leave();
      case "report":
        return this.#current.peek()?.reportAll();
      case "media":
        if (command.audio !== undefined) this.setAudio(command.audio);
        if (command.video !== undefined) this.setVideo(command.video);
        return;
      case "screen":
        return this.setScreen(command.on);
      case "decline":
        return this.#own?.decline(command.recording);
      case "use":
        return this.#useByLabel(command.camera, command.microphone);
      case "send": {
        const [view] = buffers;
        const data = command.text ?? (view ? bytesOf(view) : null);
        if (data !== null) this.#current.peek()?.sendMessage(data, command.target);
      }
    }
  }

  #useByLabel(camera: string | null, microphone: string | null): void {
    const { cameras, microphones } = this.#media.devices.peek();
    for (const [what, label, devices, use] of [
      ["camera", camera, cameras, (id: string) => this.useCamera(id)],
      ["microphone", microphone, microphones, (id: string) => this.useMicrophone(id)],
    ] as const) {
      if (label === null) continue;
      const device = devices.find((one) => one.label.toLowerCase().includes(label.toLowerCase()));
      if (device) use(device.id);
      else this.#tellError(new RtcError("no_device", `No ${what} has '${label}' in its name; see devices.`));
    }
  }

  // -- the room

  async #join(token: string, openAtOnce: boolean): Promise<void> {
    const beat = this.#beat;
    if (!beat) return;
    let entered = false;
    const recordings = new Recordings(this.#roomName.peek());
    const room: Room = new Room({
      room: this.#roomName.peek(),
      name: this.#name.peek(),
      session: this.#session,
      strategy: strategyOf(this.#link.trait("negotiation")),
      access: () => {
        const now = this.#beat ?? beat;
        return {
          ways: waysTo(now.relay, now.local, this.#roomName.peek(), this.#link),
          auth: { token: entered ? now.token : token, owner: now.owner },
          iceServers: now.iceServers,
        };
      },
      onRemoved: (error) => this.#removed(error),
      onPath: (path) => this.#pathChanged(room, path),
      onMessage: (from, data) => this.#link.sendMessage(from, data),
      recording: recordings,
    });
    this.#current.value = room;
    this.#own = recordings;
    for (const id of this.#declined) recordings.declined.add(id);
    this.#unfollow = this.#recordings.follow(recordings.list, (id) => recordings.decline(id));
    const joining = room.join(this.#resume);
    if (openAtOnce) void this.#media.open(this.#on.peek());
    // A relay nearby answers sooner than a screen is drawn that says it is being waited for.
    const waiting = setTimeout(() => this.#setPhase("connecting"), CONNECTING_MS);
    this.#link.send({ kind: "phase", phase: "connecting", unseen: false });
    try {
      await joining;
    } catch (error) {
      clearTimeout(waiting);
      if (this.#current.peek() === room) this.#refused(error);
      return;
    }
    clearTimeout(waiting);
    if (this.#current.peek() !== room) return;
    entered = true;
    this.#resume = room.resumeToken;
    this.#playback.setMe(room.id);
    this.#setPhase("joined");
    if (!openAtOnce) void this.#media.open(this.#on.peek());
  }

  #setPhase(phase: "connecting" | "joined"): void {
    batch(() => {
      this.#phase.value = phase;
      this.#drop("room");
    });
  }

  #refused(error: unknown): void {
    const reason = error instanceof RtcError ? error : new RtcError("relay_unreachable", String(error));
    this.#end("failed");
    if (reason.code === "token_used") {
      // Another tab was quicker: this one offers to join as well.
      this.#phase.value = "idle";
      return;
    }
    if (reason.code === "bad_token") this.#resume = undefined;
    this.#show("room", noticeOf(reason, { label: "Try again", run: () => this.join() }));
    this.#link.send({ kind: "error", code: reason.code, message: reason.message });
    this.#link.send({ kind: "phase", phase: "failed", unseen: false });
  }

  #removed(error: RtcError): void {
    this.#end("left");
    this.#show("room", noticeOf(error));
  }

  #pathChanged(room: Room, path: string | null): void {
    if (this.#current.peek() !== room) return;
    this.#path.value = path;
    if (path === null) {
      this.#phase.value = "reconnecting";
      this.#show("relay", RELAY_AWAY);
    } else {
      this.#drop("relay");
      if (this.#phase.peek() === "reconnecting") this.#phase.value = "joined";
    }
  }

  #end(phase: Phase): void {
    const room = this.#current.peek();
    batch(() => {
      this.#current.value = null;
      this.#phase.value = phase;
      this.#path.value = null;
      this.#notices.value = new Map();
    });
    this.#unfollow?.();
    room?.leave();
    this.#playback.close();
    this.#media.close();
    this.#link.onTunnel(null);
    if (this.#beat) forget(this.#beat.owner);
    this.#link.send({ kind: "phase", phase, unseen: false });
  }

  /** A closing or reloading page says goodbye at once, and leaves word for itself in case it is a reload. */
  #pageGoes(): void {
    if (!this.#active || !this.#beat) return;
    const room = this.#current.peek();
    const { owner } = this.#beat;
    const declined = [...(this.#own?.declined ?? [])];
    this.#end("left");
    if (room?.resumeToken) remember(owner, { resume: room.resumeToken, on: this.#on.peek(), declined });
  }

  // -- sources

  #mediaChanged(): void {
    this.#current.peek()?.setLocal(this.#media.tracks, this.#media.media.peek());
  }

  #mediaFailed(kind: "audio" | "video" | "screen", error: RtcError): void {
    const again = {
      audio: () => this.setAudio(true),
      video: () => this.setVideo(true),
      screen: () => this.setScreen(true),
    }[kind];
    const action = error.code === "insecure_context" ? undefined : { label: "Try again", run: again };
    this.#show(`media:${kind}`, noticeOf(error, action));
    this.#tellError(error);
  }

  #tellError(error: RtcError): void {
    const room = this.#current.peek();
    if (room?.id) room.report({ type: "error", code: error.code, message: error.message });
    else this.#link.send({ kind: "error", code: error.code, message: error.message });
  }

  // -- notices

  #show(key: string, notice: Notice): void {
    if (this.#notices.peek().get(key) === notice) return;
    this.#notices.value = new Map(this.#notices.peek()).set(key, notice);
  }

  #drop(key: string): void {
    if (!this.#notices.peek().has(key)) return;
    const rest = new Map(this.#notices.peek());
    rest.delete(key);
    this.#notices.value = rest;
  }
}

function bytesOf(view: DataView): ArrayBuffer {
  return view.buffer.slice(view.byteOffset, view.byteOffset + view.byteLength) as ArrayBuffer;
}
