/** The modules that the first picture does not need, and what each of them is for. */
import type { ChannelsOptions } from "../media-channel/channels";
import type { MountOptions } from "../preflight/mount";
import type { PanelContent, PanelRequest } from "../protocol/comm";
import type { Panel, PanelView } from "./types";

/** A panel with its way from the kernel. */
export type LivePanel = Panel & { receive(content: PanelContent): void };

/** The modules by the names of their bundles. */
export type Modules = {
  "trace-panel": {
    /** The call's one panel, however many views show it. */
    createPanel(send: (request: PanelRequest) => void): LivePanel;
    mount(el: HTMLElement, panel: LivePanel, view: PanelView): () => void;
  };
  /** Returns what ends it. */
  "media-channel": { follow(options: ChannelsOptions): () => void };
  preflight: { mount(el: HTMLElement, options: MountOptions): () => void };
};

/** The signals library of the bundle that loads a module: signals of another copy would not be followed. */
export type Signals = Pick<typeof import("@preact/signals-core"), "computed" | "effect" | "signal">;

/** What a module's source exports as default. */
export type ModuleFactory<Name extends keyof Modules> = (signals: Signals) => Modules[Name];
