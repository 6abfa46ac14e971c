/** The widget's line to its kernel: heartbeats and commands come, news goes. The comm reaches every tab. */

import type { Model } from "../protocol/comm";
import type { RtcError } from "../protocol/errors";
import { randomId } from "../protocol/random-id";
import type { TunnelLink, TunnelMessage } from "../signaling/tunnel";
import type { PanelNews, PanelWish } from "./live-diagram";
import type { RecordingNews } from "./recording-model";

/** Admits one tab that joins by itself. */
export type Invitation = {
  key: string;
  /** A single-use token. */
  token: string;
  /** The Jupyter client that ran the cell, where the kernel knows it. */
  session: string | null;
  /** Join even before the widget is shown, because Python is waiting for the call. */
  now: boolean;
};

/** What the kernel says every two seconds, also while a cell runs. */
export type Heartbeat = {
  kind: "heartbeat";
  relay: string;
  /** The relay is on the kernel's own machine, at a loopback address. */
  local: boolean;
  owner: string;
  token: string;
  iceServers: RTCIceServer[];
  invitation?: Invitation;
};

export type Command =
  | { kind: "command"; action: "leave" | "report" }
  | { kind: "command"; action: "media"; audio?: boolean; video?: boolean }
  | { kind: "command"; action: "screen"; on: boolean }
  | { kind: "command"; action: "use"; camera: string | null; microphone: string | null }
  | { kind: "command"; action: "decline"; recording: string }
  | { kind: "command"; action: "send"; text: string | null; target: string | null };

export type KernelOptions = {
  heartbeat(beat: Heartbeat): void;
  command(command: Command, buffers: DataView[]): void;
  changed(): void;
  panel(news: PanelNews): void;
  recording(news: RecordingNews): void;
};

export class KernelLink implements TunnelLink {
  readonly clientId = randomId();
  readonly #model: Model;
  readonly #options: KernelOptions;
  #tunnel: ((message: TunnelMessage) => void) | null = null;

  constructor(model: Model, options: KernelOptions) {
    this.#model = model;
    this.#options = options;
    model.on("msg:custom", this.#receive);
    for (const trait of TRAITS) model.on(`change:${trait}`, options.changed);
    this.sayHello();
  }

  /** Ask for a heartbeat at once. */
  sayHello(): void {
    this.#send({ kind: "hello" });
  }

  /** This tab's own Jupyter client id; null on hosts that do not show it. */
  get session(): string | null {
    const manager = this.#model.widget_manager as { kernel?: { clientId?: unknown } } | undefined;
    const id = manager?.kernel?.clientId;
    return typeof id === "string" ? id : null;
  }

  trait(name: (typeof TRAITS)[number] | "seen" | "keep_picture"): unknown {
    return this.#model.get(name);
  }

  sendTunnel(content: { op: string }): void {
    this.#send({ kind: "tunnel", ...content });
  }

  onTunnel(receive: ((message: TunnelMessage) => void) | null): void {
    this.#tunnel = receive;
  }

  /** Tell where this tab stands while the relay cannot: before joining and after leaving. */
  sendPhase(phase: string, unseen = false): void {
    this.#send({ kind: "phase", phase, unseen });
  }

  sendError(error: RtcError): void {
    this.#send({ kind: "error", code: error.code, message: error.message });
  }

  sendPanel(wish: PanelWish): void {
    this.#send({ kind: "panel", ...wish });
  }

  sendRecord(on: boolean): void {
    this.#send({ kind: "record", on });
  }

  sendPicture(data: string): void {
    this.#send({ kind: "picture", data });
  }

  sendDevices(cameras: string[], microphones: string[]): void {
    this.#send({ kind: "devices", cameras, microphones });
  }

  sendMessage(from: string, data: string | ArrayBuffer): void {
    if (typeof data !== "string") {
      this.#send({ kind: "message", from }, [data]);
      return;
    }
    try {
      this.#send({ kind: "message", from, data: JSON.parse(data) });
    } catch {
      this.#send({ kind: "message", from, data }); // a client that sends plain text
    }
  }

  close(): void {
    this.#model.off("msg:custom", this.#receive);
    for (const trait of TRAITS) this.#model.off(`change:${trait}`, this.#options.changed);
    this.#tunnel = null;
  }

  readonly #receive = (content: { kind?: string; to?: string }, buffers: DataView[] = []): void => {
    if (content?.to !== "*" && content?.to !== this.clientId) return;
    if (content.kind === "heartbeat") this.#options.heartbeat(content as Heartbeat);
    else if (content.kind === "command") this.#options.command(content as Command, buffers);
    else if (content.kind === "tunnel") this.#tunnel?.(content as unknown as TunnelMessage);
    else if (content.kind === "panel") this.#options.panel(content as unknown as PanelNews);
    else if (content.kind === "recording") this.#options.recording(content as unknown as RecordingNews);
  };

  #send(content: object, buffers: ArrayBuffer[] = []): void {
    try {
      this.#model.send({ ...content, client_id: this.clientId }, undefined, buffers);
    } catch {
      // The kernel is restarting or gone; silence is how everything here learns of that.
    }
  }
}

const TRAITS = ["room", "name", "video", "audio", "resolution", "negotiation"] as const;
