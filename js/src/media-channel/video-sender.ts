/** Encodes one video track and sends what the path carries: the newest frame, or none. */
import { followFrames } from "./frames";
import { SendRate, scaleFor } from "./send-rate";

/** Each frame passes through the notebook's server, and where there is no proxy through its kernel. */
const FPS = 15;
const FRAME_MS = 1_000 / FPS;
const START = 600_000;
const LEAST = 60_000;
const MOST = 1_500_000;
/** Less of a change is not worth what a new configuration costs. */
const CHANGE = 0.15;
/** What is on its way to the server delays what comes after it. */
const MOST_WAITING = 65_536;

export type VideoSenderOptions = {
  /** Bytes that have not left the page yet. */
  waiting(): number;
  send(number: number, data: Uint8Array<ArrayBuffer>, key: boolean): void;
};

export class VideoSender {
  readonly rate = new SendRate(START, LEAST, MOST);
  readonly #options: VideoSenderOptions;
  #encoder: VideoEncoder | null = null;
  #configured = { width: 0, height: 0, bitrate: 0 };
  #needsKey = true;
  #number = 0;
  #due = 0;
  #track: MediaStreamTrack | null = null;
  #stop: (() => void) | null = null;

  constructor(options: VideoSenderOptions) {
    this.#options = options;
  }

  setTrack(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.#stop?.();
    this.#track = track;
    this.#needsKey = true;
    this.#stop = track && followFrames(track, (frame) => this.#take(frame));
  }

  restart(): void {
    this.#needsKey = true;
  }

  acknowledged(number: number): void {
    this.rate.acknowledged(number, performance.now());
  }

  close(): void {
    this.setTrack(null);
    if (this.#encoder?.state !== "closed") this.#encoder?.close();
    this.#encoder = null;
  }

  #take(frame: VideoFrame): void {
    try {
      const now = performance.now();
      if (now < this.#due || !this.#track) return;
      const behind = (this.#encoder?.encodeQueueSize ?? 0) > 1 || this.#options.waiting() > MOST_WAITING;
      if (!this.rate.maySend(now) || behind) return;
      this.#due = Math.max(now, this.#due + FRAME_MS);
      this.#encode(frame);
    } finally {
      frame.close();
    }
  }

  #encode(frame: VideoFrame): void {
    const { bitrate } = this.rate;
    const scale = scaleFor(frame.displayWidth, frame.displayHeight, bitrate);
    const width = even(frame.displayWidth * scale);
    const height = even(frame.displayHeight * scale);
    // It scales what has another size (W3C WebCodecs, VideoEncoderConfig).
    this.#configure(width, height, bitrate).encode(frame, { keyFrame: this.#needsKey });
    this.#needsKey = false;
  }

  #configure(width: number, height: number, bitrate: number): VideoEncoder {
    const had = this.#configured;
    const isNew = !this.#encoder || this.#encoder.state === "closed";
    const same = had.width === width && had.height === height;
    if (!isNew && same && Math.abs(bitrate - had.bitrate) < CHANGE * had.bitrate) return this.#encoder!;
    if (isNew)
      this.#encoder = new VideoEncoder({
        output: (chunk) => this.#send(chunk),
        // The next frame makes another one.
        error: () => {
          this.#needsKey = true;
        },
      });
    if (isNew || !same) this.#needsKey = true;
    this.#configured = { width, height, bitrate };
    this.#encoder!.configure({
      codec: "vp8",
      width,
      height,
      bitrate,
      framerate: FPS,
      latencyMode: "realtime",
    });
    return this.#encoder!;
  }

  #send(chunk: EncodedVideoChunk): void {
    const data = new Uint8Array(chunk.byteLength);
    chunk.copyTo(data);
    this.#number += 1;
    this.rate.sent(this.#number, data.length, performance.now());
    this.#options.send(this.#number, data, chunk.type === "key");
  }
}

function even(length: number): number {
  return Math.max(2, Math.round(length / 2) * 2);
}
