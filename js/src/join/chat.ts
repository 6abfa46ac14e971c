/** What is written in a call: texts that go by data channel, as `room.send` and `on_message` have them in Python. */
import { signal } from "@preact/signals-core";

export type ChatLine = { id: number; from: string; text: string; own: boolean; at: Date };

/** As many lines are kept, and of each as much is shown. */
const MOST_LINES = 200;
const MOST_CHARACTERS = 4_000;

export class Chat {
  readonly lines = signal<readonly ChatLine[]>([]);
  readonly unread = signal(0);
  /** Whether the person sees it. */
  readonly open = signal(false);
  #lastId = 0;

  /** @param data - as it came: JSON, a text of another program's, or bytes */
  receive(from: string, data: string | ArrayBuffer): void {
    this.#add(from, readable(data), false);
    if (!this.open.peek()) this.unread.value += 1;
  }

  /** Note what this person has written, and return it as it is sent. */
  write(text: string): string {
    this.#add("", text, true);
    return JSON.stringify(text);
  }

  show(on: boolean): void {
    this.open.value = on;
    if (on) this.unread.value = 0;
  }

  #add(from: string, text: string, own: boolean): void {
    this.#lastId += 1;
    const shown = text.length > MOST_CHARACTERS ? `${text.slice(0, MOST_CHARACTERS)}…` : text;
    const line = { id: this.#lastId, from, text: shown, own, at: new Date() };
    this.lines.value = [...this.lines.peek(), line].slice(-MOST_LINES);
  }
}

function readable(data: string | ArrayBuffer): string {
  if (typeof data !== "string") return `(${data.byteLength} bytes, which this page cannot show)`;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === "string" ? value : data;
  } catch {
    return data;
  }
}
