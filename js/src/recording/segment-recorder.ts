/** Records tracks of one kind, camera with microphone or screen: a segment for as long as they stay the same ones. */
import { now } from "../signaling/clock-sync";
import type { SegmentHead, Track, UploadQueue } from "./upload-queue";

const SLICE_MS = 500;
/** So that a player can seek quickly. */
const KEY_FRAME_MS = 2_000;
const AUDIO_BITS = 64_000;
/** Bits for each pixel: what VP8 and VP9 need for a talking head to look like the call. */
const BITS_PER_PIXEL = 0.08;
/**
 * Chromium's VP9 takes a third of the time of its VP8 (0.16 and 0.55 of a core at 720p and 30 frames a second), and a call
 * goes on beside it. Firefox records VP8 only, and old Safaris MP4.
 */
const TYPES = ["video/webm;codecs=vp9,opus", "video/webm;codecs=vp8,opus", "video/mp4"] as const;

type Options = MediaRecorderOptions & { videoKeyFrameIntervalDuration?: number; bitrateMode?: "constant" };

export class SegmentRecorder {
  readonly #track: Track;
  readonly #queue: UploadQueue;
  #recorder: MediaRecorder | null = null;
  #tracks: readonly MediaStreamTrack[] = [];
  /** Grows, also from one page of the same participant to its next. */
  #number = Math.round(now());
  #settled: Promise<unknown> = Promise.resolve();
  /** Give up the recorder before its start event; null after that. */
  #abandon: (() => void) | null = null;

  constructor(track: Track, queue: UploadQueue) {
    this.#track = track;
    this.#queue = queue;
  }

  /** Record these from now on, in place of what was recorded before; none at all ends it. */
  record(tracks: readonly MediaStreamTrack[]): void {
    const live = tracks.filter((track) => track.readyState === "live");
    const same = live.length === this.#tracks.length && live.every((track) => this.#tracks.includes(track));
    if (same && (this.#recorder?.state === "recording" || !live.length)) return;
    this.#end();
    if (!live.length || this.#queue.full) return;
    const type = TYPES.find((each) => MediaRecorder.isTypeSupported(each));
    if (!type) return;
    this.#tracks = live;
    this.#recorder = this.#begin(live, type);
  }

  /** Resolves when the last frames of what has ended are in the queue. */
  get settled(): Promise<unknown> {
    return this.#settled;
  }

  #begin(tracks: readonly MediaStreamTrack[], type: string): MediaRecorder {
    const options: Options = {
      mimeType: type,
      audioBitsPerSecond: AUDIO_BITS,
      videoBitsPerSecond: bitsOf(tracks),
      videoKeyFrameIntervalDuration: KEY_FRAME_MS,
      // Cheaper than a variable one.
      bitrateMode: "constant",
    };
    const recorder = new MediaRecorder(new MediaStream([...tracks]), options);
    const number = this.#number++;
    const head: SegmentHead = {
      at: 0,
      mime: type,
      video: tracks.some(({ kind }) => kind === "video"),
      audio: tracks.some(({ kind }) => kind === "audio"),
    };
    let offset = 0;
    // Blobs are read one after the other, whatever each of them takes.
    let chain = Promise.resolve();
    const append = (blob: Blob | null) => {
      chain = chain.then(async () => {
        const bytes = new Uint8Array(blob ? await blob.arrayBuffer() : new ArrayBuffer());
        if (!bytes.length && (blob || !offset)) return;
        this.#queue.add(this.#track, number, offset, bytes, head, !blob);
        offset += bytes.length;
        if (this.#queue.full && this.#recorder === recorder) this.#end();
      });
    };
    recorder.ondataavailable = ({ data }) => append(data);
    const stopped = new Promise<void>((resolve) => {
      recorder.onstop = () => {
        append(null);
        resolve(chain);
      };
      // Firefox sends no stop event to a recorder that is stopped before it has started: there is nothing of it.
      this.#abandon = () => {
        recorder.ondataavailable = recorder.onstop = null;
        resolve();
      };
      recorder.onstart = () => {
        if (this.#recorder === recorder) this.#abandon = null;
      };
    });
    this.#settled = Promise.all([this.#settled, stopped]);
    // What comes from this call on is recorded; the start event comes later, by 0.1 s on a busy machine.
    head.at = now();
    recorder.start(SLICE_MS);
    return recorder;
  }

  #end(): void {
    if (this.#recorder?.state === "recording") {
      this.#abandon?.();
      this.#recorder.stop();
    }
    this.#abandon = null;
    this.#recorder = null;
    this.#tracks = [];
  }
}

function bitsOf(tracks: readonly MediaStreamTrack[]): number {
  const {
    width = 640,
    height = 360,
    frameRate = 30,
  } = tracks.find(({ kind }) => kind === "video")?.getSettings() ?? {};
  return Math.round(width * height * Math.min(frameRate, 30) * BITS_PER_PIXEL);
}
