/** Gathers what a participant reports to the room's observers, so that a burst of changes is one message. */
import { LIMITS, type ReportEntry } from "../protocol";

const DELAY_MS = 50;

export class Reporter {
  readonly #send: (entries: ReportEntry[]) => boolean;
  #entries: ReportEntry[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param send - puts entries on the wire; false when there is no path now, then they wait */
  constructor(send: (entries: ReportEntry[]) => boolean) {
    this.#send = send;
  }

  add(entry: Omit<ReportEntry, "at">): void {
    if (this.#entries.length < LIMITS.report_entries) {
      this.#entries.push({ at: Date.now(), ...entry } as ReportEntry);
    }
    this.#timer ??= setTimeout(() => this.flush(), DELAY_MS);
  }

  flush(): void {
    this.close();
    if (this.#entries.length && this.#send(this.#entries)) this.#entries = [];
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
