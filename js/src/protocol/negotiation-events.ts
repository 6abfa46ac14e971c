/**
 * The steps of a negotiation, as whoever takes them tells them. They end up in records that are kept and shown to
 * others: never a description, a candidate or an address.
 */

/** Which of the relay's messages it is about; absent where none is, or where the relay is too old to say. */
type Message = { message?: string | undefined };

export type Step =
  | { step: "negotiationneeded" | "createOffer" | "createAnswer" | "rollback" | "restartIce" }
  | { step: "setLocalDescription"; description: RTCSdpType }
  | ({ step: "setRemoteDescription" | "ignored"; description: RTCSdpType } & Message)
  /** A candidate of our own; `kind` is null at their end. */
  | { step: "gathered"; kind: string | null; protocol: string | null }
  /** What became of a candidate of the other side's. */
  | ({ step: "queued" | "added" } & Message)
  /** Too many waited, it was for an ignored offer, or the connection is over. */
  | ({ step: "discarded"; reason: "overflow" | "ignored" | "closed" } & Message)
  | ({ step: "refused"; error: string } & Message)
  | ({ step: "failed"; operation: string; error: string } & Message);

/** The step that an `icecandidate` event is. */
export function gathered(candidate: RTCIceCandidate | null): Step {
  // Firefox says the end of a generation's candidates with an empty one.
  const { type = null, protocol = null } = candidate?.candidate ? candidate : {};
  return { step: "gathered", kind: type, protocol };
}

/** What an error may be called in a step: its message may quote a description or an address. */
export function errorName(error: unknown): string {
  return error instanceof Error ? error.name : "Error";
}
