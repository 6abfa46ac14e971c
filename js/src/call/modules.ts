/** The modules that the first picture does not need, and what each of them is for. */
import type { MountOptions } from "../preflight/mount";
import type { Panel, PanelView } from "./types";

/** The modules by the names of their bundles. */
export type Modules = {
  "trace-panel": { mount(el: HTMLElement, panel: Panel, view: PanelView): () => void };
  preflight: { mount(el: HTMLElement, options: MountOptions): () => void };
};

/** The signals library of the bundle that loads a module: signals of another copy would not be followed. */
export type Signals = Pick<typeof import("@preact/signals-core"), "computed" | "effect" | "signal">;

/** What a module's source exports as default. */
export type ModuleFactory<Name extends keyof Modules> = (signals: Signals) => Modules[Name];
