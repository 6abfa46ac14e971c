/** This participant's part in the recordings of its room: who records, whom it has declined, and its own recorder. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { LocalTracks } from "../media/local-tracks";
import type { ReceivedEntry, RecordingEntry } from "../protocol/signaling";
import type { RecordedBy, RoomRecording } from "../room/types";
import type { SignalingTransport } from "../signaling/transport";
import { SelfRecorder } from "./self-recorder";

export type RoomRecorderOptions = {
  room: string;
  /** Ids of recordings out of which this participant wants to be left. */
  declined: readonly string[];
};

export class RoomRecorder implements RoomRecording {
  readonly #declined: Set<string>;
  readonly #recorder: SelfRecorder;
  /** Recordings that go on, with those who record. */
  readonly #entries = new Map<string, RecordingEntry>();
  readonly #list = signal<readonly RecordedBy[]>([]);
  #closed = false;

  constructor({ room, declined }: RoomRecorderOptions) {
    this.#declined = new Set(declined);
    this.#recorder = new SelfRecorder({
      room,
      declined: this.#declined,
      onAbandoned: (id) => {
        this.#entries.delete(id);
        this.#publish();
      },
    });
  }

  /** Who records now. */
  get list(): ReadonlySignal<readonly RecordedBy[]> {
    return this.#list;
  }

  /** Ids of recordings that this participant has declined, for its next page. */
  get declined(): string[] {
    return [...this.#declined];
  }

  use(transport: SignalingTransport | null, known: readonly RecordingEntry[] = []): void {
    for (const entry of known) this.#entries.set(entry.recording, entry);
    this.#recorder.use(transport, known);
    this.#publish();
  }

  announced(entry: RecordingEntry, on: boolean): void {
    if (this.#closed) return;
    const id = entry.recording;
    if (on) this.#entries.set(id, entry);
    else this.#entries.delete(id);
    this.#recorder.announced(id, on);
    this.#publish();
  }

  received(id: string, segments: readonly ReceivedEntry[]): void {
    this.#recorder.received(id, segments);
  }

  setTracks(tracks: LocalTracks): void {
    this.#recorder.setTracks(tracks);
  }

  /** Be left out: nothing more is recorded, and whoever records drops what has been. */
  decline(id: string): void {
    this.#declined.add(id);
    this.#recorder.decline(id);
    this.#publish();
  }

  async finish(): Promise<void> {
    this.#closed = true;
    await this.#recorder.finish();
  }

  close(): void {
    this.#closed = true;
    this.#recorder.close();
    this.#entries.clear();
    this.#publish();
  }

  #publish(): void {
    this.#list.value = [...this.#entries].map(([id, { name, by }]) => ({
      id,
      name,
      by,
      declined: this.#declined.has(id),
    }));
  }
}
