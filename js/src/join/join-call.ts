/** A call of a page that the relay serves: the same room, session and sources as in a notebook, and no kernel. */
import { batch, computed, effect, type ReadonlySignal, signal } from "@preact/signals-core";
import type { CallHost } from "../call/call-host";
import { CallState, type Phase } from "../call/call-state";
import { LocalSources } from "../call/local-sources";
import { NoticeBoard } from "../call/notice-board";
import { RecordingModel } from "../call/recording-model";
import { recall, remember } from "../call/reload-memory";
import { RoomSession } from "../call/room-session";
import { showFailures } from "../call/source-failures";
import type { Call, LocalParticipant, Notice } from "../call/types";
import { DEFAULT_SIZE } from "../media/pattern";
import { Playback } from "../media/playback";
import { type ErrorInfo, isFatal, RtcError } from "../protocol/errors";
import { connect } from "../signaling/connect";
import { direct } from "../signaling/direct";
import { type Arrival, forgetLink, forgetReturn, keepReturn, keptReturn, waits } from "./arrival";
import { facingOf, otherCamera } from "./cameras";
import { Chat } from "./chat";
import { Knock } from "./knock";
import { left, type Outcome, outcomeOf, worded } from "./outcomes";
import { rememberedName, rememberName } from "./remembered-name";
import { WakeLock } from "./wake-lock";

const CHECK_MS = 8_000;
/** Outcomes of having asked to be let in, after which one may ask again. */
const ASKED = ["not_admitted", "nobody_answered", "waiting_full"];

export class JoinCall implements Call {
  readonly #arrival: Arrival;
  readonly #host: CallHost;
  readonly #session: RoomSession;
  readonly #sources: LocalSources;
  readonly #state = new CallState();
  readonly #playback = new Playback();
  /** Why the link cannot be used, as far as that is known before it is. */
  readonly #refusal = signal<ErrorInfo | null>(null);
  /** Whether the person is back in the lobby after an outcome, to put something right. */
  readonly #revising = signal(false);
  readonly #knock = signal<Knock | null>(null);

  readonly chat = new Chat();
  readonly name = signal(rememberedName());
  /** Whether the person has let the lobby open camera and microphone. */
  readonly previewing = signal(false);
  /** Whether the person waits to be let in: "unreached" while no answer could come. */
  readonly waiting = computed(() => {
    const knock = this.#knock.value;
    return knock && (knock.reached.value ? "waiting" : "unreached");
  });
  readonly room: ReadonlySignal<string>;
  readonly phase: ReadonlySignal<Phase>;
  readonly path: ReadonlySignal<string | null>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  readonly local: LocalParticipant;
  readonly label: Call["label"];
  readonly participants: Call["participants"];
  readonly audioBlocked: ReadonlySignal<boolean>;
  /** Why this page is not in the call; null in the lobby and in the call. */
  readonly outcome: ReadonlySignal<Outcome | null>;

