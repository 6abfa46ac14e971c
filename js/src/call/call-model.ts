/** One tab's part in a call: the kernel, the person, the room and the sources, brought together. */
import { batch, effect, type ReadonlySignal, signal } from "@preact/signals-core";
import type { Playback } from "../media/playback";
import type { Heartbeat } from "../protocol/comm";
import { RtcError } from "../protocol/errors";
import { TIMES_MS } from "../protocol/limits";
import type { Admission } from "./admission";
import type { CallCommands } from "./call-commands";
import type { CallState, Phase } from "./call-state";
import type { KernelLink } from "./kernel-link";
import type { KernelPresence } from "./kernel-presence";
import type { LocalSources } from "./local-sources";
import type { MediaChannels } from "./media-channels";
import type { ModuleLoader } from "./module-loader";
import type { LivePanel, Modules } from "./modules";
import type { NoticeBoard } from "./notice-board";
import { ABSENT, SILENT } from "./notices";
import type { RecordingModel } from "./recording-model";
import type { RoomSession } from "./room-session";
import { showFailures } from "./source-failures";
import type { CallSummary, LocalParticipant, NotebookCall, Notice, OwnRecording, PanelView } from "./types";
import { waitingNotices } from "./waiting-notices";

/** After the last view has gone: long enough to move a cell, short enough for the others to lose the tile in 2 s. */
const UNSEEN_MS = 1_000;
const WATCH_MS = 1_000;

export type CallParts = {
  link: KernelLink;
  presence: KernelPresence;
  admission: Admission;
  state: CallState;
  notices: NoticeBoard;
  sources: LocalSources;
  session: RoomSession;
  commands: CallCommands;
  recordings: RecordingModel;
  channels: MediaChannels;
  modules: ModuleLoader;
  playback: Playback;
};

export class CallModel implements NotebookCall {
  readonly #parts: CallParts;
  readonly #life = new AbortController();
  readonly #disposers: (() => void)[] = [];
  #panel: LivePanel | null = null;
  #views = 0;
  #unseenTimer: ReturnType<typeof setTimeout> | undefined;
  #joinAtNextHeartbeat = false;
  /** The kernel will invite this tab: its person ran the cell. */
  #isExpected = false;
  /** The person has left before the invitation came, which is not followed then. */
  #hasLeftEarly = false;

  readonly summary: CallSummary | null;
  readonly keepsPicture: boolean;
  readonly local: LocalParticipant;
  readonly room: ReadonlySignal<string>;
  readonly phase: ReadonlySignal<Phase>;
  readonly path: ReadonlySignal<string | null>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  readonly label: ReadonlySignal<string>;
  readonly participants: NotebookCall["participants"];
  readonly audioBlocked: ReadonlySignal<boolean>;
  readonly elsewhere = signal(false);
  readonly recording: ReadonlySignal<OwnRecording | null>;
  readonly replay: ReadonlySignal<string | null>;

  constructor(parts: CallParts) {
    this.#parts = parts;
    const { link, sources, session, state, notices, playback, recordings } = parts;
    const summary = link.trait("seen") as Partial<CallSummary> | undefined;
    this.summary = summary?.who ? (summary as CallSummary) : null;
    this.keepsPicture = link.trait("keep_picture") === true;
    this.local = sources.view;
    this.room = session.name;
    this.phase = state.shown;
    this.path = session.path;
    this.notices = notices.list;
    this.label = session.label;
    this.participants = session.participants;
    this.audioBlocked = playback.blocked;
    this.recording = recordings.own;
    this.replay = recordings.replay;
    const { forget, offer } = showFailures(
      sources,
      notices,
      (error) => {
        session.reportError(error);
        if (error.code === "blocked_by_page") link.send({ kind: "join_page" });
      },
      "Use a test picture",
      (silent) => {
        link.want({ video: "pattern", ...(silent && { audio: false }) });
        sources.set("video", true);
      },
    );
    recordings.onPlay = (id) => link.send({ kind: "replay", id });
    link.listen({
      heartbeat: (heartbeat) => this.#receiveHeartbeat(heartbeat),
      expect: ({ session: meant }) => {
        this.#isExpected = meant === link.session;
        this.#considerJoining();
      },
      command: (command, buffers) => {
        if (command.action === "leave") this.leave();
        else parts.commands.execute(command, buffers);
      },
      panel: (message) => this.#panel?.receive(message),
      recording: (message) => recordings.receive(message),
      replay: (message) => recordings.receiveReplay(message),
      module: (module) => parts.modules.receive(module),
      join_page: ({ url }) => offer(url),
      waiting: waitingNotices(notices, (answer) => link.send(answer)),
      changed: () => sources.update(),
    });
    const timer = setInterval(() => this.#watchKernel(), WATCH_MS);
    this.#disposers.push(
      effect(() => playback.update(this.participants.value)),
      effect(() => {
        if (["left", "failed"].includes(this.phase.value)) forget();
      }),
      () => clearInterval(timer),
    );
    // A closing or reloading page leaves at once.
    addEventListener("pagehide", () => session.leaveNow(), { signal: this.#life.signal });
  }

  // -- what the person may do

  join(): void {
    const { link, presence, session, state } = this.#parts;
    if (state.active) return;
    const { heartbeat } = presence;
    if (this.elsewhere.peek()) {
      link.send({ kind: "move" });
      return;
    }
    if (heartbeat && presence.isPresent) {
      void session.join({ token: heartbeat.token, certain: true });
      return;
    }
    this.#joinAtNextHeartbeat = true;
    presence.expect();
    link.requestHeartbeat();
  }

  leave(): void {
    this.#joinAtNextHeartbeat = false;
    this.#hasLeftEarly = this.#parts.session.isExpecting;
    void this.#parts.session.leave();
  }

  setAudio(on: boolean): void {
    this.#parts.sources.set("audio", on);
  }

  setVideo(on: boolean): void {
    this.#parts.sources.set("video", on);
  }

  setScreen(on: boolean): void {
    this.#parts.sources.set("screen", on);
  }

  useCamera(id: string): void {
    this.#parts.sources.use("video", id);
  }

  useMicrophone(id: string): void {
    this.#parts.sources.use("audio", id);
  }

  unblockAudio(): void {
    this.#parts.playback.unblock();
  }

  record(on: boolean): void {
    this.#parts.link.send({ kind: "record", on });
  }

  closeReplay(): void {
    this.#parts.recordings.closeReplay();
  }

  sendPicture(data: string): void {
    this.#parts.link.send({ kind: "picture", data });
  }

  examine(el: HTMLElement): () => void {
    return this.#mount("preflight", (preflight) => {
      const { link, presence, state } = this.#parts;
      const { heartbeat } = presence;
      const relay = heartbeat && {
        url: heartbeat.relay,
        local: heartbeat.local,
        room: this.room.peek(),
        token: heartbeat.token,
        ...(heartbeat.proof && { proof: heartbeat.proof }),
        ...(heartbeat.originTokens && { originTokens: heartbeat.originTokens }),
      };
      // The way through the kernel carries one connection, which may be the call's.
      return preflight.mount(el, {
        relay,
        iceServers: heartbeat?.iceServers ?? [],
        link: state.active ? null : link,
      });
    });
  }

