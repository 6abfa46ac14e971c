/** What was recorded and has not been received yet: sent in order, a little at a time, and again when a path was lost. */
import { LIMITS, TIMES_MS } from "../protocol/limits";
import type { ReceivedEntry } from "../protocol/signaling";

export type Track = ReceivedEntry["track"];

/** What a segment is, said with its first piece; `at` is when its own time begins, ms since the epoch on our clock. */
export type Head = { at: number; mime: string; video: boolean; audio: boolean };

/** A piece on the wire: base64 from `offset` on of the segment. */
export type Piece = {
  track: Track;
  number: number;
  offset: number;
  data: string;
  last: boolean;
} & Partial<Head>;

type Waiting = {
  track: Track;
  number: number;
  offset: number;
  bytes: Uint8Array<ArrayBuffer>;
  last: boolean;
  head: Head | null;
};

export class Outbox {
  readonly #send: (piece: Piece) => void;
  readonly #emptied: () => void;
  #waiting: Waiting[] = [];
  #sent = 0;
  #bytes = 0;
  #window = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #open = false;
  #closed = false;

  /**
   * @param send - puts a piece on the wire
   * @param emptied - there is room again after `full`
   */
  constructor(send: (piece: Piece) => void, emptied: () => void) {
    this.#send = send;
    this.#emptied = emptied;
  }

  /** Whether nothing more fits, after about a minute of a 720p camera. What comes then is not recorded. */
  get full(): boolean {
    return this.#bytes >= LIMITS.upload_bytes;
  }

  get empty(): boolean {
    return this.#waiting.length === 0;
  }

  /** Queue what continues a segment; `last` ends it. */
  add(
    track: Track,
    number: number,
    offset: number,
    bytes: Uint8Array<ArrayBuffer>,
    head: Head,
    last: boolean,
  ): void {
    if (this.#closed) return;
    let start = 0;
    do {
      const part = bytes.subarray(start, start + LIMITS.piece_bytes);
      const end = start + part.length;
      const at = offset + start;
      this.#waiting.push({
        track,
        number,
        offset: at,
        bytes: part,
        head: at === 0 ? head : null,
        last: last && end === bytes.length,
      });
      start = end;
    } while (start < bytes.length);
    this.#bytes += bytes.length;
    this.#pump();
  }

  /**
   * Somebody is there who takes pieces: send whatever has not been received, from the first on.
   *
   * @param window - so many may be on their way at once: more would delay what is said in the call
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

  /** Forget what has been received: all before `offset`, in which the end of a segment counts as a byte. */
  received({ track, number, offset }: ReceivedEntry): void {
    const wasFull = this.full;
    const has = (piece: Waiting) => {
      const end = piece.offset + piece.bytes.length + (piece.last ? 1 : 0);
      return piece.track === track && piece.number === number && end <= offset;
    };
    const done = this.#waiting.filter(has);
    this.#sent -= this.#waiting.slice(0, this.#sent).filter(has).length;
    this.#waiting = this.#waiting.filter((piece) => !has(piece));
    for (const { bytes } of done) this.#bytes -= bytes.length;
    this.#pump(done.length > 0);
    if (wasFull && !this.full) this.#emptied();
  }

  /** Drop everything, also what is still to come: a recorder's last words come after it was stopped. */
  close(): void {
    this.#closed = true;
    this.pause();
    this.#waiting = [];
    this.#sent = this.#bytes = 0;
  }

  #pump(answered = false): void {
    if (!this.#open || this.#closed) return;
    const before = this.#sent;
    while (this.#sent < Math.min(this.#window, this.#waiting.length)) {
      const { bytes, head, ...rest } = this.#waiting[this.#sent]!;
      this.#sent += 1;
      this.#send({ ...rest, data: toBase64(bytes), ...head });
    }
    // What is added behind a window that is full is no sign of life.
    if (this.#sent === before && !answered) return;
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
