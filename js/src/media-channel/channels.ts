/** Which participants are reached over the notebook's own connection, and when: as long as ICE finds no way. */
import type { MediaFromKernel } from "../protocol/comm";
import { TIMES_MS } from "../protocol/limits";
import type { MediaPath } from "../room/media-path";
import { ChannelPath } from "./channel-path";
import {
  type ChannelTransport,
  CommLine,
  type MediaLink,
  type Offer,
  openTransport,
} from "./channel-transport";

const LOOK_MS = 250;
/** A kernel that is busy answers when its cell is done. */
const OFFER_MS = 10_000;

/** Somebody in the room, as channels see them. */
export type Reachable = {
  readonly id: string;
  /** What ICE has come to, whatever path is in use. */
  readonly connection: { readonly state: { peek(): RTCPeerConnectionState }; reportDropped(): void };
  usePath(path: MediaPath | null): void;
  receiveMessage(data: string | ArrayBuffer): void;
};

export type ChannelsOptions = {
  link: MediaLink;
  /** Where the notebook's server has its root; null outside Jupyter. */
  base(): string | null;
  /** Ids of the kernel's Peers that may be reached like this. */
  peers(): readonly string[];
  /** `room.media_path`. */
  wanted(): unknown;
  /** This page's own id; null while it is in no room. */
  me(): string | null;
  others(): readonly Reachable[];
};

export class Channels {
  readonly #options: ChannelsOptions;
  readonly #lines = new Map<string, Line>();
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(options: ChannelsOptions) {
    this.#options = options;
    options.link.onMedia((message, buffers) => this.#lines.get(message.peer)?.receive(message, buffers));
    this.#timer = setInterval(() => this.#look(), LOOK_MS);
    this.#look();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#options.link.onMedia(null);
    for (const line of this.#lines.values()) line.close();
    this.#lines.clear();
  }

  #look(): void {
    const others = this.#options.others();
    for (const [id, line] of this.#lines) {
      if (others.includes(line.other)) continue;
      line.close();
      this.#lines.delete(id);
    }
    const reachable = this.#options.peers();
    for (const other of others) {
      const line = this.#lines.get(other.id);
      if (line) line.look();
      else if (reachable.includes(other.id)) this.#lines.set(other.id, new Line(other, this.#options));
    }
  }
}

/** The way to one Peer: none, being opened, or open. */
class Line {
  readonly other: Reachable;
  readonly #options: ChannelsOptions;
  readonly #comm: CommLine;
  #since = performance.now();
  #offered: ((offer: Offer | null) => void) | null = null;
  #transport: ChannelTransport | null = null;
  #isOpening = false;
  #closed = false;

  constructor(other: Reachable, options: ChannelsOptions) {
    this.other = other;
    this.#options = options;
    this.#comm = new CommLine(options.link, other.id);
    this.look();
  }

  look(): void {
    const wanted = this.#options.wanted();
    const iceState = this.other.connection.state.peek();
    const now = performance.now();
    if (iceState === "connected" || !this.#options.peers().includes(this.other.id)) this.#since = now;
    if (wanted === "ice" || (wanted !== "notebook" && iceState === "connected")) {
      this.#leave();
      return;
    }
    const isDue = now - this.#since >= TIMES_MS.media_patience || iceState === "failed";
    const may = this.#options.peers().includes(this.other.id);
    if (may && (isDue || wanted === "notebook") && !this.#isOpening && !this.#transport) void this.#open();
  }

  receive(message: MediaFromKernel, buffers: readonly DataView[]): void {
    switch (message.op) {
      case "offered":
        this.#offered?.({ port: message.port!, token: message.token! });
        break;
      case "refused":
        this.#offered?.(null);
        break;
      default:
        this.#comm.receive(message.op, buffers);
    }
  }

  close(): void {
    this.#closed = true;
    this.#offered?.(null);
    this.#leave();
  }

  async #open(): Promise<void> {
    const participant = this.#options.me();
    if (participant === null) return;
    this.#isOpening = true;
    try {
      const offer = await this.#request(participant);
      if (!offer || this.#closed) return;
      let path: ChannelPath | null = null;
      const transport = await openTransport(offer, this.#options.base(), this.#comm, {
        message: (data) => path?.receive(data),
        closed: () => this.#lost(),
      });
      if (this.#closed) return transport.close();
      this.#transport = transport;
      path = new ChannelPath(transport, {
        onMessage: (data) => this.other.receiveMessage(data),
        onDropped: () => this.other.connection.reportDropped(),
      });
      this.other.usePath(path);
    } catch {
      // Neither way is there now; the next is tried after a while.
    } finally {
      this.#isOpening = false;
      this.#since = performance.now();
    }
  }

  #request(participant: string): Promise<Offer | null> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#offered?.(null), OFFER_MS);
      this.#offered = (offer) => {
        clearTimeout(timer);
        this.#offered = null;
        resolve(offer);
      };
      this.#options.link.send({ kind: "media", op: "request", peer: this.other.id, participant });
    });
  }

  #lost(): void {
    if (!this.#transport) return;
    this.#transport = null;
    this.#since = performance.now();
    this.other.usePath(null);
  }

  #leave(): void {
    if (!this.#transport) return;
    this.#transport = null;
    this.other.usePath(null);
  }
}
