/** The report's line to its kernel. The comm reaches every tab, so each message says from or to which. */

import type { Model } from "../protocol/comm";
import { randomId } from "../protocol/random-id";
import type { TunnelLink, TunnelMessage } from "../signaling/tunnel";
import type { Reach } from "./examination";
import type { Finding } from "./finding";

type Message = { kind?: string; to?: string };

export class DoctorLink implements TunnelLink {
  readonly #id = randomId();
  readonly #model: Model;
  readonly #target: (reach: Reach) => void;
  #tunnel: ((message: TunnelMessage) => void) | null = null;

  /** @param target - takes what the kernel says is to be reached */
  constructor(model: Model, target: (reach: Reach) => void) {
    this.#model = model;
    this.#target = target;
    model.on("msg:custom", this.#receive);
  }

  /** Ask what is to be reached; with `again`, let the kernel do its own checks once more, too. */
  sayHello(again: boolean): void {
    this.#send({ kind: "hello", again });
  }

  sendFindings(findings: readonly Finding[], done: boolean): void {
    this.#send({ kind: "findings", findings: findings.filter(({ state }) => state !== "checking"), done });
  }

  sendTunnel(content: { op: string }): void {
    this.#send({ kind: "tunnel", ...content });
  }

  onTunnel(receive: ((message: TunnelMessage) => void) | null): void {
    this.#tunnel = receive;
  }

  close(): void {
    this.#model.off("msg:custom", this.#receive);
    this.#tunnel = null;
  }

  readonly #receive = (content: Message): void => {
    if (content?.to !== "*" && content?.to !== this.#id) return;
    if (content.kind === "target") this.#target(content as unknown as Reach);
    else if (content.kind === "tunnel") this.#tunnel?.(content as unknown as TunnelMessage);
  };

  #send(content: object): void {
    try {
      this.#model.send({ ...content, client_id: this.#id });
    } catch {
      // The kernel is gone; that nothing comes says so.
    }
  }
}
