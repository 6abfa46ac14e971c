/**
 * The comm between a widget's kernel and its front ends: every message of both directions.
 *
 * `rtc_widget/protocol/comm.py` is this file's twin; a test holds the tables against each other. The messages are
 * anywidget's custom messages. The comm reaches every tab that shows the widget, so a message of the kernel's says in
 * `to` which it is for ("*" for all), and one of a front end's says in `client_id` which it is from.
 */
import type { ErrorInfo } from "./errors";
import type { Ack, ServerEvent } from "./signaling";

// -- from the kernel

/** Admits one tab that joins by itself. */
export type Invitation = {
  /** Names the invitation, so that a tab tries it once. */
  key: string;
  /** A single-use token. */
  token: string;
  /** The Jupyter client that ran the cell, where the kernel knows it. */
  session: string | null;
  /** Join even before the widget is shown, because Python waits for the call. */
  now: boolean;
  /** The front end that has asked for the call, and is meant alone. */
  client: string | null;
};

/** What a relay is to answer, so that nothing secret is sent to another program on its port; new in every heartbeat. */
export type Proof = { challenge: string; answer: string };

/** Sent every two seconds, also while a cell runs: where the relay is, and a token for the room. */
export type Heartbeat = {
  kind: "heartbeat";
  relay: string;
  /** The relay is on the kernel's own machine, at a loopback address. */
  local: boolean;
  owner: string;
  token: string;
  iceServers: RTCIceServer[];
  /** Whether a tab of this widget is in the room. */
  joined: boolean;
  /** Where the relay is the kernel's machine's own, whose port another program could take. */
  proof?: Proof;
  /** For each origin of pages that have said hello, what those show the relay; absent where the kernel cannot vouch for them. */
  originTokens?: Record<string, string>;
  /** Ids of this kernel's Peers in the room, which a page may reach by a media channel; absent where it is to use none. */
  peers?: string[];
  invitation?: Invitation;
};

/** The answer to a hello that comes before there is a relay: who is meant may show its camera, and will be invited. */
export type Expect = {
  kind: "expect";
  /** The Jupyter client that ran the cell. */
  session: string;
};

/** What Python asks of the call; a `send` of bytes has them in the message's buffer. */
export type Command =
  | { kind: "command"; action: "leave" | "report" | "restart_ice" }
  | { kind: "command"; action: "media"; audio?: boolean; video?: boolean }
  | { kind: "command"; action: "screen"; on: boolean; pattern?: boolean }
  | { kind: "command"; action: "use"; camera: string | null; microphone: string | null }
  | { kind: "command"; action: "decline"; recording: string }
  | { kind: "command"; action: "send"; text: string | null; target: string | null };

/** The kernel's end of a tunnel to the relay. */
export type TunnelFromKernel = {
  kind: "tunnel";
  op: "opened" | "refused" | "event" | "ack" | "closed";
  error?: ErrorInfo;
  event?: ServerEvent;
  payload?: Record<string, unknown>;
  id?: number;
  answer?: Ack;
};

/** A held message, or several candidates in a row from one participant to another. */
export type HeldRow = { ids: string[]; text: string; carries: string; seconds: number };

/** A breakpoint that no message has reached. */
export type BreakRow = { id: string; text: string };

/** The live diagram and what is held and broken, the newest overview alone, or why the last request was refused. */
export type PanelContent =
  | {
      kind: "panel";
      html: string;
      watching: boolean;
      paused: boolean;
      held: HeldRow[];
      breaks: BreakRow[];
      faults: string[];
      overview?: never;
      error?: never;
    }
  | { kind: "panel"; overview: string; error?: never }
  | { kind: "panel"; error: ErrorInfo };

/** The recording that this kernel makes: once a second while it goes on, when it is over, and when its file is there. */
export type RecordingState =
  | { kind: "recording"; on: true; id: string; text: string; full: boolean }
  | { kind: "recording"; on: false; id?: string; file?: string; error?: ErrorInfo };

/** A recording as HTML with its player, to the front end that has asked for it, or why there is none. */
export type ReplayContent = { kind: "replay"; html?: string; error?: ErrorInfo };

/** The text of a module that a front end has asked for. */
export type Module = { kind: "module"; name: string; source: string };

/** What the page's part of `doctor()` is to reach; `relay` is null where the kernel has none. */
export type Target = {
  kind: "target";
  relay: {
    url: string;
    local: boolean;
    room: string;
    token: string;
    proof?: Proof;
    originTokens?: Record<string, string>;
  } | null;
  iceServers: RTCIceServer[];
};

