/** The widget's link to its kernel: traits and messages come, requests and reports go. */
import type { FromFrontEnd, FromKernel, Model } from "../protocol/comm";
import { ownValue } from "../protocol/own-value";
import { KernelComm } from "../signaling/kernel-comm";
import type { TunnelLink } from "../signaling/tunnel";

type Receivers = {
  [Kind in FromKernel["kind"]]: (
    message: Extract<FromKernel, { kind: Kind }>,
    buffers: readonly DataView[],
  ) => void;
};

/** What the link reports to the call, one callback for each kind of message; tunnel and channels have listeners of their own. */
export type KernelListener = Omit<Receivers, "target" | "link" | "tunnel" | "media"> & {
  /** A trait that Python writes has changed. */
  changed(): void;
};

export class KernelLink implements TunnelLink {
  readonly #model: Model;
  readonly #comm: KernelComm;
  #receivers: { [Kind in keyof Receivers]?: Receivers[Kind] | null } = {};
  #onChanged: (() => void) | undefined;

  constructor(model: Model) {
    this.#model = model;
    this.#comm = new KernelComm(model, this.#receive);
    for (const trait of TRAITS) model.on(`change:${trait}`, this.#changed);
  }

  /** Receive what the kernel sends from now on, and ask for a heartbeat. */
  listen(listener: KernelListener): void {
    const { changed, ...receivers } = listener;
    this.#onChanged = changed;
    Object.assign(this.#receivers, receivers);
    this.requestHeartbeat();
  }

  /** This tab, as its messages name it. */
  get clientId(): string {
    return this.#comm.clientId;
  }

  /** This tab's own Jupyter client id; null on hosts that do not show it. */
  get session(): string | null {
    const manager = this.#model.widget_manager as { kernel?: { clientId?: unknown } } | undefined;
    const id = manager?.kernel?.clientId;
    return typeof id === "string" ? id : null;
  }

  trait(name: (typeof TRAITS)[number] | "seen" | "keep_picture" | "media_path"): unknown {
    return this.#model.get(name);
  }

  /** Let the person in front of this tab want something else than the cell said; Python sees it. */
  want(traits: Partial<Record<"video" | "audio", string | false>>): void {
    for (const [name, value] of Object.entries(traits)) this.#model.set(name, value);
    this.#model.save_changes();
  }

  send(message: FromFrontEnd, buffers?: ArrayBuffer[]): void {
    this.#comm.send(message, buffers);
  }

  /** Ask for a heartbeat at once. */
  requestHeartbeat(): void {
    this.send({ kind: "hello", origin: location.origin });
  }

  /** Pass a data channel message on to Python as it came: JavaScript has no 64-bit integers, and would round them. */
  sendMessage(from: string, data: string | ArrayBuffer): void {
    if (typeof data === "string") this.send({ kind: "message", from, text: data });
    else this.send({ kind: "message", from }, [data]);
  }

  onTunnel(receive: Receivers["tunnel"] | null): void {
    this.#receivers.tunnel = receive;
  }

  onMedia(receive: Receivers["media"] | null): void {
    this.#receivers.media = receive;
  }

  close(): void {
    this.#comm.close();
    for (const trait of TRAITS) this.#model.off(`change:${trait}`, this.#changed);
    this.#onChanged = undefined;
    this.#receivers = {};
  }

  readonly #changed = (): void => this.#onChanged?.();

  readonly #receive = (message: FromKernel, buffers: readonly DataView[]): void => {
    // The receiver of a kind takes messages of that kind.
    ownValue(this.#receivers, message.kind)?.(message as never, buffers);
  };
}

const TRAITS = ["room", "name", "video", "audio", "resolution", "negotiation"] as const;
