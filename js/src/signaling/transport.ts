/** How signaling reaches the relay: one interface, several ways. */

import type { ErrorInfo } from "../protocol/errors";
import { RtcError } from "../protocol/errors";
import type { Ack, ClientEvent, ServerEvent } from "../protocol/signaling";

/** Callbacks of a transport. */
export type Handlers = {
  event(name: ServerEvent, payload: Record<string, unknown>): void;
  /** The connection ended without `close` having been called. */
  closed(): void;
};

/**
 * What a client authenticates with. A newcomer has not been here before: the relay refuses one at once whose token has admitted
 * as many as it may.
 */
export type Auth = { token: string; owner?: string; newcomer?: true };

/** A connected path to the relay. */
export type SignalingTransport = {
  readonly path: "direct" | "proxy" | "tunnel";
  /** Send an event; resolves with its acknowledgement, rejects with an `RtcError` that has the refusal's code. */
  request<T>(event: ClientEvent, payload: object): Promise<T>;
  /** Send an event whose acknowledgement nobody waits for, such as leaving while the page is unloaded. */
  post(event: ClientEvent, payload: object): void;
  close(): void;
};

/** A way to the relay that can be tried. Rejects with `relay_unreachable` or with the relay's refusal. */
export type Way = {
  /** Milliseconds before the next way is tried beside this one. */
  readonly headStart: number;
  /** Milliseconds before this way is tried again while others are still being tried; without it, it is tried once. */
  readonly retry?: number;
  connect(auth: Auth, handlers: Handlers, signal: AbortSignal): Promise<SignalingTransport>;
};

/** Return the acknowledgement's content, or throw its refusal. */
export function unwrap<T>(ack: Ack<T>): T {
  if (ack.ok) return ack;
  throw refusal(ack.error);
}

export function refusal(error: ErrorInfo): RtcError {
  return new RtcError(error.code, error.message);
}
