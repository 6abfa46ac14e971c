/**
 * Plays everybody's audio, once for all views: scrolling, collapsing or showing a widget twice never changes what is
 * heard. Two widgets in one page do not play each other, which would howl.
 */
import { effect, type ReadonlySignal, signal } from "@preact/signals-core";
import { pageWide } from "../protocol/page-wide";

/** Somebody whose audio is played. */
type Speaker = { readonly id: string; readonly stream: ReadonlySignal<MediaStream | null> };

/** Ids of the participants that live in this page. */
function participantsHere(): Set<string> {
  return pageWide("participants", () => new Set<string>());
}

export class Playback {
  readonly #players = new Map<string, { audio: HTMLAudioElement; stop: () => void }>();
  readonly #blocked = signal(false);
  #me: string | null = null;

  /** True while the browser wants a click before it plays audio. */
  get blocked(): ReadonlySignal<boolean> {
    return this.#blocked;
  }

  /** Set which participant this widget is, null when it has left. */
  setMe(id: string | null): void {
    if (this.#me) participantsHere().delete(this.#me);
    if (id) participantsHere().add(id);
    this.#me = id;
  }

  /** Play these participants and nobody else. */
  update(participants: readonly Speaker[]): void {
    const wanted = new Set(participants.map((participant) => participant.id));
    for (const [id, player] of this.#players) {
      if (!wanted.has(id)) {
        player.stop();
        this.#players.delete(id);
      }
    }
    for (const participant of participants) {
      if (!this.#players.has(participant.id)) this.#players.set(participant.id, this.#player(participant));
    }
  }

  /** Play after all, from a click. */
  unblock(): void {
    this.#blocked.value = false;
    for (const { audio } of this.#players.values()) this.#play(audio);
  }

  close(): void {
    this.update([]);
    this.setMe(null);
    this.#blocked.value = false;
  }

  #player(participant: Speaker): { audio: HTMLAudioElement; stop: () => void } {
    const audio = new Audio();
    const dispose = effect(() => {
      audio.srcObject = participant.stream.value;
      audio.muted = participantsHere().has(participant.id);
      if (audio.srcObject) this.#play(audio);
    });
    return {
      audio,
      stop: () => {
        dispose();
        audio.pause();
        audio.srcObject = null;
      },
    };
  }

  #play(audio: HTMLAudioElement): void {
    audio.play().catch((error: unknown) => {
      if (error instanceof DOMException && error.name === "NotAllowedError") this.#blocked.value = true;
    });
  }
}
