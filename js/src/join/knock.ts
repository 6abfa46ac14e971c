/** Waits at the relay to be let in: over one connection after another, until somebody answers or the time is up. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import { RtcError } from "../protocol/errors";
import { TIMES_MS } from "../protocol/limits";
import type { Knocked, ServerEvent } from "../protocol/signaling";
import { backoff } from "../signaling/backoff";
import { connect } from "../signaling/connect";
import type { SignalingTransport, Way } from "../signaling/transport";

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

/** What may have passed by the next attempt, of somebody who waited already. */
const PASSING = ["relay_unreachable", "timeout", "rate_limited", "relay_down"];

export class Knock {
  readonly #options: KnockOptions;
  readonly #life = new AbortController();
  readonly #reached = signal(true);
  readonly #deadline: ReturnType<typeof setTimeout>;
  #transport: SignalingTransport | null = null;
  #resume: string | null;

  constructor(options: KnockOptions) {
    this.#options = options;
    this.#resume = options.returns ? options.token : null;
    // Where the relay is gone for good, nobody else says so.
    this.#deadline = setTimeout(
      () => this.#refuse(new RtcError("nobody_answered", "Nobody has answered in time.")),
      TIMES_MS.waiting + TIMES_MS.return,
    );
    void this.#attempt(0);
  }

  /** Whether the relay can be reached, so that an answer would come. */
  get reached(): ReadonlySignal<boolean> {
    return this.#reached;
  }

  /** What brings a reload of this page back to its place; null before the relay has let it wait. */
  get place(): string | null {
    return this.#resume;
  }

  /** Wait no longer. */
  withdraw(): void {
    this.#transport?.post("withdraw_knock", { roomId: this.#options.room });
    this.close();
  }

  /** Wait no longer here: the place is kept for a moment, in which a reload may come back to it. */
  close(): void {
    clearTimeout(this.#deadline);
    this.#life.abort();
    this.#transport?.close();
    this.#transport = null;
  }

  async #attempt(count: number): Promise<void> {
    const { room, name, token } = this.#options;
    let transport: SignalingTransport | null = null;
    try {
      transport = await connect(
        this.#options.ways(),
        { token: this.#resume ?? token },
        {
          event: (event, payload) => this.#receive(event, payload),
          closed: () => transport === this.#transport && this.#again(count),
        },
        this.#life.signal,
      );
      this.#transport = transport;
      const { waiting, resume } = await transport.request<Knocked>("knock", {
        roomId: room,
        name,
        kind: "browser",
        ...(this.#resume && { resume: this.#resume }),
      });
      if (this.#life.signal.aborted) return;
      this.#reached.value = true;
      if (waiting) this.#resume = resume;
      else this.#admit(resume);
    } catch (error) {
      // Nobody wants to know any more, or the path was lost, and another is being sought.
      if (this.#life.signal.aborted || transport !== this.#transport) return;
      const refusal = error instanceof RtcError ? error : new RtcError("relay_unreachable", String(error));
      if (this.#resume && PASSING.includes(refusal.code)) this.#again(count);
      else this.#refuse(refusal);
    }
  }

  #again(count: number): void {
    if (this.#life.signal.aborted) return;
    this.#transport?.close();
    this.#transport = null;
    // Who has a place goes on waiting there; who has none yet is told.
    if (!this.#resume) {
      this.#refuse(new RtcError("relay_unreachable", "The path to the relay was lost."));
      return;
    }
    this.#reached.value = false;
    setTimeout(() => this.#life.signal.aborted || void this.#attempt(count + 1), backoff(count));
  }

  #receive(event: ServerEvent, payload: Record<string, unknown>): void {
    if (event === "admitted") this.#admit(String(payload.resume));
    else if (event === "removed") {
      this.#refuse(new RtcError(String(payload.code), String(payload.message)));
    }
  }

  #admit(resume: string): void {
    this.#resume = null;
    this.close();
    this.#options.admitted(resume);
  }

  #refuse(error: RtcError): void {
    this.close();
    this.#options.refused(error);
  }
}
