/** The widget's link to its kernel: traits and messages come, requests and reports go. */
import type {
  Command,
  FromFrontEnd,
  FromKernel,
  Heartbeat,
  MediaFromKernel,
  Model,
  Module,
  PanelContent,
  RecordingState,
  TunnelFromKernel,
} from "../protocol/comm";
import { KernelComm } from "../signaling/kernel-comm";
import type { TunnelLink } from "../signaling/tunnel";

/** What the link reports to the call, one callback for each kind of message. */
export type KernelListener = {
  heartbeat(heartbeat: Heartbeat): void;
  command(command: Command, buffers: readonly DataView[]): void;
  panel(content: PanelContent): void;
  recording(state: RecordingState): void;
  module(module: Module): void;
  /** A trait that Python writes has changed. */
  changed(): void;
};

export class KernelLink implements TunnelLink {
  readonly #model: Model;
  readonly #comm: KernelComm;
  #listener: KernelListener | null = null;
  #tunnel: ((message: TunnelFromKernel) => void) | null = null;
  #media: ((message: MediaFromKernel, buffers: readonly DataView[]) => void) | null = null;

  constructor(model: Model) {
    this.#model = model;
    this.#comm = new KernelComm(model, (message, buffers) => this.#receive(message, buffers));
    for (const trait of TRAITS) model.on(`change:${trait}`, this.#changed);
  }

  /** Receive what the kernel sends from now on, and ask for a heartbeat. */
  listen(listener: KernelListener): void {
    this.#listener = listener;
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
    this.send({ kind: "hello" });
  }

  /** Pass a data channel message on to Python as it came: JavaScript has no 64-bit integers, and would round them. */
  sendMessage(from: string, data: string | ArrayBuffer): void {
    if (typeof data === "string") this.send({ kind: "message", from, text: data });
    else this.send({ kind: "message", from }, [data]);
  }

  onTunnel(receive: ((message: TunnelFromKernel) => void) | null): void {
    this.#tunnel = receive;
  }

  onMedia(receive: ((message: MediaFromKernel, buffers: readonly DataView[]) => void) | null): void {
    this.#media = receive;
  }

  close(): void {
    this.#comm.close();
    for (const trait of TRAITS) this.#model.off(`change:${trait}`, this.#changed);
    this.#listener = null;
    this.#tunnel = null;
  }

  readonly #changed = (): void => this.#listener?.changed();

  #receive(message: FromKernel, buffers: readonly DataView[]): void {
    switch (message.kind) {
      case "heartbeat":
        this.#listener?.heartbeat(message);
        break;
      case "command":
        this.#listener?.command(message, buffers);
        break;
      case "tunnel":
        this.#tunnel?.(message);
        break;
      case "panel":
        this.#listener?.panel(message);
        break;
      case "recording":
        this.#listener?.recording(message);
        break;
      case "media":
        this.#media?.(message, buffers);
        break;
      case "module":
        this.#listener?.module(message);
        break;
    }
  }
}

const TRAITS = ["room", "name", "video", "audio", "resolution", "negotiation"] as const;
