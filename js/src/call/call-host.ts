/** Where a call is at home: a notebook's kernel, or a page of the relay's own. */
import type { Code, ErrorInfo } from "../protocol/errors";
import type { Auth, Way } from "../signaling/transport";
import type { Phase } from "./call-state";

/** How the relay is reached now, and what it is shown. */
export type Access = { relay: string; ways: Way[]; auth: Auth; iceServers: RTCIceServer[] };

/** What a stay in a room needs of where it is at home. */
export type CallHost = {
  readonly room: string;
  /** "perfect" or "naive"; see `strategyOf`. */
  readonly negotiation: unknown;
  /** Whose call it is: by that a reload of the page finds what this one has left. */
  readonly owner: string;
  /** The refusal that only means that another tab was quicker, so that this one may offer to join as well. */
  readonly late: Code | null;
  /**
   * Called anew for every attempt to connect.
   *
   * @param token - what admits this tab, until it has joined
   */
  access(token?: string): Access;
  onPhase(phase: Phase): void;
  /** An error that nobody else can be told of, because the room has not been joined. */
  onError(error: ErrorInfo): void;
  /** A data channel message has come. */
  onMessage(from: string, data: string | ArrayBuffer): void;
};
