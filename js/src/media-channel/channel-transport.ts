/** How a channel's messages travel: a WebSocket through the notebook's server, or the widget's comm. */

import { KINDS, pack, unpack } from "../protocol/channel-messages";
import type { MediaFromKernel, MediaFromPage } from "../protocol/comm";

export type Bytes = Uint8Array<ArrayBuffer>;

export type ChannelTransport = {
  send(data: ArrayBuffer): void;
  /** Bytes that have not left this page yet. */
  readonly waiting: number;
  close(): void;
};

export type TransportEvents = {
  message(data: Bytes): void;
  closed(): void;
};

/** The comm, as channels use it. */
export type MediaLink = {
  send(message: MediaFromPage, buffers?: ArrayBuffer[]): void;
  onMedia(receive: ((message: MediaFromKernel, buffers: readonly DataView[]) => void) | null): void;
};

const SOCKET_MS = 1_500;
const COMM_MS = 5_000;
/**
 * A message on the comm costs a kernel and JupyterLab milliseconds, however small it is: what comes within this time after one
 * goes in the next.
 */
const GATHER_MS = 30;
/** An acknowledgement waits so long for a frame to go with: there are as many of the one as of the other. */
const ACKNOWLEDGE_MS = 50;

/** An offer of the kernel's: where its Peer listens, and the token that lets this page in. */
export type Offer = { port: number; token: string };

/**
 * Open a channel.
 *
 * @param base - where the notebook's server has its root, which may lead to the kernel's ports; null where there is none
 * @throws Error - neither the server nor the kernel leads there
 */
export async function openTransport(
  offer: Offer,
  base: string | null,
  comm: CommLine,
  events: TransportEvents,
): Promise<ChannelTransport> {
  if (base) {
    const socket = await withinTime(SOCKET_MS, (line) => openSocket(base, offer, line)).catch(() => null);
    if (socket) return socket.begin(events);
  }
  const line = await withinTime(COMM_MS, (lane) => openComm(comm, offer, lane));
  return line.begin(events);
}

/** A transport on which the other side has answered, before anything else has come. */
type Opened = { begin(events: TransportEvents): ChannelTransport };

/** What the opening of a transport is settled with. */
type Lane = { opened(opened: Opened): void; failed(): void; signal: AbortSignal };

function withinTime(ms: number, open: (lane: Lane) => void): Promise<Opened> {
  const life = new AbortController();
  return new Promise<Opened>((resolve, reject) => {
    const failed = () => {
      life.abort();
      reject(new Error("No way leads to the kernel's Peer."));
    };
    const timer = setTimeout(failed, ms);
    const settled = () => clearTimeout(timer);
    open({
      opened: (opened) => {
        settled();
        resolve(opened);
      },
      failed: () => {
        settled();
        failed();
      },
      signal: life.signal,
    });
  });
}

function openSocket(base: string, { port, token }: Offer, { opened, failed, signal }: Lane): void {
  const url = new URL(`proxy/${port}/`, base);
  url.protocol = url.protocol.replace("http", "ws");
  const socket = new WebSocket(url);
  socket.binaryType = "arraybuffer";
  signal.addEventListener("abort", () => socket.close());
  let events: TransportEvents | null = null;
  socket.onopen = () => socket.send(hello(token));
  socket.onclose = socket.onerror = () => (events ? events.closed() : failed());
  socket.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (!(data instanceof ArrayBuffer)) return;
    const bytes = new Uint8Array(data);
    if (events) events.message(bytes);
    else if (isHello(bytes))
      opened({
        begin: (given) => {
          events = given;
          return {
            send: (message) => socket.readyState === WebSocket.OPEN && socket.send(message),
            get waiting() {
              return socket.bufferedAmount;
            },
            close: () => socket.close(),
          };
        },
      });
  };
}

/** One Peer's messages on the comm, which all channels of a widget share. */
export class CommLine {
  readonly #link: MediaLink;
  readonly #peer: string;
  #receive: ((data: Bytes | null) => void) | null = null;
  #gathered: ArrayBuffer[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  #sentAt = 0;
  #due = 0;

  constructor(link: MediaLink, peer: string) {
    this.#link = link;
    this.#peer = peer;
  }

  /** @param receive - takes messages, and null for the end */
  open(receive: (data: Bytes | null) => void): void {
    this.#receive = receive;
    this.#link.send({ kind: "media", op: "open", peer: this.#peer });
  }

  send(data: ArrayBuffer): void {
    this.#gathered.push(data);
    const now = performance.now();
    const due = Math.max(this.#sentAt + GATHER_MS, isAcknowledgement(data) ? now + ACKNOWLEDGE_MS : now);
    if (this.#timer !== undefined && due >= this.#due) return;
    clearTimeout(this.#timer);
    this.#due = due;
    this.#timer = setTimeout(() => this.#flush(), due - now);
  }

  close(): void {
    if (!this.#receive) return;
    this.#end();
    this.#link.send({ kind: "media", op: "close", peer: this.#peer });
  }

  receive(op: "data" | "closed", buffers: readonly DataView[]): void {
    if (op === "closed") {
      const receive = this.#receive;
      this.#end();
      receive?.(null);
      return;
    }
    for (const { buffer, byteOffset, byteLength } of buffers)
      this.#receive?.(new Uint8Array(buffer as ArrayBuffer, byteOffset, byteLength));
  }

  #flush(): void {
    this.#timer = undefined;
    this.#sentAt = performance.now();
    this.#link.send({ kind: "media", op: "data", peer: this.#peer }, this.#gathered.splice(0));
  }

  #end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#gathered = [];
    this.#receive = null;
  }
}

function openComm(line: CommLine, { token }: Offer, { opened, failed, signal }: Lane): void {
  let events: TransportEvents | null = null;
  signal.addEventListener("abort", () => line.close());
  line.open((data) => {
    if (data === null) return events ? events.closed() : failed();
    if (events) events.message(data);
    else if (isHello(data))
      opened({
        begin: (given) => {
          events = given;
          return { send: (message) => line.send(message), waiting: 0, close: () => line.close() };
        },
      });
  });
  line.send(hello(token));
}

function hello(token: string): ArrayBuffer {
  return pack({ kind: "hello", payload: new TextEncoder().encode(token) });
}

function isAcknowledgement(data: ArrayBuffer): boolean {
  return KINDS[new Uint8Array(data)[0]!] === "ack";
}

function isHello(data: Bytes): boolean {
  return unpack(data)?.kind === "hello";
}