/** The kernel's part in a media channel to one of its Peers; the channel's messages are the buffers of "data". */
export type MediaFromKernel = {
  kind: "media";
  op: "offered" | "refused" | "data" | "closed";
  peer: string;
  /** Of 127.0.0.1, where the kernel is: the notebook's server may lead there. */
  port?: number;
  /** Lets the page in, once. */
  token?: string;
  error?: ErrorInfo;
};

/** A link by which people join without Jupyter, which is never a trait: those are saved. */
export type LinkContent = {
  kind: "link";
  url: string;
  /** A data URL of its QR code. */
  qr: string;
  room: string;
  /** When it expires, in ms since the epoch. */
  expires: number;
  /** How many it admits; null for any number. */
  uses: number | null;
  /** SHA-256 of a certificate that browsers warn of. */
  fingerprint: string | null;
  /** It leads to the kernel's own machine alone. */
  onlyHere: boolean;
  /** Who comes by it waits to be let in. */
  wait: boolean;
};

/** Somebody who waits to be let in, or all who do beyond the first few. */
export type WaitingRow = { ids: string[]; title: string; text: string };

/** Who waits to be let into the room, as rows, each of which may be let in or not. */
export type WaitingContent = { kind: "waiting"; rows: WaitingRow[] };

/** The address of the room's join page, to a front end whose own page gives it no camera; it holds a token. */
export type JoinPage = { kind: "join_page"; url: string };

export type FromKernel =
  | Heartbeat
  | Expect
  | Command
  | TunnelFromKernel
  | PanelContent
  | RecordingState
  | ReplayContent
  | Module
  | Target
  | MediaFromKernel
  | LinkContent
  | WaitingContent
  | JoinPage;

// -- from a front end

/** A front end is there, in a page of some origin, and asks for a heartbeat; `again` lets `doctor()` check the kernel once more. */
export type Hello = { kind: "hello"; origin?: string; again?: boolean };

/** Where a tab stands while the relay cannot say it: before joining and after leaving. */
export type PhaseReport = { kind: "phase"; phase: string; unseen: boolean };

/** The person wants the call in this tab, and not in the one that has it. */
export type Move = { kind: "move" };

/** Something went wrong in a tab. */
export type ErrorReport = { kind: "error" } & ErrorInfo;

/** Labels of the cameras and microphones that the browser offers. */
export type DeviceLabels = { kind: "devices"; cameras: string[]; microphones: string[] };

/** A data channel message, not parsed, and its sender's participant id; one of bytes is the message's buffer. */
export type DataMessage = { kind: "message"; from: string; text?: string };

/** A small picture of the call, as a data URL. */
export type Picture = { kind: "picture"; data: string };

/** A front end's end of a tunnel to the relay. */
export type TunnelFromPage =
  | { kind: "tunnel"; op: "open"; auth: { token: string; owner?: string } }
  | { kind: "tunnel"; op: "emit"; id: number; event: string; payload: object }
  | { kind: "tunnel"; op: "close" };

/** What needs nothing else to be said. */
export type PanelAction = "shut" | "pause" | "resume" | "step" | "step_over" | "step_to" | "clear";

/** What the trace panel and its buttons ask for. */
export type PanelRequest =
  | { kind: "panel"; action: PanelAction }
  /** `everybody`: the overview is what is shown. */
  | { kind: "panel"; action: "open"; everybody: boolean }
  /** Let held messages go, or nowhere, or have a copy of each behind it. */
  | { kind: "panel"; action: "release" | "drop" | "duplicate"; messages: readonly string[] }
  | { kind: "panel"; action: "clear_break"; id: string }
  /** Pause at the next message of this event. */
  | { kind: "panel"; action: "break_on"; event: string };

/** The person lets those in who wait, by their ids, or declines. */
export type Answer = { kind: "answer"; ids: string[]; admit: boolean };

/** The recording button. */
export type RecordRequest = { kind: "record"; on: boolean };

/** Asks for the replay of a recording whose file has been made, by its id. */
export type ReplayRequest = { kind: "replay"; id: string };

/** Asks for a module that the first picture does not need. */
export type ModuleRequest = { kind: "module"; name: string };

/** Asks for the address of the room's join page: this page gives the widget no camera. */
export type JoinPageRequest = { kind: "join_page" };

