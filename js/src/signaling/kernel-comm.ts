/** A page's end of the comm to its kernel: outgoing messages name this page, incoming ones for other pages are ignored. */
import { addressedTo, type FromFrontEnd, type FromKernel, type Model } from "../protocol/comm";
import { randomId } from "../protocol/random-id";

/** Receives the kernel's messages for this page. */
export type CommListener = (message: FromKernel, buffers: readonly DataView[]) => void;

export class KernelComm {
  readonly clientId = randomId();
  readonly #model: Model;
  readonly #listener: CommListener;
  #isClosed = false;

  constructor(model: Model, listener: CommListener) {
    this.#model = model;
    this.#listener = listener;
    model.on("msg:custom", this.#receive);
    model.on("comm:close", this.#end);
  }

  send(message: FromFrontEnd, buffers: ArrayBuffer[] = []): void {
    if (this.#isClosed) return;
    try {
      this.#model.send({ ...message, client_id: this.clientId }, undefined, buffers);
    } catch {
      // The kernel is restarting or gone; silence is how everything here learns of that.
    }
  }

  close(): void {
    this.#model.off("msg:custom", this.#receive);
    this.#model.off("comm:close", this.#end);
  }

  /** The kernel has closed the comm: what was still sent would arrive while its subshell is being deleted. */
  readonly #end = (): void => {
    this.#isClosed = true;
  };

  readonly #receive = (content: unknown, buffers: readonly DataView[] = []): void => {
    const message = addressedTo(this.clientId, content);
    if (message) this.#listener(message, buffers);
  };
}
