/** What was recorded and has not arrived yet: sent in order, a little at a time, and again when a path was lost. */
import { LIMITS, TIMES_MS } from "../protocol/limits";
import type { ReceivedEntry } from "../protocol/signaling";

export type Track = ReceivedEntry["track"];

/** What a segment is, sent with its first chunk; `at` is when its own time begins, ms since the epoch on our clock. */
export type SegmentHead = { at: number; mime: string; video: boolean; audio: boolean };

/** A chunk of a segment on the wire: base64 from `offset` on. */
export type SegmentChunk = {
  track: Track;
  number: number;
  offset: number;
  data: string;
  last: boolean;
} & Partial<SegmentHead>;

type QueuedChunk = {
  track: Track;
  number: number;
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
  last: boolean;
  head: SegmentHead | null;
};

export class UploadQueue {
  readonly #send: (chunk: SegmentChunk) => void;
  readonly #emptied: () => void;
  #chunks: QueuedChunk[] = [];
  #sent = 0;
  #bytes = 0;
  #window = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #open = false;
  #onDrained: (() => void)[] = [];
  #closed = false;

  /**
   * @param send - puts a chunk on the wire
   * @param emptied - there is room again after `full`
   */
  constructor(send: (chunk: SegmentChunk) => void, emptied: () => void) {
    this.#send = send;
    this.#emptied = emptied;
  }

  /** Whether nothing more fits, after about a minute of a 720p camera. What comes then is not recorded. */
  get full(): boolean {
    return this.#bytes >= LIMITS.upload_bytes;
  }

  get empty(): boolean {
    return this.#chunks.length === 0;
  }

  /** Queue what continues a segment; `last` ends it. */
  add(
    track: Track,
    number: number,
    offset: number,
    bytes: Uint8Array<ArrayBuffer>,
    head: SegmentHead,
    last: boolean,
  ): void {
    if (this.#closed) return;
    let start = 0;
    do {
      const chunk = bytes.subarray(start, start + LIMITS.piece_bytes);
      const end = start + chunk.length;
      const at = offset + start;
      this.#chunks.push({
        track,
        number,
        offset: at,
        bytes: chunk,
        head: at === 0 ? head : null,
        last: last && end === bytes.length,
      });
      start = end;
    } while (start < bytes.length);
    this.#bytes += bytes.length;
    this.#pump();
  }

  /**
   * Somebody is there who receives chunks: send whatever has not been acknowledged, from the first on.
   *
   * @param window - so many may be on their way at once: more would delay the call's own messages
   */
  begin(window = this.#window): void {
    this.#window = window;
    this.#open = true;
    this.#sent = 0;
    this.#pump();
  }

  /** Nobody is there now. */
  pause(): void {
    this.#open = false;
    clearTimeout(this.#timer);
  }

  /** Drop what has arrived: all before `offset`, in which the end of a segment counts as a byte. */
  acknowledge({ track, number, offset }: ReceivedEntry): void {
    const wasFull = this.full;
    const has = (chunk: QueuedChunk) => {
      const end = chunk.offset + chunk.bytes.length + (chunk.last ? 1 : 0);
      return chunk.track === track && chunk.number === number && end <= offset;
    };
    const done = this.#chunks.filter(has);
    this.#sent -= this.#chunks.slice(0, this.#sent).filter(has).length;
    this.#chunks = this.#chunks.filter((chunk) => !has(chunk));
    for (const { bytes } of done) this.#bytes -= bytes.length;
    this.#pump(done.length > 0);
    if (wasFull && !this.full) this.#emptied();
    if (this.empty) this.#drain();
  }

  /** Resolves when nothing is left to be sent or acknowledged. */
  drained(): Promise<void> {
    if (this.empty) return Promise.resolve();
    return new Promise((resolve) => this.#onDrained.push(resolve));
  }

  /** Drop everything, also what is still to come: a recorder's last data comes after it was stopped. */
  close(): void {
    this.#closed = true;
    this.pause();
    this.#chunks = [];
    this.#sent = this.#bytes = 0;
    this.#drain();
  }

  #drain(): void {
    for (const resolve of this.#onDrained.splice(0)) resolve();
  }

  #pump(acknowledged = false): void {
    if (!this.#open || this.#closed) return;
    const before = this.#sent;
    while (this.#sent < Math.min(this.#window, this.#chunks.length)) {
      const { bytes, head, ...rest } = this.#chunks[this.#sent]!;
      this.#sent += 1;
      this.#send({ ...rest, data: toBase64(bytes), ...head });
    }
    // What is added behind a window that is full is no sign of life.
    if (this.#sent === before && !acknowledged) return;
    clearTimeout(this.#timer);
    // A chunk that finds nobody is lost without notice.
    if (this.#sent) this.#timer = setTimeout(() => this.begin(), TIMES_MS.upload_retry);
  }
}

const STEP = 8_192;

function toBase64(bytes: Uint8Array<ArrayBuffer>): string {
  let text = "";
  // As many arguments as every engine takes.
  for (let at = 0; at < bytes.length; at += STEP)
    text += String.fromCharCode(...bytes.subarray(at, at + STEP));
  return btoa(text);
}
