/**
 * What participants report of their negotiation: the entries of a `report`.
 *
 * `rtc_widget/protocol/negotiation_events.py` is this file's twin; a test holds the tables against each other. Entries
 * are kept and shown to others: never a description, a candidate or an address is in one.
 */

/** The relay's id of the signaling message that it is about; absent where there is none, or the relay is too old to say. */
type About = { message?: string | undefined };

/** How long it took from the call until its promise was resolved, in ms. */
type Lasting = { duration: number };

/** A step of a negotiation, by the name that the W3C gives the operation. */
export type Step =
  | { step: "negotiationneeded" | "createOffer" | "createAnswer" | "restartIce" }
  | ({ step: "setLocalDescription"; description: RTCSdpType } & Lasting)
  | ({ step: "setRemoteDescription"; description: RTCSdpType } & About & Lasting)
  /** Of an offer of our own, by the call that sets the other side's. */
  | ({ step: "rollback" } & Partial<Lasting>)
  | ({ step: "ignored"; description: RTCSdpType } & About)
  /** A signaling message of this participant's, or of the other's. */
  | ({ step: "sent" | "received"; event: string } & About)
  /** A candidate of our own; `kind` is null at their end. */
  | { step: "gathered"; kind: string | null; protocol: string | null }
  /** What became of a candidate of the other side's. */
  | ({ step: "queued" | "added" } & About)
  /** Too many waited, it was for an ignored offer, or the connection is over. */
  | ({ step: "discarded"; reason: "overflow" | "ignored" | "closed" } & About)
  | ({ step: "refused"; error: string } & About)
  | ({ step: "failed"; operation: string; error: string } & About);

type KeysOf<T> = T extends unknown ? keyof T : never;
type FieldsOf = {
  readonly [Name in Step["step"]]: readonly Exclude<KeysOf<StepNamed<Name>>, "step">[];
};
type StepNamed<Name> = Step extends infer Each
  ? Each extends { step: infer Names }
    ? Name extends Names
      ? Each
      : never
    : never
  : never;

/** The steps, each with what else its entry says. */
export const STEPS = {
  negotiationneeded: [],
  createOffer: [],
  createAnswer: [],
  setLocalDescription: ["description", "duration"],
  setRemoteDescription: ["description", "duration", "message"],
  rollback: ["duration"],
  ignored: ["description", "message"],
  sent: ["event", "message"],
  received: ["event", "message"],
  gathered: ["kind", "protocol"],
  queued: ["message"],
  added: ["message"],
  refused: ["error", "message"],
  discarded: ["reason", "message"],
  restartIce: [],
  failed: ["operation", "error", "message"],
} as const satisfies FieldsOf;

/** The types of entries. A "step" is one of `STEPS`; "state" is one of the four state machines of an RTCPeerConnection. */
export const ENTRIES = [
  "step",
  "state",
  "track",
  "channel",
  "pair",
  "stats",
  "error",
  "clock",
  "devices",
] as const;

/** Something to report; without `at` it has happened now. What has taken a `duration`, in ms, says when it began. */
export type Report = {
  type: (typeof ENTRIES)[number];
  at?: number;
  [field: string]: unknown;
};

/** The step that an `icecandidate` event is. */
export function gathered(candidate: RTCIceCandidate | null): Step {
  // Firefox marks the end of a generation's candidates with an empty one.
  const { type = null, protocol = null } = candidate?.candidate ? candidate : {};
  return { step: "gathered", kind: type, protocol };
}

/** What an error may be called in a step: its message may quote a description or an address. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "Error";
}
