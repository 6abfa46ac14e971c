/** Every size, count and time that two processes keep to, in one place: the twin of `rtc_widget/protocol/limits.py`. */

/** Sizes and counts. */
export const LIMITS = {
  room_length: 128,
  name_length: 64,
  payload_length: 262_144,
  description_length: 131_072,
  candidate_length: 4_096,
  report_entries: 200,
  room_capacity: 16,
  message_bytes: 262_144,
  piece_bytes: 65_536,
  queued_candidates: 256,
  queued_messages: 64,
  queued_reports: 1_000,
  upload_bytes: 16_777_216,
  candidate_pairs: 20,
  media_bytes: 1_048_576,
} as const;

/** Times in milliseconds. */
export const TIMES_MS = {
  connect: 5_000,
  acknowledge: 5_000,
  retry_first: 50,
  retry_last: 1_500,
  away: 1_500,
  return: 5_000,
  waiting: 600_000,
  offer_patience: 4_000,
  answer: 10_000,
  disconnected: 3_000,
  report_delay: 50,
  stats: 1_000,
  clock_first: 300,
  clock_every: 30_000,
  heartbeat: 2_000,
  kernel_absent: 6_000,
  kernel_silent: 10_000,
  kernel_gone: 60_000,
  panel_lease: 20_000,
  panel_renewal: 8_000,
  media_patience: 3_000,
  media_offer: 30_000,
  upload_retry: 5_000,
  recording_leave: 5_000,
  recording_rest: 30_000,
} as const;
