import { signal } from "@preact/signals-core";
import { h } from "../ui/dom";
import { decode } from "./base64";
import type { Placed } from "./recording";
import { rate, within } from "./timeline";

/** A video that is behind may be set to its time so often at most: each time costs it pictures. */
const SEEK_EVERY_MS = 700;
/** So near to its end a file is not searched, in seconds: Firefox finds no picture there. */
const END = 0.05;
/** Within less than this there is one picture: whoever pauses sees no search for it, in seconds. */
const SAME = 0.02;

/** One file of the recording, in an element that follows the replay's time as well as it can. */
export class ClipVideo {
  readonly element: HTMLVideoElement;
  /** Whether there is a picture to show now. */
  readonly shown = signal(false);
  /** Whether this browser cannot play it. */
  readonly failed = signal(false);
  /** The own time that it was last set to while standing still. */
  #asked: number | null = null;
  #soughtAt = Number.NEGATIVE_INFINITY;
  /** How long it takes to be set to a time, in seconds: while it plays, that much further. */
  #lead = 0.05;
  #url: string | null = null;
  #wanted = false;
  /** Whether it has begun to play since it was last told to. */
  #plays = false;

  constructor(
    doc: Document,
    readonly clip: Placed,
    /** The element that holds the file as base64. */
    readonly source: HTMLElement,
    /** Called when it has come nearer to being shown. */
    moved: () => void,
    /** Called when the browser wants no sound without being asked. */
    readonly refused: () => void,
  ) {
    this.element = h(doc, "video", { class: "rtcw-video", playsinline: "", preload: "auto" });
    if (clip.poster) this.element.poster = clip.poster;
    this.element.addEventListener("error", () => {
      if (this.#url) this.failed.value = true;
      moved();
    });
    this.element.addEventListener("seeked", () => {
      this.#lead = Math.min(1, (performance.now() - this.#soughtAt) / 1000);
      moved();
    });
    this.element.addEventListener("loadeddata", moved);
  }

  /** Whether it shows what it should, or never will. */
  get ready(): boolean {
    const { readyState, seeking } = this.element;
    return this.failed.peek() || (readyState >= HTMLMediaElement.HAVE_CURRENT_DATA && !seeking);
  }

  get loaded(): boolean {
    return this.#url !== null;
  }

  /** Where its file is while it is loaded. */
  get url(): string | null {
    return this.#url;
  }

  /** Whether it should be playing. */
  get wanted(): boolean {
    return this.#wanted;
  }

  /** Whether it should be playing, was, and has been paused by another than the replay. */
  get halted(): boolean {
    const { paused, ended, isConnected } = this.element;
    return this.#wanted && this.#plays && paused && !ended && isConnected;
  }

  load(): void {
    if (this.#url) return;
    try {
      const parts = decode(this.source.textContent ?? "");
      this.#url = URL.createObjectURL(new Blob(parts, { type: this.clip.mime }));
    } catch {
      // What a host has cut short is no base64.
      this.failed.value = true;
      return;
    }
    this.failed.value = false;
    this.#asked = null;
    this.#plays = false;
    this.element.src = this.#url;
  }

  /** Let go of the memory; `load` brings it back. */
  release(): void {
    if (!this.#url) return;
    URL.revokeObjectURL(this.#url);
    this.#url = null;
    this.element.removeAttribute("src");
    this.element.load();
  }

  /** Whether the file has something at this time of the replay. */
  covers(time: number): boolean {
    const own = time - this.clip.begins;
    return own >= this.clip.early && own <= this.clip.seconds;
  }

  /** Be at this time of the replay; `jumped` when it has not come there by itself. */
  follow(time: number, runs: boolean, speed: number, jumped: boolean): void {
    const { element: video } = this;
    const own = time - this.clip.begins;
    const covers = this.covers(time);
    this.shown.value = covers && !this.failed.peek() && within(this.clip.shown, own);
    this.#wanted = false;
    if (!this.#url || this.failed.peek()) return;
    const last = Number.isFinite(video.duration) ? video.duration : this.clip.seconds;
    if (!covers || !runs || own < 0 || own > last - END) {
      if (!video.paused) video.pause();
      this.#plays = false;
      // Past its end nothing is shown that would be worth a search.
      if (!runs || own < 0) this.#stand(Math.max(0, Math.min(own, last - END)));
      return;
    }
    this.#asked = null;
    this.#wanted = true;
    if (video.seeking) return;
    const drift = video.currentTime - own;
    const pace = rate(drift, speed);
    const now = performance.now();
    if (pace === null && (jumped || now - this.#soughtAt > SEEK_EVERY_MS)) {
      this.#soughtAt = now;
      video.currentTime = Math.min(last, own + (video.paused ? 0 : this.#lead * speed));
    }
    const wanted = pace ?? speed * (drift > 0 ? 0.8 : 1.25);
    if (Math.abs(video.playbackRate - wanted) > 0.001) video.playbackRate = wanted;
    if (video.paused) this.#start();
  }

  #start(): void {
    this.#plays = false;
    const began = () => {
      this.#plays = !this.element.paused;
    };
    this.element.play().then(began, (error: DOMException) => this.#stopped(error));
  }

  #stand(own: number): void {
    if (this.element.seeking || this.#asked === own) return;
    this.#asked = own;
    if (Math.abs(this.element.currentTime - own) < SAME) return;
    this.#soughtAt = performance.now();
    this.element.currentTime = own;
  }

  #stopped(error: DOMException): void {
    // It may also have been paused meanwhile, which is no refusal.
    if (error.name === "NotAllowedError" && !this.element.muted) this.refused();
  }
}