/** A page's part in a media channel to a Peer of its kernel: it asks for one, and opens it over the comm where it finds no other way. */
export type MediaFromPage = {
  kind: "media";
  op: "request" | "open" | "data" | "close";
  peer: string;
  /** The page's own id, of whoever requests a channel. */
  participant?: string;
};

/** What the page's part of `doctor()` has found. */
export type Findings = {
  kind: "findings";
  findings: { check: string; state: string; text: string; advice: string }[];
  done: boolean;
};

export type FromFrontEnd =
  | Hello
  | PhaseReport
  | Move
  | ErrorReport
  | DeviceLabels
  | DataMessage
  | Picture
  | TunnelFromPage
  | PanelRequest
  | Answer
  | RecordRequest
  | ReplayRequest
  | ModuleRequest
  | JoinPageRequest
  | MediaFromPage
  | Findings;

// -- the tables

type KeysOf<Message> = Message extends unknown ? keyof Message : never;
/** Each kind with exactly the fields of its messages. */
type FieldsOf<Message extends { kind: string }> = {
  [Kind in Message["kind"]]: Record<KeysOf<Extract<Message, { kind: Kind }>>, true>;
};

/** Each kind of the kernel's messages with its fields. */
export const FROM_KERNEL = /* @__PURE__ */ sorted({
  heartbeat: {
    kind: true,
    relay: true,
    local: true,
    owner: true,
    token: true,
    iceServers: true,
    joined: true,
    proof: true,
    originTokens: true,
    peers: true,
    invitation: true,
  },
  expect: { kind: true, session: true },
  command: {
    kind: true,
    action: true,
    audio: true,
    video: true,
    on: true,
    pattern: true,
    camera: true,
    microphone: true,
    recording: true,
    text: true,
    target: true,
  },
  tunnel: { kind: true, op: true, error: true, event: true, payload: true, id: true, answer: true },
  panel: {
    kind: true,
    html: true,
    overview: true,
    watching: true,
    paused: true,
    held: true,
    breaks: true,
    faults: true,
    error: true,
  },
  recording: { kind: true, on: true, id: true, text: true, full: true, file: true, error: true },
  replay: { kind: true, html: true, error: true },
  module: { kind: true, name: true, source: true },
  target: { kind: true, relay: true, iceServers: true },
  media: { kind: true, op: true, peer: true, port: true, token: true, error: true },
  link: {
    kind: true,
    url: true,
    qr: true,
    room: true,
    expires: true,
    uses: true,
    fingerprint: true,
    onlyHere: true,
    wait: true,
  },
  waiting: { kind: true, rows: true },
  join_page: { kind: true, url: true },
} satisfies FieldsOf<FromKernel>);

/** Each kind of a front end's messages with its fields. */
export const FROM_FRONT_END = /* @__PURE__ */ sorted({
  hello: { kind: true, origin: true, again: true },
  phase: { kind: true, phase: true, unseen: true },
  move: { kind: true },
  error: { kind: true, code: true, message: true },
  devices: { kind: true, cameras: true, microphones: true },
  message: { kind: true, from: true, text: true },
  picture: { kind: true, data: true },
  tunnel: { kind: true, op: true, auth: true, id: true, event: true, payload: true },
  panel: { kind: true, action: true, everybody: true, messages: true, event: true, id: true },
  answer: { kind: true, ids: true, admit: true },
  record: { kind: true, on: true },
  replay: { kind: true, id: true },
  module: { kind: true, name: true },
  join_page: { kind: true },
  media: { kind: true, op: true, peer: true, participant: true },
  findings: { kind: true, findings: true, done: true },
} satisfies FieldsOf<FromFrontEnd>);

function sorted(fields: Record<string, object>): Record<string, string[]> {
  return Object.fromEntries(Object.entries(fields).map(([kind, names]) => [kind, Object.keys(names).sort()]));
}

// -- anywidget's side of it

/** The part of anywidget's model that is used here. */
export type Model = {
  get(name: string): unknown;
  set(name: string, value: unknown): void;
  save_changes(): void;
  on(event: string, callback: (...args: never[]) => void): void;
  off(event: string, callback: (...args: never[]) => void): void;
  send(content: FromFrontEnd & { client_id: string }, callbacks?: unknown, buffers?: ArrayBuffer[]): void;
  widget_manager?: unknown;
};

/** A message of the kernel's if `content` is one, and for this tab; null otherwise. */
export function addressedTo(clientId: string, content: unknown): FromKernel | null {
  const message = content as (FromKernel & { to?: unknown }) | null;
  return message?.to === "*" || message?.to === clientId ? message : null;
}
