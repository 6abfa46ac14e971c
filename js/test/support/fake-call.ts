import { type Signal, signal } from "@preact/signals-core";
import type {
  ConnectionStats,
  Devices,
  LocalParticipant,
  NotebookCall,
  Notice,
  OwnRecording,
  Panel,
  PanelContent,
  Phase,
  RemoteParticipant,
} from "../../src/call/types";
import type { Media } from "../../src/protocol/signaling";
import { mountTracePanel } from "../../src/ui/trace-panel";

/** The same members, with every signal writable. */
type Writable<T> = {
  -readonly [K in keyof T]-?: NonNullable<T[K]> extends { readonly value: infer V; peek(): unknown }
    ? Signal<V>
    : T[K];
};

export type FakeRemote = Writable<RemoteParticipant>;
export type FakeLocal = Writable<LocalParticipant>;
export type FakeCall = Omit<Writable<NotebookCall>, "local" | "participants"> & {
  panel: Writable<Panel>;
  local: FakeLocal;
  participants: Signal<readonly FakeRemote[]>;
  /** What was asked of the call, in order: method and arguments. */
  asked: unknown[][];
};

export const ON: Media = { audio: true, video: true, screen: false };

let ids = 0;

/** Somebody else, connected with camera and microphone on unless told otherwise. */
export function fakeRemote(called: string, kind = "browser"): FakeRemote {
  const name = signal(called);
  return {
    id: `p${++ids}`,
    order: ids,
    kind,
    name,
    label: name,
    media: signal(ON),
    stream: signal<MediaStream | null>(null),
    screen: signal<MediaStream | null>(null),
    connectionState: signal<RTCPeerConnectionState>("connected"),
    disconnected: signal(false),
    overNotebook: signal(false),
    stats: signal<ConnectionStats | null>(null),
  };
}

/** A call without any media or network behind it. */
export function fakeCall(phase: Phase = "joined", others: readonly FakeRemote[] = []): FakeCall {
  const asked: unknown[][] = [];
  const ask =
    (method: string) =>
    (...args: unknown[]) => {
      asked.push([method, ...args]);
    };
  let everybody = false;
  const panel: Writable<Panel> = {
    content: signal<PanelContent | null>(null),
    overview: signal<string | null>(null),
    notices: signal<readonly Notice[]>([]),
    showEverybody(on) {
      if (on !== everybody) asked.push(["showEverybody", on]);
      everybody = on;
    },
    open() {
      asked.push(["open"]);
      return ask("shut");
    },
    pause: ask("pause"),
    resume: ask("resume"),
    step: ask("step"),
    release: ask("release"),
    clearBreak: ask("clearBreak"),
    duplicate: ask("duplicate"),
    drop: ask("drop"),
    stepTo: ask("stepTo"),
    stepOver: ask("stepOver"),
    breakOn: ask("breakOn"),
    clear: ask("clear"),
  };
  return {
    asked,
    room: signal("demo"),
    phase: signal(phase),
    notices: signal<readonly Notice[]>([]),
    local: {
      name: signal("Ada"),
      media: signal(ON),
      wanted: signal(ON),
      stream: signal<MediaStream | null>(null),
      screen: signal<MediaStream | null>(null),
      mirrored: signal(false),
      devices: signal<Devices>({ cameras: [], microphones: [] }),
      camera: signal<string | null>(null),
      microphone: signal<string | null>(null),
    },
    label: signal("Ada"),
    participants: signal(others),
    path: signal<string | null>("direct"),
    audioBlocked: signal(false),
    elsewhere: signal(false),
    join: ask("join"),
    leave: ask("leave"),
    setAudio: ask("setAudio"),
    setVideo: ask("setVideo"),
    setScreen: ask("setScreen"),
    useCamera: ask("useCamera"),
    useMicrophone: ask("useMicrophone"),
    unblockAudio: ask("unblockAudio"),
    summary: null,
    keepsPicture: false,
    sendPicture: ask("sendPicture"),
    recording: signal<OwnRecording | null>(null),
    record: ask("record"),
    replay: signal<string | null>(null),
    closeReplay: ask("closeReplay"),
    examine(el) {
      asked.push(["examine"]);
      el.textContent = "checked";
      return () => {
        asked.push(["examined"]);
        el.textContent = "";
      };
    },
    panel,
    // As the module does it, which is here at once.
    showTracePanel: (el, view) => mountTracePanel(el, panel, view),
  };
}
