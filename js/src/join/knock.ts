/** Waits at the relay to be let in, until somebody answers or the time is up. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import { isFatal, RtcError } from "../protocol/errors";
import { TIMES_MS } from "../protocol/limits";
import type { Knocked, ServerEvent } from "../protocol/signaling";
import { ReconnectingConnection } from "../signaling/reconnecting-connection";
import type { Way } from "../signaling/transport";

export type KnockOptions = {
  room: string;
  name: string;
  /** What lets this page wait: its link's token, or what brings it back to its place. */
  token: string;
  /** Whether it waited before, in a page that was reloaded. */
  returns: boolean;
  ways(): readonly Way[];
  /** Somebody has let this page in: it joins with this. */
  admitted(resume: string): void;
  /** Nobody will let it in. */
  refused(error: RtcError): void;
};

export class Knock {
  readonly #options: KnockOptions;
  readonly #connection: ReconnectingConnection<Knocked>;
  readonly #reached = signal(true);
  readonly #deadline: ReturnType<typeof setTimeout>;
  #place: string | null;

  constructor(options: KnockOptions) {
    this.#options = options;
    this.#place = options.returns ? options.token : null;
    // Where the relay is gone for good, nobody else says so.
    this.#deadline = setTimeout(
      () => this.#refuse(new RtcError("nobody_answered", "Nobody has answered in time.")),
      TIMES_MS.waiting + TIMES_MS.return,
    );
    this.#connection = new ReconnectingConnection<Knocked>({
      access: () => ({ ways: options.ways(), auth: { token: this.#place ?? options.token } }),
      enter: "knock",
      entering: () => ({
        roomId: options.room,
        name: options.name,
        kind: "browser",
        ...(this.#place && { resume: this.#place }),
      }),
      entered: ({ waiting, resume }) => {
        this.#reached.value = true;
        if (waiting) this.#place = resume;
        else this.#admit(resume);
      },
      event: (event, payload) => this.#receive(event, payload),
      lost: () => {
        this.#reached.value = false;
      },
      refused: (error) => this.#refuse(error),
    });
    this.#connection.open().catch((error: unknown) => this.#failed(error));
  }

  /** Whether the relay can be reached, so that an answer would come. */
  get reached(): ReadonlySignal<boolean> {
    return this.#reached;
  }

  /** What brings a reload of this page back to its place; null before the relay has let it wait. */
  get place(): string | null {
    return this.#place;
  }

  /** Wait no longer. */
  withdraw(): void {
    this.#connection.post("withdraw_knock", { roomId: this.#options.room });
    this.close();
  }

  /** Wait no longer here: the place is kept for a moment, in which a reload may come back to it. */
  close(): void {
    clearTimeout(this.#deadline);
    this.#connection.close();
  }

  /** The first attempt failed: who has a place from before goes on, who has none yet is told. */
  #failed(error: unknown): void {
    if (this.#connection.closed) return;
    const refusal = error instanceof RtcError ? error : new RtcError("relay_unreachable", String(error));
    if (!this.#place || isFatal(refusal.code)) {
      this.#refuse(refusal);
      return;
    }
    this.#reached.value = false;
    void this.#connection.reopen();
  }

  #receive(event: ServerEvent, payload: Record<string, unknown>): void {
    if (event === "admitted") this.#admit(String(payload.resume));
    else if (event === "removed") {
      this.#refuse(new RtcError(String(payload.code), String(payload.message)));
    }
  }

  #admit(resume: string): void {
    this.#place = null;
    this.close();
    this.#options.admitted(resume);
  }

  #refuse(error: RtcError): void {
    this.close();
    this.#options.refused(error);
  }
}
