/** Gathers what a participant reports to the room's observers, so that a burst of changes is one message. */
import { LIMITS, TIMES_MS } from "../protocol/limits";
import type { Report } from "../protocol/negotiation-events";
import type { ReportEntry } from "../protocol/signaling";
import { now } from "./clock-sync";
import type { ReconnectingConnection } from "./reconnecting-connection";

export class EventReporter {
  readonly #room: string;
  readonly #connection: Pick<ReconnectingConnection, "post">;
  #entries: ReportEntry[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param connection - entries wait while it has no path */
  constructor(room: string, connection: Pick<ReconnectingConnection, "post">) {
    this.#room = room;
    this.#connection = connection;
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
      const entries = this.#entries.slice(0, LIMITS.report_entries);
      if (!this.#connection.post("report", { roomId: this.#room, entries })) return;
      this.#entries.splice(0, entries.length);
    }
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
