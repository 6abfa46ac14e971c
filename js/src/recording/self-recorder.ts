/** This participant records itself, for everybody who records the room, and uploads that to them. */
import type { LocalTracks } from "../media/local-tracks";
import { TIMES_MS } from "../protocol/limits";
import type { ReceivedEntry, RecordingEntry } from "../protocol/signaling";
import type { SignalingTransport } from "../signaling/transport";
import { SegmentRecorder } from "./segment-recorder";
import { UploadQueue } from "./upload-queue";

/** The kernel's comm carries everything else of the notebook too. */
const WINDOW = { direct: 4, proxy: 4, tunnel: 1 } as const;

/** One recording of the room. */
type Recording = {
  declined: boolean;
  /** Nothing more is recorded for it; what has been may still be on its way. */
  over: boolean;
  /** All of it is in the queue. */
  flushed: boolean;
  queue: UploadQueue;
  camera: SegmentRecorder;
  screen: SegmentRecorder;
  timer: ReturnType<typeof setTimeout> | undefined;
};

export type SelfRecorderOptions = {
  room: string;
  /** Ids of recordings out of which this participant wants to be left. */
  declined: ReadonlySet<string>;
  /** Whoever records has not come back to a new relay. */
  onAbandoned(id: string): void;
};

export class SelfRecorder {
  readonly #options: SelfRecorderOptions;
  readonly #recordings = new Map<string, Recording>();
  #transport: SignalingTransport | null = null;
  #tracks: LocalTracks = { audio: null, video: null, screen: null };

  constructor(options: SelfRecorderOptions) {
    this.#options = options;
  }

  /** Send over this path, on which the room has been joined; null while there is none. */
  use(transport: SignalingTransport | null, known: readonly RecordingEntry[] = []): void {
    this.#transport = transport;
    for (const { queue } of this.#recordings.values()) queue.pause();
    if (!transport) return;
    for (const { recording } of known) this.announced(recording, true);
    for (const [id, recording] of this.#recordings) {
      if (known.some((entry) => entry.recording === id)) continue;
      if (recording.over) recording.queue.begin(WINDOW[transport.path]);
      else {
        // Whoever records may come back to a new relay later than we do.
        clearTimeout(recording.timer);
        recording.timer = setTimeout(() => {
          this.#forget(id);
          this.#options.onAbandoned(id);
        }, TIMES_MS.return);
      }
    }
  }

  /** A recording has begun, has come back, or has ended. */
  announced(id: string, on: boolean): void {
    const recording = this.#recordings.get(id) ?? (on ? this.#begin(id) : undefined);
    if (!recording) return;
    clearTimeout(recording.timer);
    recording.over = !on;
    recording.flushed = false;
    if (recording.declined) this.#post(id, { declined: true });
    this.#record(recording);
    if (!on) this.#flush(id, recording);
    if (this.#transport) recording.queue.begin(WINDOW[this.#transport.path]);
  }

  received(id: string, segments: readonly ReceivedEntry[]): void {
    const recording = this.#recordings.get(id);
    if (!recording) return;
    for (const segment of segments) recording.queue.acknowledge(segment);
    this.#postDone(id, recording);
  }

  /** These are what is sent to the others now. */
  setTracks(tracks: LocalTracks): void {
    this.#tracks = tracks;
    for (const recording of this.#recordings.values()) this.#record(recording);
  }

  /** Be left out: nothing more is recorded, and whoever records drops what has been. */
  decline(id: string): void {
    const recording = this.#recordings.get(id);
    if (!recording) return;
    recording.declined = true;
    recording.queue.close();
    this.#record(recording);
    this.#post(id, { declined: true });
  }

  /** Record nothing any more; resolves when all that was recorded has arrived, or will not in time. */
  async finish(): Promise<void> {
    const recordings = [...this.#recordings.values()];
    for (const recording of recordings) {
      recording.over = true;
      this.#record(recording);
    }
    if (!this.#transport) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, TIMES_MS.recording_leave);
    });
    await Promise.race([Promise.all(recordings.map(arrived)), late]);
    clearTimeout(timer);
  }

  close(): void {
    for (const id of this.#recordings.keys()) this.#forget(id);
  }

  #begin(id: string): Recording {
    const queue = new UploadQueue(
      (chunk) => this.#post(id, chunk),
      () => this.#record(recording),
    );
    const recording: Recording = {
      declined: this.#options.declined.has(id),
      over: false,
      flushed: false,
      queue,
      camera: new SegmentRecorder("camera", queue),
      screen: new SegmentRecorder("screen", queue),
      timer: undefined,
    };
    this.#recordings.set(id, recording);
    return recording;
  }

  #record({ camera, screen, over, declined }: Recording): void {
    const { video, audio, screen: shared } = this.#tracks;
    const wanted = !over && !declined;
    camera.record(wanted ? [video, audio].filter((track) => track !== null) : []);
    screen.record(wanted && shared ? [shared] : []);
  }

  /** Send the rest, and report when that was all. */
  #flush(id: string, recording: Recording): void {
    recording.timer = setTimeout(() => this.#forget(id), TIMES_MS.recording_rest);
    void settled(recording).then(() => {
      recording.flushed = recording.over;
      this.#postDone(id, recording);
    });
  }

  #postDone(id: string, { over, flushed, queue }: Recording): void {
    if (over && flushed && queue.empty) this.#post(id, { done: true });
  }

  #post(id: string, piece: object): void {
    this.#transport?.post("recorded", { roomId: this.#options.room, recording: id, piece });
  }

  #forget(id: string): void {
    const recording = this.#recordings.get(id);
    if (!recording) return;
    recording.over = true;
    this.#record(recording);
    recording.queue.close();
    clearTimeout(recording.timer);
    this.#recordings.delete(id);
  }
}

/** Resolves when the last frames of what has ended are in the queue. */
async function settled({ camera, screen }: Recording): Promise<void> {
  await Promise.all([camera.settled, screen.settled]);
}

async function arrived(recording: Recording): Promise<void> {
  await settled(recording);
  await recording.queue.drained();
}
