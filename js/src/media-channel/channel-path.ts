/** One open channel as a way for media: what is sent is encoded, what comes is a stream. */
import { signal } from "@preact/signals-core";
import type { LocalTracks } from "../media/local-tracks";
import { type ChannelMessage, type Kind, pack, splitPackets, unpack } from "../protocol/channel-messages";
import type { MediaPath } from "../room/media-path";
import type { ConnectionStats } from "../room/types";
import { AudioReceiver } from "./audio-receiver";
import { AudioSender } from "./audio-sender";
import type { Bytes, ChannelTransport } from "./channel-transport";
import { MessageQueue } from "./message-queue";
import { VideoReceiver } from "./video-receiver";
import { VideoSender } from "./video-sender";

export type ChannelPathOptions = {
  onMessage(data: string | ArrayBuffer): void;
  /** A message was not sent, because too many wait. */
  onDropped(): void;
};

export class ChannelPath implements MediaPath {
  readonly #transport: ChannelTransport;
  readonly #options: ChannelPathOptions;
  readonly #video = this.#videoSender("video");
  readonly #screen = this.#videoSender("screen");
  readonly #audio = new AudioSender((number, payload) => this.#send({ kind: "audio", number, payload }));
  readonly #pictures = new VideoReceiver({
    acknowledge: (number) => this.#send({ kind: "ack", of: "video", number }),
    needKey: () => this.#send({ kind: "key", of: "video" }),
  });
  readonly #sound = new AudioReceiver();
  readonly stream = signal<MediaStream | null>(new MediaStream([this.#pictures.track, this.#sound.track]));
  readonly #messages = new MessageQueue((number, data) => {
    const isText = typeof data === "string";
    const payload = isText ? new TextEncoder().encode(data) : new Uint8Array(data);
    this.#send({ kind: isText ? "text" : "bytes", number, payload });
  });
  #sent = 0;
  #received = 0;
  #before = { at: performance.now(), sent: 0, received: 0, frames: 0 };

  constructor(transport: ChannelTransport, options: ChannelPathOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  setTracks({ audio, video, screen }: LocalTracks): void {
    this.#audio.setTrack(audio);
    this.#video.setTrack(video);
    this.#screen.setTrack(screen);
  }

  sendMessage(data: string | ArrayBuffer): void {
    if (!this.#messages.add(data)) this.#options.onDropped();
  }

  receive(data: Bytes): void {
    this.#received += data.length;
    const message = unpack(data);
    if (message) this.#take(message);
  }

  measure(): ConnectionStats {
    const now = {
      at: performance.now(),
      sent: this.#sent,
      received: this.#received,
      frames: this.#pictures.frames,
    };
    const before = this.#before;
    this.#before = now;
    const seconds = (now.at - before.at) / 1_000;
    const { roundTrip } = this.#video.rate;
    return {
      bitrate: Math.round(((now.received - before.received) * 8) / seconds),
      sent_bitrate: Math.round(((now.sent - before.sent) * 8) / seconds),
      fps: Math.round(((now.frames - before.frames) / seconds) * 10) / 10,
      width: this.#pictures.width,
      height: this.#pictures.height,
      // Both ways deliver everything.
      loss: 0,
      rtt: roundTrip === null ? null : Math.round(roundTrip * 10) / 10,
      jitter: null,
      frames_dropped: 0,
      freeze_count: null,
    };
  }

  close(): void {
    for (const part of [this.#video, this.#screen, this.#audio, this.#pictures, this.#sound]) part.close();
    this.stream.value = null;
    this.#transport.close();
  }

  #videoSender(kind: "video" | "screen"): VideoSender {
    return new VideoSender({
      waiting: () => this.#transport.waiting,
      send: (number, payload, key) => this.#send({ kind, number, payload, key }),
    });
  }

  #take({ kind, number, payload, key, of }: ChannelMessage): void {
    switch (kind) {
      case "video":
        this.#pictures.receive(number, payload, key);
        break;
      case "audio":
        this.#send({ kind: "ack", of: kind, number });
        this.#sound.receive(splitPackets(payload));
        break;
      case "text":
      case "bytes":
        this.#send({ kind: "ack", of: kind, number });
        this.#options.onMessage(kind === "text" ? new TextDecoder().decode(payload) : payload.slice().buffer);
        break;
      case "key":
        this.#sender(of)?.restart();
        break;
      case "ack":
        if (of === "audio") this.#audio.acknowledged(number);
        else if (of === "text" || of === "bytes") this.#messages.acknowledged(number);
        else this.#sender(of)?.acknowledged(number);
        break;
    }
  }

  #sender(of: Kind | null): VideoSender | null {
    return of === "video" ? this.#video : of === "screen" ? this.#screen : null;
  }

  #send(message: Partial<ChannelMessage> & { kind: Kind }): void {
    const data = pack(message);
    this.#sent += data.byteLength;
    this.#transport.send(data);
  }
}
