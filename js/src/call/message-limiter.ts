/** Holds each sender of data channel messages to what a kernel can take: nothing else between a page and its kernel does. */
import type { NoticeBoard } from "./notice-board";
import { messagesDropped } from "./notices";

/** What a sender has at once, and what comes back each second: more than a picture or a gesture of every frame takes. */
const BURST = { messages: 1_000, bytes: 16 * 1024 * 1024 };
const PER_SECOND = { messages: 200, bytes: 4 * 1024 * 1024 };
/** How long nothing more of a sender has to be dropped until its notice goes, in milliseconds. */
const QUIET_MS = 5_000;

type Budget = { messages: number; bytes: number; at: number; quiet?: ReturnType<typeof setTimeout> };

export class MessageLimiter {
  readonly #notices: NoticeBoard;
  readonly #nameOf: (id: string) => string;
  readonly #budgets = new Map<string, Budget>();

  constructor(notices: NoticeBoard, nameOf: (id: string) => string) {
    this.#notices = notices;
    this.#nameOf = nameOf;
  }

  /** Whether a message may be passed on. Of one that may not, the person is told. */
  admits(from: string, data: string | ArrayBuffer): boolean {
    const now = performance.now();
    const budget = this.#budgets.get(from) ?? { ...BURST, at: now };
    this.#budgets.set(from, budget);
    const seconds = (now - budget.at) / 1000;
    budget.at = now;
    budget.messages = Math.min(BURST.messages, budget.messages + PER_SECOND.messages * seconds);
    budget.bytes = Math.min(BURST.bytes, budget.bytes + PER_SECOND.bytes * seconds);
    const size = typeof data === "string" ? data.length : data.byteLength;
    if (budget.messages < 1 || budget.bytes < size) {
      this.#tell(from, budget);
      return false;
    }
    budget.messages -= 1;
    budget.bytes -= size;
    return true;
  }

  close(): void {
    for (const { quiet } of this.#budgets.values()) clearTimeout(quiet);
    this.#budgets.clear();
  }

  #tell(from: string, budget: Budget): void {
    const key = `messages:${from}`;
    // Shown once, and not anew with each message.
    if (budget.quiet === undefined) this.#notices.show(key, messagesDropped(this.#nameOf(from)));
    clearTimeout(budget.quiet);
    budget.quiet = setTimeout(() => {
      delete budget.quiet;
      this.#notices.show(key, null);
    }, QUIET_MS);
  }
}
