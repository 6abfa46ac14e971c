/** A participant's connection to the relay, in a room or waiting for one: over any way there is, and again when it is lost. */
import { isFatal, RtcError } from "../protocol/errors";
import type { ClientEvent, ServerEvent } from "../protocol/signaling";
import { backoff } from "./backoff";
import { now } from "./clock-sync";
import { connect } from "./connect";
import type { Auth, SignalingTransport, Way } from "./transport";

/**
 * How long one attempt to come back may take: a busy kernel's tunnel must not keep a better way from being tried, and an
 * attempt with the pauses around it must be over while the others, after a relay's death, still wait for this participant.
 */
const ATTEMPT_MS = 2_500;

/** @typeParam Entered - what the relay answers to `enter` */
export type ConnectionOptions<Entered> = {
  /** Present ways to the relay, and what to show it; called anew for every attempt. */
  access(): { ways: readonly Way[]; auth: Auth };
  /** By which event to enter: into the room itself, or into where people wait for it. */
  enter: "join_room" | "knock";
  /** What to enter with; called anew for every attempt. */
  entering(): object;
  /** It has been entered, for the first time or again. */
  entered(answer: Entered, transport: SignalingTransport): void;
  /** An event of the relay's, and when it came; never before `entered`. */
  event(name: ServerEvent, payload: Record<string, unknown>, at: number): void;
  /** The path is lost; this participant enters again over whatever way there is. */
  lost(): void;
  /** The relay refuses to have this participant back. */
  refused(error: RtcError): void;
};

export class ReconnectingConnection<Entered = unknown> {
  readonly #options: ConnectionOptions<Entered>;
  readonly #life = new AbortController();
  #transport: SignalingTransport | null = null;
  /** Events that overtook the acknowledgement of entering; null when none is under way. */
  #early: [ServerEvent, Record<string, unknown>, number][] | null = null;

  constructor(options: ConnectionOptions<Entered>) {
    this.#options = options;
  }

  get closed(): boolean {
    return this.#life.signal.aborted;
  }

  /** Connect and enter; rejects with the refusal. */
  open(): Promise<void> {
    return this.#connect(this.#life.signal);
  }

  /** Connect and enter as one whose path was lost: until it succeeds, or the relay refuses for good. */
  async reopen(): Promise<void> {
    for (let attempt = 0; !this.closed; attempt += 1) {
      await new Promise((resolve) => setTimeout(resolve, backoff(attempt)));
      if (this.closed) return;
      try {
        await this.#connect(AbortSignal.any([this.#life.signal, AbortSignal.timeout(ATTEMPT_MS)]));
        return;
      } catch (error) {
        if (!(error instanceof RtcError && isFatal(error.code))) continue;
        if (!this.closed) this.#options.refused(error);
        return;
      }
    }
  }

  /** Send an event; resolves with its acknowledgement, rejects with an `RtcError` and where there is no path. */
  async request<T>(event: ClientEvent, payload: object): Promise<T> {
    if (!this.#transport) throw new RtcError("relay_unreachable", "There is no path to the relay now.");
    return await this.#transport.request<T>(event, payload);
  }

  /** Send an event whose acknowledgement nobody waits for; false where there is no path. */
  post(event: ClientEvent, payload: object): boolean {
    this.#transport?.post(event, payload);
    return this.#transport !== null;
  }

  close(): void {
    this.#life.abort();
    this.#transport?.close();
    this.#transport = null;
  }

  async #connect(until: AbortSignal): Promise<void> {
    const { ways, auth } = this.#options.access();
    let entered = false;
    let gone: (error: RtcError) => void = () => undefined;
    const lost = new Promise<never>((_, reject) => {
      gone = reject;
    });
    lost.catch(() => undefined);
    const transport = await connect(
      ways,
      auth,
      {
        event: this.#receive,
        closed: () => {
          gone(new RtcError("relay_unreachable", "The path to the relay was lost on the way into the room."));
          if (entered && this.#transport === transport) this.#lost();
        },
      },
      until,
    );
    this.#transport = transport;
    this.#early = [];
    try {
      const answer = await Promise.race([
        transport.request<Entered>(this.#options.enter, this.#options.entering()),
        lost,
      ]);
      if (this.closed) throw new RtcError("closed", "The room was left.");
      entered = true;
      this.#options.entered(answer, transport);
    } catch (error) {
      this.#transport = null;
      this.#early = null;
      transport.close();
      throw error;
    }
    const early = this.#early;
    this.#early = null;
    for (const event of early) if (!this.closed) this.#options.event(...event);
  }

  readonly #receive = (name: ServerEvent, payload: Record<string, unknown>): void => {
    const at = now();
    if (this.closed) return;
    if (this.#early) this.#early.push([name, payload, at]);
    else this.#options.event(name, payload, at);
  };

  #lost(): void {
    this.#transport = null;
    this.#options.lost();
    void this.reopen();
  }
}
