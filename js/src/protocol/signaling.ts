/**
 * The wire between participants and the relay: names and shapes, protocol version 1.
 *
 * `rtc_widget/protocol/signaling.py` is this file's twin; a test holds the tables against each other.
 * The transport is Socket.IO, namespace `/`. Before a page sends its token, it lets the relay prove in the namespace
 * `/proof` that it is the one which the page's kernel named.
 */
import type { ErrorInfo } from "./errors";

export const PROTOCOL_VERSION = 1;
export const PROOF_NAMESPACE = "/proof";

/** What a client may send: each event's fields with their kind; `?` marks one that may be absent. */
export const SHAPES = {
  join_room: {
    roomId: "room",
    "name?": "name",
    "kind?": "kind",
    "media?": "media",
    "caps?": "caps",
    "resume?": "token",
    "session?": "id",
  },
  leave_room: { roomId: "room" },
  offer: { roomId: "room", to: "id", "session?": "id", offer: "description" },
  answer: { roomId: "room", to: "id", "session?": "id", answer: "description" },
  description: { roomId: "room", "to?": "id", "session?": "id", description: "description" },
  ice_candidate: { roomId: "room", to: "id", "session?": "id", candidate: "candidate" },
  request_offer: { roomId: "room", to: "id", "session?": "id" },
  media_state: { roomId: "room", audio: "flag", video: "flag", screen: "flag" },
  report: { roomId: "room", entries: "entries" },
  watch_room: { roomId: "room", "trace?": "flag" },
  control_room: { roomId: "room", action: "kind", "options?": "options" },
  remove_participant: { roomId: "room", participant: "id", "revoke?": "flag" },
  knock: { roomId: "room", "name?": "name", "kind?": "kind", "resume?": "token" },
  withdraw_knock: { roomId: "room" },
  answer_knock: { roomId: "room", participant: "id", admit: "flag", "revoke?": "flag" },
  record_room: { roomId: "room", recording: "id", on: "flag", "name?": "name", "by?": "id" },
  recorded: { roomId: "room", recording: "id", piece: "piece" },
  received: { roomId: "room", recording: "id", to: "id", pieces: "pieces" },
  clock: {},
} as const;

export type ClientEvent = keyof typeof SHAPES;

/** What the relay sends on its own account or hands on from another participant. */
export const SERVER_EVENTS = [
  "user_joined",
  "user_away",
  "user_back",
  "user_left",
  "offer",
  "answer",
  "description",
  "ice_candidate",
  "request_offer",
  "media_state",
  "report",
  "removed",
  "admitted",
  "waiting",
  "ice_servers",
  "paused",
  "signal",
  "control",
  "recording",
  "recorded",
  "received",
] as const;

export type ServerEvent = (typeof SERVER_EVENTS)[number];

/** Which of a participant's sources are on. */
export type Media = { audio: boolean; video: boolean; screen: boolean };

/** What a participant's stack can do; a plain tutorial client says nothing, so absent means no. */
export type Caps = {
  rollback?: boolean;
  endOfCandidates?: boolean;
  /** It records itself when the room is recorded, and says when it is done. */
  records?: boolean;
};

/** A participant as the relay lists it. */
export type RosterEntry = {
  socketId: string;
  /** Grows with every join and is kept through resume: who was there first. */
  order: number;
  name: string;
  kind: string;
  media: Media;
  caps: Caps;
  /** One life of the client, such as a page load: the same one still holds its peer connections. */
  session: string;
  away: boolean;
  /** The widget that this participant belongs to, when it does. */
  owner?: string;
};

/** The acknowledgement of `join_room`. */
export type Joined = {
  socketId: string;
  /** Proof of identity for coming back: over another path, after a reload, on a new relay. */
  resume: string;
  order: number;
  participants: RosterEntry[];
  iceServers: RTCIceServer[];
  /** Whether signaling messages are held; absent from an older relay. */
  paused?: boolean;
  /** Who records the room now; absent from an older relay. */
  recordings?: RecordingEntry[];
};

/** The acknowledgement of `knock`. */
export type Knocked = {
  /** False once somebody has let them in. */
  waiting: boolean;
  /** Brings them back to their place after a reload, or, once they may, into the room. */
  resume: string;
};

/** Somebody who records the room; `by` is the participant's id, absent where whoever records is none. */
export type RecordingEntry = { recording: string; name: string; by?: string };

/** How far a segment of what this participant records of itself has come. */
export type ReceivedEntry = { track: "camera" | "screen"; number: number; offset: number };

/** The client events that the relay hands on, and that a teacher may hold or damage. */
export const SIGNALS = ["offer", "answer", "description", "ice_candidate", "request_offer"] as const;

/** A line of a report: a step, a change of state or a measurement, with the sender's clock in ms since the epoch. */
export type ReportEntry = { type: string; at: number; [field: string]: unknown };

export type Ack<T = Record<string, unknown>> = ({ ok: true } & T) | { ok: false; error: ErrorInfo };
