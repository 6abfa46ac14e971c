/** Decodes the frames that come over the channel into a track. */
import { createFrameTrack } from "./frame-track";

/** What a sender sends so far ahead of acknowledgements is dropped. */
const MOST_DECODING = 16;

export type VideoReceiverOptions = {
  /** All frames up to this one have been shown. */
  acknowledge(number: number): void;
  /** Nothing can be decoded before a key frame. */
  needKey(): void;
};

export class VideoReceiver {
  /** Frames so far, and the size of the last one in pixels. */
  frames = 0;
  width = 0;
  height = 0;
  readonly #options: VideoReceiverOptions;
  readonly #shown = createFrameTrack();
  #decoding: number[] = [];
  #decoder: VideoDecoder | null = null;

  constructor(options: VideoReceiverOptions) {
    this.#options = options;
  }

  get track(): MediaStreamTrack {
    return this.#shown.track;
  }

  receive(number: number, data: Uint8Array<ArrayBuffer>, key: boolean): void {
    if (!key && (!this.#decoder || this.#decoding.length > MOST_DECODING)) {
      this.#end();
      this.#options.acknowledge(number);
      this.#options.needKey();
      return;
    }
    this.#decoder ??= this.#begin();
    this.#decoding.push(number);
    const type = key ? "key" : "delta";
    this.#decoder.decode(new EncodedVideoChunk({ type, timestamp: performance.now() * 1_000, data }));
  }

  close(): void {
    this.#end();
    this.track.stop();
  }

  #begin(): VideoDecoder {
    const decoder = new VideoDecoder({
      output: (frame) => {
        this.#show(frame);
        const number = this.#decoding.shift();
        if (number !== undefined) this.#options.acknowledge(number);
      },
      error: () => {
        const last = this.#decoding.at(-1);
        this.#end();
        if (last !== undefined) this.#options.acknowledge(last);
        this.#options.needKey();
      },
    });
    decoder.configure({ codec: "vp8", optimizeForLatency: true });
    return decoder;
  }

  #show(frame: VideoFrame): void {
    this.width = frame.displayWidth;
    this.height = frame.displayHeight;
    this.#shown.show(frame);
    this.frames += 1;
  }

  #end(): void {
    this.#decoding = [];
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
  }
}
