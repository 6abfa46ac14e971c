/** Gathers what a participant reports to the room's observers, so that a burst of changes is one message. */
import { LIMITS, TIMES_MS } from "../protocol/limits";
import type { Report } from "../protocol/negotiation-events";
import type { ReportEntry } from "../protocol/signaling";
import { now } from "../signaling/clock-sync";

export class EventReporter {
  readonly #send: (entries: ReportEntry[]) => boolean;
  #entries: ReportEntry[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param send - puts entries on the wire; false when there is no path now, then they wait */
  constructor(send: (entries: ReportEntry[]) => boolean) {
    this.#send = send;
  }

  add(entry: Report): void {
    this.#entries.push({ at: now(), ...entry });
    // The newest are what matters when a path is back.
    if (this.#entries.length > LIMITS.queued_reports) this.#entries.shift();
    this.#timer ??= setTimeout(() => this.flush(), TIMES_MS.report_delay);
  }

  /** Report at once what has been gathered, in as many messages as that takes. */
  flush(): void {
    this.close();
    while (this.#entries.length) {
      const part = this.#entries.slice(0, LIMITS.report_entries);
      if (!this.#send(part)) return;
      this.#entries.splice(0, part.length);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
