/** What a view shows of recordings: of the one that this widget's kernel makes, and of those of others. */
import { effect, signal } from "@preact/signals-core";
import type { RecordingState } from "../protocol/comm";
import type { RecordedBy } from "../room/types";
import type { Notice, OwnRecording, ReadonlySignal } from "./types";

const KEY = "recorded";

export class RecordingModel {
  readonly own = signal<OwnRecording | null>(null);
  readonly #id = signal<string | null>(null);
  readonly #show: (key: string, notice: Notice | null) => void;

  /** @param show - shows a notice, or takes it away */
  constructor(show: (key: string, notice: Notice | null) => void) {
    this.#show = show;
  }

  receive(state: RecordingState): void {
    if (state.on) {
      this.#id.value = state.id;
      this.own.value = { text: state.text, full: state.full };
      this.#show(KEY, state.full ? FULL : null);
      return;
    }
    this.own.value = null;
    const { file, error } = state;
    if (error) this.#show(KEY, { ...error, level: "error", title: "Not recorded", text: error.message });
    else if (file) this.#show(KEY, { code: KEY, level: "info", title: "Recorded", text: opens(file) });
  }

  /**
   * Show who records.
   *
   * @param decline - leaves this participant out of one
   * @returns ends it
   */
  follow(list: ReadonlySignal<readonly RecordedBy[]>, decline: (id: string) => void): () => void {
    let shown: string[] = [];
    const end = effect(() => {
      const others = list.value.filter(({ id }) => id !== this.#id.value);
      for (const id of shown) if (!others.some((one) => one.id === id)) this.#show(`recording:${id}`, null);
      shown = others.map(({ id }) => id);
      for (const one of others)
        this.#show(
          `recording:${one.id}`,
          noticeOf(one, () => decline(one.id)),
        );
    });
    return () => {
      end();
      for (const id of shown) this.#show(`recording:${id}`, null);
    };
  }
}

const FULL: Notice = {
  code: "recording_full",
  level: "warning",
  title: "The recording will soon stop",
  text: "It has nearly reached its limit.",
};

function opens(file: string): string {
  return `Recording.open(${JSON.stringify(file)}) in a cell replays it.`;
}

function noticeOf({ name, declined }: RecordedBy, decline: () => void): Notice {
  const common = { code: "recording", level: "info" } as const;
  if (declined) {
    return { ...common, title: `You are left out of ${name}'s recording`, text: "Nothing of yours is kept." };
  }
  return {
    ...common,
    title: `${name} records this call`,
    text: "Video, audio and messages are recorded, including yours.",
    actions: [{ label: "Leave me out", run: decline }],
  };
}
