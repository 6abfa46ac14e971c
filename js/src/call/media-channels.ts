/** Media channels of this tab, loaded when a Peer of its kernel is not reached by ICE at once. */
import type { Heartbeat } from "../protocol/comm";
import { jupyterBase } from "../signaling/ways";
import type { KernelLink } from "./kernel-link";
import type { ModuleLoader } from "./module-loader";
import type { RoomSession } from "./room-session";

export class MediaChannels {
  readonly #link: KernelLink;
  readonly #modules: ModuleLoader;
  readonly #session: RoomSession;
  #peers: readonly string[] = [];
  #following: Promise<() => void> | undefined;

  constructor(link: KernelLink, modules: ModuleLoader, session: RoomSession) {
    this.#link = link;
    this.#modules = modules;
    this.#session = session;
  }

  receive({ peers = [] }: Heartbeat): void {
    this.#peers = peers;
    const isNeeded = this.#session.remotes.some(
      ({ id, iceState }) => peers.includes(id) && (iceState !== "connected" || this.#wanted === "notebook"),
    );
    if (isNeeded) this.#following ??= this.#follow();
    this.#following?.catch(() => {
      this.#following = undefined;
    });
  }

  close(): void {
    void this.#following?.then((end) => end());
  }

  get #wanted(): unknown {
    return this.#link.trait("media_path");
  }

  async #follow(): Promise<() => void> {
    const module = await this.#modules.load("media-channel");
    return module.follow({
      link: this.#link,
      base: jupyterBase(),
      peers: () => this.#peers,
      wanted: () => this.#wanted,
      me: () => this.#session.id,
      others: () => this.#session.remotes,
    });
  }
}
