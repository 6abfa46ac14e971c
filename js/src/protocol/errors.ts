/** Errors with codes: the twin of `rtc_widget/errors.py`. */

/** Every reason that something is refused or fails: the same strings as `rtc_widget.errors.CODES`. */
export const CODES = [
  "bad_token",
  "token_expired",
  "token_used",
  "wrong_room",
  "forbidden",
  "taken_over",
  "kernel_gone",
  "removed",
  "token_revoked",
  "admission_required",
  "not_admitted",
  "nobody_answered",
  "waiting_full",
  "bad_request",
  "unknown_event",
  "bad_room",
  "bad_name",
  "bad_description",
  "bad_candidate",
  "not_joined",
  "already_joined",
  "unknown_participant",
  "room_full",
  "too_many_rooms",
  "payload_too_large",
  "rate_limited",
  "nothing_held",
  "relay_down",
  "relay_unreachable",
  "relay_failed",
  "timeout",
  "frontend_absent",
  "would_deadlock",
  "closed",
  "turn_refused",
  "turn_failed",
  "bad_argument",
  "message_too_large",
  "message_dropped",
  "bad_trace",
  "bad_recording",
  "recording_failed",
  "peer_missing",
  "peer_failed",
  "bad_frame",
  "bad_source",
  "bad_callback",
  "bad_transform",
  "permission_denied",
  "blocked_by_page",
  "no_device",
  "device_busy",
  "insecure_context",
  "screen_denied",
  "connection_failed",
] as const;

export type Code = (typeof CODES)[number];

/** The refusals that trying again does not change; everything else is worth another attempt. */
export const FATAL = [
  "bad_token",
  "token_expired",
  "token_used",
  "wrong_room",
  "forbidden",
  "taken_over",
  "kernel_gone",
  "removed",
  "token_revoked",
  "not_admitted",
  "nobody_answered",
  "bad_room",
  "bad_name",
] as const satisfies readonly Code[];

/** Whether a refusal is final: a connection that gets it is not tried again. */
export function isFatal(code: string): boolean {
  return (FATAL as readonly string[]).includes(code);
}

/** An error as it travels. */
export type ErrorInfo = { code: string; message: string };

/** A refusal or failure with its code; `message` says what happened and what to do. */
export class RtcError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
    this.name = "RtcError";
  }
}
