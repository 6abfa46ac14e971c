import { type Signal, signal } from "@preact/signals-core";
import { type Cue, parseCues } from "./captions";
import { ClipVideo } from "./clip";
import { Clock } from "./clock";
import type { Recording } from "./recording";
import { rememberedSpeed, rememberSpeed } from "./remembered";
import { realTime, type Scale, storyTime } from "./scale";
import { indexAt, passed, step } from "./timeline";

export const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4] as const;

/** Browsers draw nothing in a page that is not seen, where sound goes on all the same. */
const UNSEEN_MS = 250;

/** The time of a replay, and everything that moves it. Videos follow it, each for itself: none can stop the others. */
export class Player {
  readonly time = signal(0);
  readonly playing = signal(false);
  readonly speed = signal<number>(1);
  readonly muted = signal(false);
  readonly volume = signal(1);
  /** Whether the browser has refused to play sound. */
  readonly silenced = signal(false);
  /** The signaling message that is open, by index. */
  readonly open = signal<number | null>(null);
  /** Whether captions are shown. */
  readonly captions: Signal<boolean>;
  /** Whether each message gets equal time. Pictures follow, and there is no sound. */
  readonly story = signal(false);
  /** Whether it plays the chapter that it is in again and again. */
  readonly loop = signal(false);
  /** Whether every picture that belongs to this time is there. */
  readonly ready = signal(false);
  readonly clips: readonly ClipVideo[];
  readonly cues: readonly Cue[];
  /** When each signaling message was sent. */
  messages: readonly number[] = [];
  /** Called with what has been passed while playing. */
  readonly onPassing = new Set<(from: number, to: number) => void>();
  readonly #clock: Clock;
  /** Whether nobody saw the page at the last tick. */
  #unseen = false;
  #frame = 0;
  #timer: ReturnType<typeof setInterval> | undefined;

  constructor(
    readonly doc: Document,
    readonly recording: Recording,
    sources: readonly HTMLElement[],
  ) {
    this.#clock = new Clock(recording.data.seconds, () => performance.now());
    this.cues = parseCues(recording.data.captions ?? "");
    this.captions = signal(this.cues.length > 0);
    this.clips = recording.clips.map(
      (clip, index) =>
        new ClipVideo(
          doc,
          clip,
          sources[index]!,
          () => this.#settle(),
          () => this.#silence(),
        ),
    );
    const speed = rememberedSpeed();
    if (SPEEDS.some((each) => each === speed)) this.#setSpeed(speed!);
    this.#settle();
  }

  get end(): number {
    return this.#clock.end;
  }

  /** How its times lie on the seek bar; another one in story time. */
  get scale(): Scale {
    return this.#clock.scale;
  }

  toggle(): void {
    if (this.playing.peek()) this.pause();
    else this.play();
  }