  showTracePanel(el: HTMLElement, view: PanelView): () => void {
    return this.#mount("trace-panel", ({ createPanel, mount }) => {
      this.#panel ??= createPanel((request) => this.#parts.link.send(request));
      return mount(el, this.#panel, view);
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
      void this.#parts.session.leave();
      this.#parts.link.send({ kind: "phase", phase: "left", unseen: true });
    }, UNSEEN_MS);
  }

  dispose(): void {
    const { channels, link, sources, session, state, modules } = this.#parts;
    channels.close();
    clearTimeout(this.#unseenTimer);
    this.#life.abort();
    // Signaling may go through the link.
    void session.leave().finally(() => link.close());
    for (const dispose of this.#disposers) dispose();
    state.dispose();
    modules.dispose();
    sources.dispose();
  }

  // -- the kernel

  #receiveHeartbeat(heartbeat: Heartbeat): void {
    const { channels, notices, presence, state } = this.#parts;
    presence.receive(heartbeat);
    channels.receive(heartbeat);
    // Drawn once, at the end: a tab that is to join starts its socket and its camera first.
    batch(() => {
      this.elsewhere.value = heartbeat.joined && !state.active;
      notices.show("kernel", null);
      if (state.phase === "waiting") state.enter("idle");
      this.#considerJoining();
    });
  }

  #considerJoining(): void {
    const { admission, presence, session, state } = this.#parts;
    const { heartbeat } = presence;
    if (!heartbeat) {
      if (this.#isExpected && this.#views > 0 && !state.active) {
        this.#isExpected = false;
        session.expect();
      }
      return;
    }
    if (state.active && !session.isExpecting) return;
    const ticket = this.#joinAtNextHeartbeat
      ? { token: heartbeat.token, certain: true }
      : admission.consider(heartbeat, this.#views > 0);
    this.#joinAtNextHeartbeat = false;
    if (ticket && !this.#hasLeftEarly) void session.join(ticket);
    else session.stopExpecting();
    this.#hasLeftEarly = false;
  }

  #watchKernel(): void {
    const { notices, presence, session, state } = this.#parts;
    presence.look();
    const { silence } = presence;
    if (!state.active) {
      const isExpected = state.phase === "waiting" || this.#joinAtNextHeartbeat;
      if (isExpected && silence > TIMES_MS.kernel_absent) notices.show("kernel", ABSENT);
    } else if (silence > TIMES_MS.kernel_gone)
      session.remove(new RtcError("kernel_gone", "The kernel has been silent for a minute."));
    else if (silence > TIMES_MS.kernel_silent) notices.show("kernel", SILENT);
  }

  // -- modules

  /** Mount something of a module as soon as that is loaded, unless it is no longer wanted by then. */
  #mount<Name extends keyof Modules>(name: Name, mount: (module: Modules[Name]) => () => void): () => void {
    let unmount: (() => void) | undefined;
    let wanted = true;
    this.#parts.modules.load(name).then(
      (module) => {
        if (wanted) unmount = mount(module);
      },
      // A source that cannot be imported is shown by the loader's own notice.
      () => undefined,
    );
    return () => {
      wanted = false;
      unmount?.();
    };
  }
}
