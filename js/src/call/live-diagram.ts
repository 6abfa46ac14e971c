/** The live diagram's line to the kernel, which draws for a tab only as long as that tab says that it looks. */
import { signal } from "@preact/signals-core";
import type { Notice, Panel, PanelContent } from "./types";

/** Well within the time after which the kernel forgets a tab. */
const LOOKING_MS = 8_000;

/** What the kernel tells a tab that looks: the news, or why it did not do what was asked. */
export type PanelNews = PanelContent | { error: { code: string; message: string } };

/** What a tab tells the kernel. */
export type PanelWish = {
  action: "open" | "shut" | "pause" | "resume" | "step" | "release" | "break_on" | "clear";
  /** The held message that a release is about. */
  message?: string;
  /** Of the messages that a breakpoint is for. */
  kind?: string;
};

export class LivePanel implements Panel {
  readonly content = signal<PanelContent | null>(null);
  readonly notices = signal<readonly Notice[]>([]);
  readonly #send: (wish: PanelWish) => void;
  #views = 0;
  #looking: ReturnType<typeof setInterval> | undefined;

  constructor(send: (wish: PanelWish) => void) {
    this.#send = send;
  }

  open(): () => void {
    this.#views += 1;
    if (this.#views === 1) {
      this.#send({ action: "open" });
      this.#looking = setInterval(() => this.#send({ action: "open" }), LOOKING_MS);
    }
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.#views -= 1;
      if (this.#views === 0) this.#shut();
    };
  }

  hear(news: PanelNews): void {
    // What was drawn before it shut may come after.
    if (this.#views === 0) return;
    if ("error" in news) {
      const { code, message } = news.error;
      this.notices.value = [{ code, level: "error", title: "The relay did not do that", text: message }];
    } else this.content.value = news;
  }

  pause(): void {
    this.#ask({ action: "pause" });
  }

  resume(): void {
    this.#ask({ action: "resume" });
  }

  step(): void {
    this.#ask({ action: "step" });
  }

  release(message: string): void {
    this.#ask({ action: "release", message });
  }

  breakOn(kind: string): void {
    this.#ask({ action: "break_on", kind });
  }

  clear(): void {
    this.#ask({ action: "clear" });
  }

  #ask(wish: PanelWish): void {
    this.notices.value = [];
    this.#send(wish);
  }

  #shut(): void {
    clearInterval(this.#looking);
    this.#send({ action: "shut" });
    // By the next time it would be out of date.
    this.content.value = null;
    this.notices.value = [];
  }
}
