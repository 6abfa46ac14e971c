/**
 * What the user interface may see and ask of a call. `ui/` imports only this file and `protocol`:
 * it never touches an RTCPeerConnection, and `room/` never touches the DOM.
 */

import type { ReadonlySignal } from "@preact/signals-core";
import type { BreakRow, HeldRow } from "../protocol/comm";
import type { Media } from "../protocol/signaling";
import type { RemoteParticipant } from "../room/types";
import type { Phase } from "./call-state";

export type { ReadonlySignal } from "@preact/signals-core";
export type { ConnectionStats, RemoteParticipant } from "../room/types";
export type { Phase } from "./call-state";

/** Something that the person should know, shown until it no longer holds. */
export type Notice = {
  /** One of `CODES`, or a state of ours: `kernel_silent`, `kernel_absent`, `relay_away`. */
  code: string;
  level: "info" | "warning" | "error";
  /** What happened, in a few words. */
  title: string;
  /** What to do about it. */
  text: string;
  /** Buttons that do it, where they can. */
  actions?: readonly NoticeAction[];
};

/** A button; with `href` a link to another page. */
export type NoticeAction = { label: string; href?: string; run?: () => void };

/** A camera or microphone that can be chosen. */
export type Device = { id: string; label: string };
export type Devices = { cameras: readonly Device[]; microphones: readonly Device[] };

/** The person in front of this tab. */
export type LocalParticipant = {
  readonly name: ReadonlySignal<string>;
  /** What is on now. */
  readonly media: ReadonlySignal<Media>;
  /** What joining would turn on: the *Join* screen says so before anything opens. */
  readonly wanted: ReadonlySignal<Media>;
  /** Preview of the camera or pattern, null while off. Never holds audio that should be played here. */
  readonly stream: ReadonlySignal<MediaStream | null>;
  readonly screen: ReadonlySignal<MediaStream | null>;
  /** Whether the preview is shown as in a mirror: that of a camera which looks at the person. */
  readonly mirrored: ReadonlySignal<boolean>;
  readonly devices: ReadonlySignal<Devices>;
  /** Ids of the devices in use, null when none or synthetic. */
  readonly camera: ReadonlySignal<string | null>;
  readonly microphone: ReadonlySignal<string | null>;
};

/** The recording that this widget's kernel makes: its time and size in words, and whether it will soon stop. */
export type OwnRecording = { text: string; full: boolean };

/** A call that is over: who was in it, when and how long, and what it looked like. */
export type CallSummary = { who: string; when: string; picture?: string };

export type { BreakRow, HeldRow };

/** The signaling of the room as the kernel shows it. */
export type PanelContent = {
  /** The kernel's own diagram: HTML with a style and a script, in which whatever came from others is text. */
  html: string;
  /** Whether the signaling server tells the kernel what happens in the room: else nothing of it is known, nor can be stopped. */
  watching: boolean;
  paused: boolean;
  /** The oldest first. */
  held: readonly HeldRow[];
  /** The breakpoints that no message has reached. */
  breaks: readonly BreakRow[];
  /** What is broken on purpose, in words. */
  faults: readonly string[];
};

/** The live diagram, and control of the signaling. A participant without a teacher's token sees its requests refused. */
export type Panel = {
  /** The newest, null until the kernel has drawn it. */
  readonly content: ReadonlySignal<PanelContent | null>;
  /** HTML that takes the place of the overview in the diagram: its figures change all the time. */
  readonly overview: ReadonlySignal<string | null>;
  /** Why the last request was refused. */
  readonly notices: ReadonlySignal<readonly Notice[]>;
  /** Have it drawn until the returned function is called. */
  open(): () => void;
  /** Say whether the overview is what is shown, and has to be kept up to date. */
  showEverybody(on: boolean): void;
  /** Hold every message from now on. */
  pause(): void;
  /** Let everything go. */
  resume(): void;
  /** Let the message go that waits longest. */
  step(): void;
  /** Let the candidates go that wait first. */
  stepOver(): void;
  /** Let messages go until an offer or an answer is the next. */
  stepTo(): void;
  /** Let held messages go, by their ids; or let them go nowhere; or put a copy behind each. */
  release(messages: readonly string[]): void;
  drop(messages: readonly string[]): void;
  duplicate(messages: readonly string[]): void;
  clearBreak(id: string): void;
  /** Pause when the next message of this kind comes: "offer", "answer", "ice_candidate" or "request_offer". */
  breakOn(event: string): void;
  /** End every fault. */
  clear(): void;
};

/** What the panel needs of the view that it is shown in. */
export type PanelView = {
  /** The view's outermost element, within which the focus stays. */
  readonly root: HTMLElement;
  /** Tell screen readers something that everybody else sees. */
  readonly announce: (message: string) => void;
};

/** The call as the user interface sees it, wherever it is. All methods return at once; results show in the signals. */
export type Call = {
  readonly room: ReadonlySignal<string>;
  readonly phase: ReadonlySignal<Phase>;
  readonly notices: ReadonlySignal<readonly Notice[]>;
  readonly local: LocalParticipant;
  /** What the others call the person here: the name, with a number where others have had it before. */
  readonly label: ReadonlySignal<string>;
  /** Everybody else, in the order in which they came. */
  readonly participants: ReadonlySignal<readonly RemoteParticipant[]>;
  /** How signaling travels: "direct", "proxy", "tunnel" or null when not connected. */
  readonly path: ReadonlySignal<string | null>;
  join(): void;
  leave(): void;
  /** Turn the microphone or camera on or off. Off means released: the camera's light goes out. */
  setAudio(on: boolean): void;
  setVideo(on: boolean): void;
  /** Must be called from a user gesture to start (a rule of `getDisplayMedia`). */
  setScreen(on: boolean): void;
  useCamera(id: string): void;
  useMicrophone(id: string): void;
  /** True while the browser blocks audio until a click; call `unblockAudio` from that click. */
  readonly audioBlocked: ReadonlySignal<boolean>;
  unblockAudio(): void;
};

/** A call that is at home in a notebook's kernel. */
export type NotebookCall = Call & {
  /** Whether another tab has the call: joining moves it here. */
  readonly elsewhere: ReadonlySignal<boolean>;
  /** What this widget records, null while it does not. */
  readonly recording: ReadonlySignal<OwnRecording | null>;
  /** A finished recording as HTML with its player, null while none is played here. */
  readonly replay: ReadonlySignal<string | null>;
  closeReplay(): void;
  /** What the call was when the notebook was saved, as text and perhaps a picture; null when there was none. */
  readonly summary: CallSummary | null;
  /** Whether a picture of the call is to be kept in the notebook. */
  readonly keepsPicture: boolean;
  sendPicture(data: string): void;
  /** Let the kernel record everybody in the room, or stop. */
  record(on: boolean): void;
  /** Check in `el` what a call needs of this page, without opening anything; the returned function ends that. */
  examine(el: HTMLElement): () => void;
  /** Show the live diagram and its buttons in `el`; the returned function takes them away. */
  showTracePanel(el: HTMLElement, view: PanelView): () => void;
};
