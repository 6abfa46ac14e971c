/** Encodes an audio track as Opus and sends a few packets at a time. */
import { joinPackets } from "../protocol/channel-messages";

const BITRATE = 32_000;
/** 60 ms in a message, and at most a second of it under way. */
const PACKETS = 3;
const MOST_UNDER_WAY = 16;
const BLOCK_SECONDS = 0.02;
/** Runs in the audio thread: collects blocks of 20 ms. */
const WORKLET = `registerProcessor("rtcw-blocks", class extends AudioWorkletProcessor {
  constructor() { super(); this.block = new Float32Array(Math.round(sampleRate * ${BLOCK_SECONDS})); this.at = 0; }
  process([[samples]]) {
    for (let from = 0; samples && from < samples.length;) {
      const count = Math.min(samples.length - from, this.block.length - this.at);
      this.block.set(samples.subarray(from, from + count), this.at);
      this.at += count;
      from += count;
      if (this.at === this.block.length) { this.port.postMessage(this.block.slice()); this.at = 0; }
    }
    return true;
  }
});`;

export class AudioSender {
  readonly #send: (number: number, data: Uint8Array<ArrayBuffer>) => void;
  #track: MediaStreamTrack | null = null;
  #context: AudioContext | null = null;
  #encoder: AudioEncoder | null = null;
  #packets: Uint8Array[] = [];
  #number = 0;
  #acknowledged = 0;

  /** @param send - takes a message's number and packets */
  constructor(send: (number: number, data: Uint8Array<ArrayBuffer>) => void) {
    this.#send = send;
  }

  setTrack(track: MediaStreamTrack | null): void {
    if (track === this.#track) return;
    this.#track = track;
    this.#end();
    // Old Safaris decode audio and do not encode it: video goes without.
    if (track && "AudioEncoder" in globalThis) void this.#begin(track).catch(() => this.#end());
  }

  acknowledged(number: number): void {
    this.#acknowledged = number;
  }

  close(): void {
    this.setTrack(null);
  }

  async #begin(track: MediaStreamTrack): Promise<void> {
    const context = new AudioContext();
    this.#context = context;
    const url = URL.createObjectURL(new Blob([WORKLET], { type: "text/javascript" }));
    try {
      await context.audioWorklet.addModule(url);
    } finally {
      URL.revokeObjectURL(url);
    }
    // Another track, or none, has taken its place meanwhile.
    if (this.#context !== context) return;
    const { sampleRate } = context;
    const encoder = new AudioEncoder({
      output: (chunk) => this.#take(chunk),
      error: () => this.#end(),
    });
    encoder.configure({ codec: "opus", sampleRate, numberOfChannels: 1, bitrate: BITRATE });
    this.#encoder = encoder;
    const node = new AudioWorkletNode(context, "rtcw-blocks", { numberOfOutputs: 0, channelCount: 1 });
    let frames = 0;
    node.port.onmessage = ({ data }: MessageEvent<Float32Array<ArrayBuffer>>) => {
      if (encoder.state !== "configured") return;
      const timestamp = Math.round((frames / sampleRate) * 1e6);
      frames += data.length;
      const format = { format: "f32-planar" as const, numberOfFrames: data.length, numberOfChannels: 1 };
      const block = new AudioData({ ...format, sampleRate, timestamp, data });
      encoder.encode(block);
      block.close();
    };
    context.createMediaStreamSource(new MediaStream([track])).connect(node);
    await context.resume();
  }

  #take(chunk: EncodedAudioChunk): void {
    const packet = new Uint8Array(chunk.byteLength);
    chunk.copyTo(packet);
    this.#packets.push(packet);
    if (this.#packets.length < PACKETS) return;
    const packets = this.#packets.splice(0);
    // What is late is of no use.
    if (this.#number - this.#acknowledged >= MOST_UNDER_WAY) return;
    this.#number += 1;
    this.#send(this.#number, joinPackets(packets));
  }

  #end(): void {
    if (this.#encoder && this.#encoder.state !== "closed") this.#encoder.close();
    void this.#context?.close().catch(() => undefined);
    this.#encoder = this.#context = null;
    this.#packets = [];
  }
}
