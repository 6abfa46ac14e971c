/**
 * The media channel: a browser and a Peer of its kernel over the notebook's own connection, where ICE finds no way.
 *
 * Binary messages with a header of 6 bytes: what the message is, a flag or a kind, and a number, both ends counting their
 * own. They travel over a WebSocket, or as buffers of the comm; `rtc_widget/protocol/channel_messages.py` is this file's twin,
 * and says what each kind is.
 */
import { LIMITS } from "./limits";

export const KINDS = ["hello", "video", "screen", "audio", "text", "bytes", "ack", "key"] as const;
export type Kind = (typeof KINDS)[number];

export const HEADER_BYTES = 6;

export type ChannelMessage = {
  kind: Kind;
  /** Counts the sender's messages of the kind; for `ack` that of the message that has come. */
  number: number;
  payload: Uint8Array<ArrayBuffer>;
  /** Whether a frame is a key frame. */
  key: boolean;
  /** For `ack` and `key` the kind of message that they are about. */
  of: Kind | null;
};

/** A message as it travels. */
export function pack(message: Partial<ChannelMessage> & { kind: Kind }): ArrayBuffer {
  const { kind, number = 0, payload, key = false, of = null } = message;
  const bytes = new Uint8Array(HEADER_BYTES + (payload?.length ?? 0));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, KINDS.indexOf(kind));
  view.setUint8(1, of === null ? Number(key) : KINDS.indexOf(of));
  view.setUint32(2, number);
  if (payload) bytes.set(payload, HEADER_BYTES);
  return bytes.buffer;
}

/** Read a message; null for what is none. */
export function unpack(data: Uint8Array<ArrayBuffer>): ChannelMessage | null {
  if (data.length < HEADER_BYTES || data.length > LIMITS.media_bytes + HEADER_BYTES) return null;
  const view = new DataView(data.buffer, data.byteOffset, data.length);
  const kind = KINDS[view.getUint8(0)];
  const flag = view.getUint8(1);
  const about = KINDS[flag];
  if (kind === undefined || about === undefined) return null;
  const of = kind === "ack" || kind === "key" ? about : null;
  const payload = data.subarray(HEADER_BYTES);
  return { kind, number: view.getUint32(2), payload, key: of === null && flag === 1, of };
}

/** Put packets of Opus behind one another, each with its length before it. */
export function joinPackets(packets: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(packets.reduce((size, packet) => size + 2 + packet.length, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const packet of packets) {
    view.setUint16(at, packet.length);
    bytes.set(packet, at + 2);
    at += 2 + packet.length;
  }
  return bytes;
}

/** Take packets of Opus apart again; what does not fit is left out. */
export function splitPackets(payload: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
  const packets = [];
  for (let at = 0; at + 2 <= payload.length; ) {
    const end = at + 2 + view.getUint16(at);
    if (end > payload.length) break;
    packets.push(payload.subarray(at + 2, end));
    at = end;
  }
  return packets;
}
