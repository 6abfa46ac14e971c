/** Media channels of this tab, loaded when a Peer of its kernel is not reached by ICE at once. */
import type { ChannelsOptions } from "../media-channel/channels";
import type { Heartbeat } from "../protocol/comm";
import { jupyterBase } from "../signaling/ways";
import type { KernelLink } from "./kernel-link";
import type { ModuleLoader } from "./module-loader";
import type { RoomSession } from "./room-session";

export class MediaChannels {
  readonly #modules: ModuleLoader;
  readonly #options: ChannelsOptions;
  #peers: readonly string[] = [];
  #following: Promise<() => void> | undefined;

  constructor(link: KernelLink, modules: ModuleLoader, session: RoomSession) {
    this.#modules = modules;
    this.#options = {
      link,
      base: jupyterBase,
      peers: () => this.#peers,
      wanted: () => link.trait("media_path"),
      me: () => session.id,
      others: () => session.remotes,
    };
  }

  receive({ peers = [] }: Heartbeat): void {
    this.#peers = peers;
    const { others, wanted } = this.#options;
    const isNeeded = others().some(
      ({ id, connection }) =>
        peers.includes(id) && (connection.state.peek() !== "connected" || wanted() === "notebook"),
    );
    if (isNeeded) this.#following ??= this.#follow();
  }

  close(): void {
    void this.#following?.then((end) => end());
  }

  async #follow(): Promise<() => void> {
    try {
      return (await this.#modules.load("media-channel")).follow(this.#options);
    } catch {
      this.#following = undefined;
      return () => undefined;
    }
  }
}