  play(): void {
    if (this.#clock.time >= this.end) this.seek(this.loop.peek() ? this.#chapterAt(this.end)[0] : 0);
    for (const clip of this.clips) clip.load();
    this.#clock.runs = true;
    this.playing.value = true;
    this.#settle();
    this.#timer ??= setInterval(() => this.#tick(), UNSEEN_MS);
    this.#next();
  }

  pause(): void {
    if (!this.#clock.runs) return;
    this.#clock.runs = false;
    this.playing.value = false;
    clearInterval(this.#timer);
    this.#timer = undefined;
    cancelAnimationFrame(this.#frame);
    this.time.value = this.#clock.time;
    this.#settle();
  }

  seek(time: number): void {
    this.#clock.time = time;
    this.open.value = null;
    // As it was asked for, to the last digit: by it messages know whether they are meant.
    this.time.value = Math.min(this.end, Math.max(0, time));
    this.#settle(true);
  }

  setSpeed(speed: number): void {
    this.#setSpeed(speed);
    rememberSpeed(speed);
    this.#settle();
  }

  /** Without captions there are none to be shown. */
  toggleCaptions(): void {
    this.captions.value = this.cues.length > 0 && !this.captions.peek();
  }

  setStory(on: boolean): void {
    this.#clock.scale = on ? storyTime(this.messages, this.end) : realTime(this.end);
    this.story.value = on;
    this.#settle(true);
  }

  /** The next faster, or slower. */
  hurry(by: 1 | -1): void {
    const index = SPEEDS.findIndex((speed) => speed >= this.speed.peek()) + by;
    this.setSpeed(SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, index))]!);
  }

  setVolume(volume: number, muted: boolean): void {
    this.volume.value = volume;
    this.muted.value = muted;
    if (!muted) this.silenced.value = false;
    for (const { element } of this.clips) {
      element.volume = volume;
      element.muted = muted;
    }
  }

  /** Stop at the next message, or the one before, and open it. */
  stepMessage(by: 1 | -1): void {
    this.pause();
    const index = step(this.messages, this.time.peek(), this.open.peek(), by);
    if (index !== null) this.goTo(index);
  }

  /** Go to a message and open it. */
  goTo(index: number): void {
    this.seek(this.messages[index]!);
    this.open.value = index;
  }

  /** Have the media at hand, a file at a time, those that are needed first. */
  prepare(): void {
    const time = this.time.peek();
    const missing = this.clips.filter((clip) => !clip.loaded && !clip.failed.peek());
    const next = missing.find((clip) => clip.covers(time)) ?? missing[0];
    if (!next) return;
    next.load();
    this.#settle();
    setTimeout(() => this.prepare());
  }

  /** Stop, and give back the memory of the media. */
  release(): void {
    this.pause();
    for (const clip of this.clips) clip.release();
  }

  #next(): void {
    this.#frame = requestAnimationFrame(() => {
      this.#tick();
      if (this.#clock.runs) this.#next();
    });
  }

  #tick(): void {
    if (this.#halted()) this.pause();
    const before = this.time.peek();
    const time = this.#clock.time;
    if (this.loop.peek()) {
      const [from, to] = this.#chapterAt(before);
      if (time >= to) {
        this.seek(from);
        return;
      }
    }
    this.time.value = time;
    for (const listen of this.onPassing) listen(before, time);
    // A message stays open until the next one is there.
    if (passed(this.messages, before, time).length > 0) this.open.value = null;
    if (time >= this.end) this.pause();
    else this.#settle();
  }

  /** From when to when the chapter lasts that a time is in. */
  #chapterAt(time: number): [from: number, to: number] {
    const times = this.recording.data.chapters.map((chapter) => chapter.time);
    const index = indexAt(times, time);
    return [times[index] ?? 0, times[index + 1] ?? this.end];
  }

  #setSpeed(speed: number): void {
    this.#clock.speed = speed;
    this.speed.value = speed;
  }

  /**
   * Whether somebody else has stopped all that plays, as slides do when they are left.
   *
   * Browsers stop single videos of their own accord, to save power or because another is heard; and what has no sound
   * while nobody sees the page. None of that is meant for the replay.
   */
  #halted(): boolean {
    const wanted = this.clips.filter((clip) => clip.wanted);
    const unseen = this.#unseen;
    this.#unseen = this.doc.hidden;
    return !unseen && !this.#unseen && wanted.length > 0 && wanted.every((clip) => clip.halted);
  }

  #settle(jumped = false): void {
    const time = this.#clock.time;
    // No video plays as unevenly as a story is told: there each is set to its time.
    const runs = this.#clock.runs && !this.story.peek();
    for (const clip of this.clips) clip.follow(time, runs, this.speed.peek(), jumped);
    this.ready.value = this.clips.every((clip) => !clip.covers(time) || clip.ready);
  }

  #silence(): void {
    this.setVolume(this.volume.peek(), true);
    this.silenced.value = true;
    this.#settle();
  }
}