  constructor(arrival: Arrival) {
    this.#arrival = arrival;
    this.#host = this.#createHost();
    this.#sources = new LocalSources({
      name: this.name,
      wanted: () => ({ video: "camera", audio: "microphone", size: DEFAULT_SIZE }),
      onDevices: () => undefined,
    });
    const board = new NoticeBoard();
    this.#session = new RoomSession({
      host: this.#host,
      state: this.#state,
      notices: board,
      sources: this.#sources,
      recordings: new RecordingModel((key, notice) => board.show(key, notice)),
      playback: this.#playback,
    });
    this.room = this.#session.name;
    this.phase = this.#state.shown;
    this.path = this.#session.path;
    this.label = this.#session.label;
    this.participants = this.#session.participants;
    this.audioBlocked = this.#playback.blocked;
    const { view } = this.#sources;
    // What a phone's back camera sees would be read from right to left.
    const isBack = computed(() => facingOf(view.stream.value) === "environment");
    this.local = { ...view, mirrored: computed(() => view.mirrored.value && !isBack.value) };
    this.outcome = computed(() => {
      const refusal = this.#refusal.value;
      if (refusal) return outcomeOf(refusal);
      if (this.#knock.value) return null;
      const isOut = this.phase.value === "left" || this.phase.value === "failed";
      if (!isOut || this.#revising.value) return null;
      const [notice] = board.list.value;
      return notice ? outcomeOf({ code: notice.code, message: notice.text }) : left(this.room.value);
    });
    // What has ended the call takes the whole page, and is not said twice.
    this.notices = computed(() => (this.outcome.value ? [] : board.list.value.map(worded)));

    const { forget } = showFailures(
      this.#sources,
      board,
      (error) => this.#session.reportError(error),
      "Stay without",
      (silent) => {
        this.setVideo(false);
        if (silent) this.setAudio(false);
      },
    );
    const wakeLock = new WakeLock();
    effect(() => this.#playback.update(this.participants.value));
    effect(() => {
      const phase = this.phase.value;
      wakeLock.hold(phase === "joined" || phase === "reconnecting" || this.waiting.value !== null);
      if (phase !== "left" && phase !== "failed") return;
      forget();
      this.previewing.value = false;
    });
    effect(() => {
      // Any other link that is no good says so after a reload, too.
      if (this.outcome.value?.code === "removed") forgetLink(this.room.peek());
    });
    this.#state.enter("idle");
    // A closing or reloading page leaves at once; the browser may keep it as it was, and show it again.
    addEventListener("pagehide", () => {
      this.#session.leaveNow();
      this.#pauseWaiting();
    });
    addEventListener("pageshow", ({ persisted }) => persisted && this.start());
  }

  /** Come back to the call that this page was in before it was reloaded; else see whether the link is any good. */
  start(): void {
    const memory = recall(this.#host.owner);
    if (memory && waits(memory.resume)) {
      this.#sources.on = memory.on;
      this.#wait(memory.resume, true);
    } else if (memory) void this.#session.join({ token: memory.resume, certain: true, memory });
    else if (this.#host.access().auth.token) void this.#check();
    else this.#refusal.value = { code: "no_link", message: "" };
  }

  // -- what the person may do

  /** Open camera and microphone, so that the person sees what the others will see. */
  preview(): void {
    this.previewing.value = true;
    this.#sources.activate();
    this.#sources.open();
  }

  join(): void {
    if (this.#state.active || this.#knock.peek()) return;
    this.name.value = this.name.peek().trim();
    rememberName(this.name.peek());
    this.#refusal.value = null;
    this.#revising.value = false;
    const { token } = this.#host.access().auth;
    const resume = this.#session.resumeToken ? null : keptReturn(this.#arrival.room);
    const memory = resume === null ? null : { resume, on: this.#sources.on, declined: [] };
    forgetReturn(this.#arrival.room);
    if (waits(token)) this.#wait(token, false);
    else void this.#session.join({ token, certain: false, ...(memory && { memory }) });
  }

  /** Whether who has this page's link waits to be let in. */
  get asks(): boolean {
    return waits(this.#host.access().auth.token);
  }

  /** No longer wait to be let in. */
  cancel(): void {
    this.#knock.peek()?.withdraw();
    this.#knock.value = null;
    this.leave();
  }

  /** Try again what has failed: to use the link, to find a name, or to join. */
  again(): void {
    const isRefused = this.#refusal.peek() !== null;
    const code = this.outcome.peek()?.code;
    if (code === "bad_name") {
      this.#refusal.value = null;
      this.#revising.value = true;
    } else if (code && ASKED.includes(code)) this.join();
    else if (isRefused) {
      this.#refusal.value = null;
      this.start();
    } else this.join();
  }

  leave(): void {
    const { resumeToken } = this.#session;
    if (resumeToken) keepReturn(this.#arrival.room, resumeToken);
    void this.#session.leave();
  }

  setAudio(on: boolean): void {
    this.#sources.set("audio", on);
  }

  setVideo(on: boolean): void {
    this.#sources.set("video", on);
  }

  setScreen(on: boolean): void {
    this.#sources.set("screen", on);
  }

  useCamera(id: string): void {
    this.#sources.use("video", id);
  }

  useMicrophone(id: string): void {
    this.#sources.use("audio", id);
  }

  /** Use the camera that looks the other way. */
  async switchCamera(): Promise<void> {
    const next = await otherCamera(this.local.stream.peek()?.getVideoTracks()[0]);
    if (next === null) return;
    // Many a phone opens one camera at a time.
    this.#sources.set("video", false);
    this.#sources.use("video", next);
  }

  unblockAudio(): void {
    this.#playback.unblock();
  }

  /** Send a text to everybody who is here now. */
  write(text: string): void {
    this.#session.sendMessage(this.chat.write(text), null);
  }

  // -- waiting to be let in

  #wait(token: string, returns: boolean): void {
    this.#knock.value = new Knock({
      room: this.room.peek(),
      name: this.name.peek(),
      token,
      returns,
      ways: () => this.#host.access().ways,
      admitted: (resume) => {
        const memory = { resume, on: this.#sources.on, declined: [] };
        // The page goes on waiting until there is something of the call to show.
        void this.#session.join({ token: resume, certain: true, memory }).finally(() => {
          this.#knock.value = null;
        });
      },
      refused: (error) => {
        this.#sources.close();
        batch(() => {
          this.#knock.value = null;
          this.previewing.value = false;
          this.#refusal.value = error;
        });
      },
    });
  }

  /** The page goes: if it is loaded anew, it waits on in the same place. */
  #pauseWaiting(): void {
    const knock = this.#knock.peek();
    if (knock?.place) {
      remember(this.#host.owner, { resume: knock.place, on: this.#sources.on, declined: [] });
    }
    knock?.close();
    this.#knock.value = null;
  }

  // -- the relay that has served this page

  #createHost(): CallHost {
    const { room, token } = this.#arrival;
    // The page is in a folder of its own, beside the relay's endpoint.
    const relay = new URL("..", location.href).href;
    return {
      room,
      negotiation: "perfect",
      owner: `join:${room}`,
      access: (admission) => ({
        relay,
        ways: [direct("direct", relay, { room }, 0)],
        // Who was in may return when the link has expired.
        auth: { token: admission ?? this.#session.resumeToken ?? keptReturn(room) ?? token ?? "" },
        iceServers: [],
      }),
      late: null,
      onPhase: () => undefined,
      onError: () => undefined,
      onMessage: (from, data) => this.chat.receive(this.#session.nameOf(from), data),
    };
  }

  /** Ask the relay whether it would let this page in, before the person has filled in anything. */
  async #check(): Promise<void> {
    const { ways, auth } = this.#host.access();
    const ignore = { event: () => undefined, closed: () => undefined };
    try {
      const newcomer = { ...auth, newcomer: true } as const;
      (await connect(ways, newcomer, ignore, AbortSignal.timeout(CHECK_MS))).close();
    } catch (error) {
      const { room, token } = this.#arrival;
      if (token && keptReturn(room) && error instanceof RtcError && isFatal(error.code)) {
        forgetReturn(room);
        return this.#check();
      }
      // What may have passed by then is seen when the person joins.
      const isFinal =
        error instanceof RtcError && (isFatal(error.code) || error.code === "relay_unreachable");
      if (isFinal && this.#state.phase === "idle") this.#refusal.value = error;
    }
  }
}
