/** What a participant says in a room: signals to the others, and to observers a report of every step. */
import type { ClientEvent, ReportEntry, ServerEvent } from "../protocol/signaling";
import { SIGNALS } from "../protocol/signaling";
import { keepTime, now } from "../signaling/clock-sync";
import type { SignalingTransport } from "../signaling/transport";
import { type Report, Reporter } from "./reporter";

const SIGNAL_NAMES: ReadonlySet<string> = new Set(SIGNALS);

export class Voice {
  readonly #roomId: string;
  readonly #reporter = new Reporter((entries) => this.#send(entries));
  #transport: SignalingTransport | null = null;
  #stopClock: (() => void) | undefined;

  constructor(room: string) {
    this.#roomId = room;
  }

  /** Speak over this path, on which the room has been joined; null while there is none. */
  use(transport: SignalingTransport | null): void {
    this.#stopClock?.();
    this.#stopClock = undefined;
    this.#transport = transport;
    if (!transport) return;
    this.#reporter.flush();
    this.#stopClock = keepTime(
      async () => (await transport.request<{ time: number }>("clock", {})).time,
      (offset) => this.report({ type: "clock", ...offset }),
    );
  }

  /** Say something to another participant. What cannot be delivered is lost, as a path may be. */
  say(event: ClientEvent, to: string, content: object = {}): void {
    const at = now();
    this.#transport?.request<{ id?: string }>(event, { roomId: this.#roomId, to, ...content }).then(
      ({ id }) => this.report({ type: "step", step: "sent", peer: to, event, message: id, at }),
      () => undefined,
    );
  }

  /** Note what another participant has said. */
  heard(event: ServerEvent, from: string, id: unknown, at: number): void {
    if (!SIGNAL_NAMES.has(event)) return;
    this.report({ type: "step", step: "received", peer: from, event, message: id, at });
  }

  report(entry: Report): void {
    this.#reporter.add(entry);
  }

  flush(): void {
    this.#reporter.flush();
  }

  close(): void {
    this.use(null);
    this.#reporter.close();
  }

  #send(entries: ReportEntry[]): boolean {
    if (!this.#transport) return false;
    this.#transport.post("report", { roomId: this.#roomId, entries });
    return true;
  }
}
