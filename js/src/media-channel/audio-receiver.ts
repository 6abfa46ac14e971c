/** Decodes Opus and plays it into a track, a moment after it has come. */

const RATE = 48_000;
/** So much is collected before playing begins, and at most so much is waiting: what is later is dropped. */
const HEAD_START = 0.08;
const MOST_AHEAD = 0.4;

export class AudioReceiver {
  readonly track: MediaStreamTrack;
  readonly #context = new AudioContext({ sampleRate: RATE });
  readonly #destination = this.#context.createMediaStreamDestination();
  #decoder: AudioDecoder | null = null;
  #until = 0;
  #packets = 0;

  constructor() {
    this.track = this.#destination.stream.getAudioTracks()[0]!;
    void this.#context.resume();
  }

  receive(packets: readonly Uint8Array<ArrayBuffer>[]): void {
    if (!("AudioDecoder" in globalThis)) return;
    this.#decoder ??= this.#begin();
    for (const data of packets) {
      this.#packets += 1;
      this.#decoder.decode(new EncodedAudioChunk({ type: "key", timestamp: this.#packets * 20_000, data }));
    }
  }

  close(): void {
    if (this.#decoder && this.#decoder.state !== "closed") this.#decoder.close();
    this.#decoder = null;
    this.track.stop();
    void this.#context.close().catch(() => undefined);
  }

  #begin(): AudioDecoder {
    const decoder = new AudioDecoder({
      output: (data) => this.#play(data),
      // The next packet begins anew.
      error: () => {
        this.#decoder = null;
      },
    });
    decoder.configure({ codec: "opus", sampleRate: RATE, numberOfChannels: 2 });
    return decoder;
  }

  #play(data: AudioData): void {
    const { currentTime, state } = this.#context;
    const { numberOfChannels, numberOfFrames, sampleRate } = data;
    if (state === "running" && this.#until - currentTime < MOST_AHEAD) {
      const buffer = this.#context.createBuffer(numberOfChannels, numberOfFrames, sampleRate);
      for (let channel = 0; channel < numberOfChannels; channel += 1) {
        const options = { planeIndex: channel, format: "f32-planar" as const };
        data.copyTo(buffer.getChannelData(channel), options);
      }
      const source = this.#context.createBufferSource();
      source.buffer = buffer;
      source.connect(this.#destination);
      const at = this.#until > currentTime ? this.#until : currentTime + HEAD_START;
      source.start(at);
      this.#until = at + buffer.duration;
    }
    data.close();
  }
}
