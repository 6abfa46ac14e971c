/** What the kernel has said of a link: asked for once, and lost with the page. */
import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { LinkContent, Model } from "../protocol/comm";
import { KernelComm } from "../signaling/kernel-comm";

export class LinkModel {
  readonly #comm: KernelComm;
  readonly #content = signal<LinkContent | null>(null);

  constructor(model: Model) {
    this.#comm = new KernelComm(model, (message) => {
      if (message.kind === "link") this.#content.value = message;
    });
    this.#comm.send({ kind: "hello" });
  }

  /** The link, null in a notebook whose kernel no longer has it. */
  get content(): ReadonlySignal<LinkContent | null> {
    return this.#content;
  }

  dispose(): void {
    this.#comm.close();
  }
}
