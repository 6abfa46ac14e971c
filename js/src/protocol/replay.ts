/**
 * A replay's page: the recording as JSON, and what may be relied on in the HTML around it.
 *
 * `rtc_widget/protocol/replay.py` is this file's twin; a test holds the tables against each other. Pages are saved in
 * notebooks, so what stands here stays. Times are seconds since the recording began.
 */

/** From when to when; null for "until the end". */
export type Span = readonly [from: number, to: number | null];

export type Person = { id: string; name: string; kind: string; here: Span[]; declined: boolean };

/** A video with its audio. `shown` and `heard` are in its own time, which is 0 at `begins`. */
export type Clip = {
  person: string;
  track: "camera" | "screen";
  begins: number;
  seconds: number;
  mime: string;
  shown: Span[];
  heard: Span[];
  /** A frame of it as a data URL. */
  poster: string | null;
};

export type Chapter = { time: number; title: string; kind: string };

/** A data channel message; `to` is null for everybody. */
export type ChatMessage = { time: number; from: string; to: string | null; text: string };

/** The recording. */
export type RecordingData = {
  room: string;
  /** Milliseconds since the epoch. */
  began: number;
  seconds: number;
  /** How it ended, where that is worth a word. */
  ended: string | null;
  /** What was made smaller or left out, and what went wrong. */
  notes: string[];
  problems: string[];
  people: Person[];
  clips: Clip[];
  chapters: Chapter[];
  said: ChatMessage[];
  media: [time: number, participant: string, audio: boolean, video: boolean, screen: boolean][];
  away: [time: number, participant: string, away: boolean][];
  /** `machine` is an index into `MACHINES`. */
  states: [time: number, participant: string, peer: string, machine: number, value: string][];
  stats: [
    time: number,
    participant: string,
    peer: string,
    fps: number | null,
    bitrate: number | null,
    rtt: number | null,
  ][];
  /** When the diagram's time 0 is. */
  diagram: number;
  /** WebVTT; pages that were saved before there were captions have none. */
  captions?: string;
};

type Names<T> = readonly (keyof T)[];

/** The fields of the JSON's objects. */
export const FIELDS = {
  recording: [
    "away",
    "began",
    "captions",
    "chapters",
    "clips",
    "diagram",
    "ended",
    "media",
    "notes",
    "people",
    "problems",
    "room",
    "said",
    "seconds",
    "states",
    "stats",
  ] satisfies Names<RecordingData>,
  person: ["declined", "here", "id", "kind", "name"] satisfies Names<Person>,
  clip: ["begins", "heard", "mime", "person", "poster", "seconds", "shown", "track"] satisfies Names<Clip>,
  chapter: ["kind", "time", "title"] satisfies Names<Chapter>,
  said: ["from", "text", "time", "to"] satisfies Names<ChatMessage>,
};

/** The columns of the JSON's rows. */
export const COLUMNS = {
  media: ["time", "participant", "audio", "video", "screen"],
  away: ["time", "participant", "away"],
  states: ["time", "participant", "peer", "machine", "value"],
  stats: ["time", "participant", "peer", "fps", "bitrate", "rtt"],
};

/** The state machines of a connection, in the order in which they are shown. */
export const MACHINES = [
  "signaling_state",
  "ice_gathering_state",
  "ice_connection_state",
  "connection_state",
] as const;

/** Classes of a replay's elements. */
export const REPLAY_CLASSES = {
  /** All of it. */
  root: "rtcw-replay",
  /** The script that holds the JSON. */
  data: "rtcr-data",
  /** The scripts that hold the media as base64, in the order of `clips`. */
  clip: "rtcr-clip",
  /** The script that holds the trace's file. */
  trace: "rtcr-trace",
  /** What is shown where no scripts run. */
  still: "rtcr-still",
  /** The diagram. */
  diagram: "rtcw-live",
} as const;

/** Classes of a diagram's elements; the live one has the same. What was saved before 0.2 has others, and a script of its own. */
export const DIAGRAM_CLASSES = {
  /** All of it, with its own script. */
  page: "rtcd-page",
  /** Where one of several connections is chosen. */
  choice: "rtcd-choice",
  /** What chooses one: buttons, or a list. */
  pick: "rtcd-pick",
  /** The overview of all connections. */
  everybody: "rtcd-everybody",
  /** What opens a connection in it. */
  open: "rtcd-open",
  /** The part that scrolls. */
  scroll: "rtcd-scroll",
  /** A connection. */
  pair: "rtcd-pair",
  /** The participants' names, which stay while the rest scrolls. */
  names: "rtcd-heads",
  /** A phase. */
  band: "rtcd-band",
  /** A message's arrow. */
  message: "rtcd-m",
  /** The opened message. */
  panel: "rtcd-panel",
  /** Every line of the messages, explained. */
  glossary: "rtcd-glossary",
  /** The diagram in words. */
  words: "rtcd-words",
  /** The diagram in Mermaid. */
  mermaid: "rtcd-mermaid",
} as const;

/** Data attributes of a diagram's elements. */
export const DIAGRAM_DATA = {
  /** Of an arrow: its messages' ids. */
  key: "key",
  /** Of whatever is drawn: its time. */
  at: "at",
  /** Of a connection: its number. */
  pair: "pair",
} as const;

/** The value of what chooses the overview. */
export const EVERYBODY = "all";

/** The event that tells a diagram's script that it was drawn anew. */
export const DRAWN = "rtcd-drawn";
