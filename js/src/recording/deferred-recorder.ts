/**
 * This participant's part in recordings of the room, before and after the recorder itself is loaded: who records is known
 * at once, and what happens until the module is there reaches it then.
 */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { LocalTracks } from "../media/local-tracks";
import type { ReceivedEntry, RecordingEntry } from "../protocol/signaling";
import type { RecordedBy, RoomRecording } from "../room/types";
import type { SignalingTransport } from "../signaling/transport";
import type { SelfRecorder, SelfRecorderOptions } from "./self-recorder";

/** The module that holds the recorder. */
export type RecordingModule = { createRecorder(options: SelfRecorderOptions): SelfRecorder };

export type DeferredRecorderOptions = {
  room: string;
  /** Ids of recordings out of which this participant wants to be left. */
  declined: readonly string[];
  load(): Promise<RecordingModule>;
};

export class DeferredRecorder implements RoomRecording {
  readonly #options: DeferredRecorderOptions;
  readonly #declined: Set<string>;
  /** Recordings that go on, with the names of those who record. */
  readonly #names = new Map<string, string>();
  readonly #list = signal<readonly RecordedBy[]>([]);
  #recorder: SelfRecorder | null = null;
  #loading = false;
  #closed = false;
  #transport: SignalingTransport | null = null;
  #tracks: LocalTracks = { audio: null, video: null, screen: null };

  constructor(options: DeferredRecorderOptions) {
    this.#options = options;
    this.#declined = new Set(options.declined);
  }

  /** Who records now. */
  get list(): ReadonlySignal<readonly RecordedBy[]> {
    return this.#list;
  }

  /** Ids of recordings that this participant has declined, for its next page. */
  get declined(): string[] {
    return [...this.#declined];
  }

  /** Load the recorder, so that a recording that begins while the kernel is busy is not late. */
  prepare(): void {
    if (this.#recorder || this.#loading || this.#closed) return;
    this.#loading = true;
    this.#options
      .load()
      .then((module) => this.#begin(module))
      .catch(() => {
        this.#loading = false;
      });
  }

  use(transport: SignalingTransport | null, known: readonly RecordingEntry[] = []): void {
    this.#transport = transport;
    for (const { recording, name } of known) this.#names.set(recording, name);
    if (this.#recorder) this.#recorder.use(transport, known);
    else if (transport) {
      for (const id of this.#names.keys()) {
        if (!known.some(({ recording }) => recording === id)) this.#names.delete(id);
        else if (this.#declined.has(id)) this.#post(id, { declined: true });
      }
    }
    if (this.#names.size) this.prepare();
    this.#publish();
  }

  announced(id: string, name: string, on: boolean): void {
    if (this.#closed) return;
    if (on) this.#names.set(id, name);
    else this.#names.delete(id);
    if (this.#recorder) this.#recorder.announced(id, on);
    else if (!on)
      this.#post(id, { done: true }); // nothing of ours is on its way
    else if (this.#declined.has(id)) this.#post(id, { declined: true });
    if (on) this.prepare();
    this.#publish();
  }

  received(id: string, segments: readonly ReceivedEntry[]): void {
    this.#recorder?.received(id, segments);
  }

  setTracks(tracks: LocalTracks): void {
    this.#tracks = tracks;
    this.#recorder?.setTracks(tracks);
  }

  /** Be left out: nothing more is recorded, and whoever records drops what has been. */
  decline(id: string): void {
    this.#declined.add(id);
    if (this.#recorder) this.#recorder.decline(id);
    else this.#post(id, { declined: true });
    this.#publish();
  }

  async finish(): Promise<void> {
    this.#closed = true;
    await this.#recorder?.finish();
  }

  close(): void {
    this.#closed = true;
    this.#recorder?.close();
    this.#names.clear();
    this.#publish();
  }

  #begin(module: RecordingModule): void {
    if (this.#closed) return;
    this.#recorder = module.createRecorder({
      room: this.#options.room,
      declined: this.#declined,
      onAbandoned: (id) => {
        this.#names.delete(id);
        this.#publish();
      },
    });
    this.#recorder.setTracks(this.#tracks);
    const known = [...this.#names].map(([recording, name]) => ({ recording, name }));
    if (this.#transport) this.#recorder.use(this.#transport, known);
    else for (const { recording } of known) this.#recorder.announced(recording, true);
  }

  #post(id: string, segment: object): void {
    this.#transport?.post("recorded", { roomId: this.#options.room, recording: id, piece: segment });
  }

  #publish(): void {
    this.#list.value = [...this.#names].map(([id, name]) => ({ id, name, declined: this.#declined.has(id) }));
  }
}
