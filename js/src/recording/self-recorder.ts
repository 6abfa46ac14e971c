/** Who records the room, and this participant's part in it: it records itself and sends that to whoever does. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { LocalTracks } from "../media/local-tracks";
import { TIMES_MS } from "../protocol/limits";
import type { ReceivedEntry, RecordingEntry } from "../protocol/signaling";
import type { RecordedBy, RoomRecording } from "../room/types";
import type { SignalingTransport } from "../signaling/transport";
import { Segments } from "./segment-recorder";
import { Outbox } from "./upload-queue";

/** The kernel's comm carries everything else of the notebook too. */
const WINDOW = { direct: 4, proxy: 4, tunnel: 1 } as const;

/** One recording of the room. */
type Part = {
  name: string;
  declined: boolean;
  /** Nothing more is recorded for it; what has been may still be on its way. */
  over: boolean;
  /** All of it is in the outbox. */
  flushed: boolean;
  outbox: Outbox;
  camera: Segments;
  screen: Segments;
  timer: ReturnType<typeof setTimeout> | undefined;
};

export class Recordings implements RoomRecording {
  readonly #room: string;
  readonly #parts = new Map<string, Part>();
  readonly #list = signal<readonly RecordedBy[]>([]);
  #transport: SignalingTransport | null = null;
  #tracks: LocalTracks = { audio: null, video: null, screen: null };

  /** Ids of recordings out of which this participant wants to be left, also after a reload. */
  readonly declined = new Set<string>();

  constructor(room: string) {
    this.#room = room;
  }

  /** Who records now. */
  get list(): ReadonlySignal<readonly RecordedBy[]> {
    return this.#list;
  }

  /** Send over this path, on which the room has been joined; null while there is none. */
  use(transport: SignalingTransport | null, known: readonly RecordingEntry[] = []): void {
    this.#transport = transport;
    for (const { outbox } of this.#parts.values()) outbox.pause();
    if (!transport) return;
    for (const { recording, name } of known) this.announced(recording, name, true);
    for (const [id, part] of this.#parts) {
      if (known.some(({ recording }) => recording === id)) continue;
      if (part.over) part.outbox.begin(WINDOW[transport.path]);
      else {
        // On a new relay who records may come back later than we do.
        clearTimeout(part.timer);
        part.timer = setTimeout(() => this.#forget(id), TIMES_MS.return);
      }
    }
  }

  /** Who records has begun, has come back, or has ended. */
  announced(id: string, name: string, on: boolean): void {
    let part = this.#parts.get(id);
    if (!part && !on) return;
    if (!part) {
      part = this.#begin(id, name);
      this.#parts.set(id, part);
    }
    clearTimeout(part.timer);
    part.over = !on;
    part.flushed = false;
    if (part.declined) this.#tell(id, { declined: true });
    this.#record(part);
    if (!on) this.#finish(id, part);
    if (this.#transport) part.outbox.begin(WINDOW[this.#transport.path]);
    this.#publish();
  }

  received(id: string, pieces: readonly ReceivedEntry[]): void {
    const part = this.#parts.get(id);
    if (!part) return;
    for (const piece of pieces) part.outbox.received(piece);
    this.#sayDone(id, part);
  }

  /** These are what is sent to the others now. */
  setTracks(tracks: LocalTracks): void {
    this.#tracks = tracks;
    for (const part of this.#parts.values()) this.#record(part);
  }

  /** Be left out: nothing more is recorded, and who records drops what has been. */
  decline(id: string): void {
    const part = this.#parts.get(id);
    if (!part) return;
    part.declined = true;
    this.declined.add(id);
    part.outbox.close();
    this.#record(part);
    this.#tell(id, { declined: true });
    this.#publish();
  }

  close(): void {
    for (const id of this.#parts.keys()) this.#forget(id);
  }

  #begin(id: string, name: string): Part {
    const outbox: Outbox = new Outbox(
      (piece) => this.#tell(id, piece),
      () => this.#record(part),
    );
    const part: Part = {
      name,
      declined: this.declined.has(id),
      over: false,
      flushed: false,
      outbox,
      camera: new Segments("camera", outbox),
      screen: new Segments("screen", outbox),
      timer: undefined,
    };
    return part;
  }

  #record({ camera, screen, over, declined }: Part): void {
    const { video, audio, screen: shared } = this.#tracks;
    const wanted = !over && !declined;
    camera.record(wanted ? [video, audio].filter((track) => track !== null) : []);
    screen.record(wanted && shared ? [shared] : []);
  }

  /** Send the rest, and say when that was all. */
  #finish(id: string, part: Part): void {
    part.timer = setTimeout(() => this.#forget(id), TIMES_MS.recording_rest);
    void Promise.all([part.camera.settled, part.screen.settled]).then(() => {
      part.flushed = part.over;
      this.#sayDone(id, part);
    });
  }

  #sayDone(id: string, { over, flushed, outbox }: Part): void {
    if (over && flushed && outbox.empty) this.#tell(id, { done: true });
  }

  #tell(id: string, piece: object): void {
    this.#transport?.post("recorded", { roomId: this.#room, recording: id, piece });
  }

  #forget(id: string): void {
    const part = this.#parts.get(id);
    if (!part) return;
    part.over = true;
    this.#record(part);
    part.outbox.close();
    clearTimeout(part.timer);
    this.#parts.delete(id);
    this.#publish();
  }

  #publish(): void {
    this.#list.value = [...this.#parts]
      .filter(([, { over }]) => !over)
      .map(([id, { name, declined }]) => ({ id, name, declined }));
  }
}
