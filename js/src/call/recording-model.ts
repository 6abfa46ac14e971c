/** What a view shows of recordings: of the one that this widget's kernel makes, and of those of others. */
import { effect, signal } from "@preact/signals-core";
import type { RecordingState, ReplayContent } from "../protocol/comm";
import type { ErrorInfo } from "../protocol/errors";
import type { RecordedBy } from "../room/types";
import type { Notice, OwnRecording, ReadonlySignal } from "./types";

const KEY = "recorded";

export class RecordingModel {
  readonly own = signal<OwnRecording | null>(null);
  /** The newest own one as HTML with its player, while somebody looks at it. */
  readonly replay = signal<string | null>(null);
  /** Has the kernel send the replay of a recording. */
  onPlay?: (id: string) => void;
  readonly #id = signal<string | null>(null);
  /** What is shown of the newest own one that is finished. */
  #finished: Notice | null = null;
  #isAwaited = false;
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
    const { id, file, error } = state;
    if (error) this.#showError("Not recorded", error);
    else if (id && file) this.#offer(id, file);
  }

  receiveReplay({ html, error }: ReplayContent): void {
    if (!this.#isAwaited) return;
    this.#isAwaited = false;
    if (error) this.#showError("It cannot be played", error);
    else {
      this.#show(KEY, null);
      this.replay.value = html ?? null;
    }
  }

  /** Take the replay away, and offer it again. */
  closeReplay(): void {
    this.replay.value = null;
    if (!this.own.peek()) this.#show(KEY, this.#finished);
  }

  #offer(id: string, file: string): void {
    const close = {
      label: "Close",
      run: () => {
        this.#isAwaited = false;
        this.#show(KEY, null);
      },
    };
    const play = {
      label: "Play here",
      run: () => {
        this.#isAwaited = true;
        this.#show(KEY, { ...recorded, title: "Preparing the replay…", actions: [close] });
        this.onPlay?.(id);
      },
    };
    // Pages that are neither https nor localhost have no clipboard.
    const { clipboard } = globalThis.navigator as Partial<Navigator>;
    const code = `import rtc_widget\nrtc_widget.Recording.open(${JSON.stringify(file)})`;
    const copy = {
      label: "Copy the code",
      run: async () => {
        try {
          await clipboard?.writeText(code);
        } catch {
          return; // a frame may not be allowed to: the notice's text has the code
        }
        if (this.#finished) this.#show(KEY, { ...this.#finished, title: "Copied: paste it into a cell" });
      },
    };
    const recorded: Notice = { code: KEY, level: "info", title: "Recorded", text: opens(file) };
    this.#finished = { ...recorded, actions: clipboard ? [play, copy, close] : [play, close] };
    this.#show(KEY, this.#finished);
  }

  #showError(title: string, { code, message }: ErrorInfo): void {
    this.#show(KEY, { code, level: "error", title, text: message });
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
  return `The file is ${file}. To keep the replay in a notebook: rtc_widget.Recording.open(${JSON.stringify(file)})`;
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
