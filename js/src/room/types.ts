/** What a room shows of itself to whoever uses it. */
import type { ReadonlySignal } from "@preact/signals-core";
import type { LocalTracks } from "../media/local-tracks";
import type { Media, ReceivedEntry, RecordingEntry } from "../protocol/signaling";
import type { SignalingTransport } from "../signaling/transport";

/** Stats of one connection, measured at most once a second. */
export type ConnectionStats = {
  /** Received bits per second. */
  bitrate: number;
  /** Frames decoded per second. */
  fps: number;
  width: number;
  height: number;
  /** Share of packets lost on the way here, 0 to 1. */
  loss: number;
  /** Round-trip time in milliseconds, null until measured. */
  rtt: number | null;
  /** Sent bits per second. */
  sent_bitrate: number;
  /** Of the video's packets, else of the audio's, in milliseconds; null until known. */
  jitter: number | null;
  /** Frames that came and were not shown, per second. */
  frames_dropped: number;
  /** How often the video has frozen; null where the browser does not count. */
  freeze_count: number | null;
};

/** Somebody else in the room. */
export type RemoteParticipant = {
  /** The participant's id, kept through reconnects and reloads. */
  readonly id: string;
  /** Who was in the room first, by the relay's count. */
  readonly order: number;
  readonly name: ReadonlySignal<string>;
  /** The name to call them by, with a number where others have had it before. */
  readonly label: ReadonlySignal<string>;
  /** "browser", "python", or what the client calls itself. */
  readonly kind: string;
  readonly media: ReadonlySignal<Media>;
  /** Camera and microphone; null before the connection brings them. */
  readonly stream: ReadonlySignal<MediaStream | null>;
  /** The shared screen, null while there is none. */
  readonly screen: ReadonlySignal<MediaStream | null>;
  readonly connectionState: ReadonlySignal<RTCPeerConnectionState>;
  /** The participant's signaling path is lost; its media may go on. */
  readonly disconnected: ReadonlySignal<boolean>;
  readonly stats: ReadonlySignal<ConnectionStats | null>;
  /** Media take the notebook's own connection, because ICE finds no way. */
  readonly overNotebook: ReadonlySignal<boolean>;
};

/** Somebody who records the call; `declined` once this participant is left out. */
export type RecordedBy = { id: string; name: string; by?: string | undefined; declined: boolean };

/** What a room reports to this participant's own recorder, which lives in `recording/`: the room records nothing. */
export type RoomRecording = {
  /** Send over this path, on which the room has been joined; null while there is none. */
  use(transport: SignalingTransport | null, known?: readonly RecordingEntry[]): void;
  /** Somebody has begun to record, has come back, or has stopped. */
  announced(entry: RecordingEntry, on: boolean): void;
  /** How far the segments of a recording have arrived. */
  received(id: string, segments: readonly ReceivedEntry[]): void;
  setTracks(tracks: LocalTracks): void;
  /** Record nothing any more; resolves when all that was recorded has arrived, or will not in time. */
  finish(): Promise<void>;
  close(): void;
};
