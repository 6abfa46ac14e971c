/** What Python asks of the call. */
import type { Command } from "../protocol/comm";
import { RtcError } from "../protocol/errors";
import type { LocalSources } from "./local-sources";
import type { RoomSession } from "./room-session";

export class CallCommands {
  readonly #session: RoomSession;
  readonly #sources: LocalSources;

  constructor(session: RoomSession, sources: LocalSources) {
    this.#session = session;
    this.#sources = sources;
  }

  /** @param buffers - the bytes of a `send` that is no text */
  execute(command: Command, buffers: readonly DataView[]): void {
    switch (command.action) {
      case "leave":
        void this.#session.leave();
        break;
      case "report":
        this.#session.reportAll();
        break;
      case "restart_ice":
        this.#session.restartIce();
        break;
      case "media":
        if (command.audio !== undefined) this.#sources.set("audio", command.audio);
        if (command.video !== undefined) this.#sources.set("video", command.video);
        break;
      case "screen":
        this.#sources.setScreen(command.on, command.pattern);
        break;
      case "decline":
        this.#session.decline(command.recording);
        break;
      case "use":
        this.#use("video", command.camera);
        this.#use("audio", command.microphone);
        break;
      case "send": {
        const [view] = buffers;
        const data = command.text ?? (view ? bytesOf(view) : null);
        if (data !== null) this.#session.sendMessage(data, command.target);
      }
    }
  }

  #use(kind: "audio" | "video", label: string | null): void {
    if (label === null) return;
    try {
      this.#sources.useByLabel(kind, label);
    } catch (error) {
      if (!(error instanceof RtcError)) throw error;
      this.#session.reportError(error);
    }
  }
}

function bytesOf(view: DataView): ArrayBuffer {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice().buffer;
}
