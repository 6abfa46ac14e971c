/** Loads modules from the kernel, by the comm: a front end has no other address of its own package. */
import { computed, effect, signal } from "@preact/signals-core";
import type { Module, ModuleRequest } from "../protocol/comm";
import { pageWide } from "../protocol/page-wide";
import type { ModuleFactory, Modules } from "./modules";

/** A kernel that lives and is not busy answers in a fraction of this. */
const SILENT_MS = 10_000;

export type ModuleLoaderOptions = {
  send(request: ModuleRequest): void;
  /** The kernel has not answered for a while, and another while; it may still do. `retry` asks again. */
  onSilent(name: keyof Modules, retry: () => void): void;
  onLoaded(name: keyof Modules): void;
  /** The source cannot be imported. */
  onBroken(name: keyof Modules): void;
};

/** A request that has not been answered. */
type Pending = { resolve(source: string): void; timer: ReturnType<typeof setInterval> };

export class ModuleLoader {
  readonly #options: ModuleLoaderOptions;
  readonly #loaded: { [Name in keyof Modules]?: Promise<Modules[Name]> } = {};
  readonly #pending = new Map<string, Pending>();
  /** Sources that widgets of the same build in this page have received. */
  readonly #sources = pageWide(`modules.${process.env.BUILD ?? ""}`, () => new Map<string, string>());

  constructor(options: ModuleLoaderOptions) {
    this.#options = options;
  }

  /** Load a module once; rejects when its source cannot be imported, and the next call tries again. */
  load<Name extends keyof Modules>(name: Name): Promise<Modules[Name]> {
    const known: Promise<Modules[Name]> | undefined = this.#loaded[name];
    if (known) return known;
    const loading = this.#load(name);
    Object.assign(this.#loaded, { [name]: loading });
    loading.catch(() => delete this.#loaded[name]);
    return loading;
  }

  receive({ name, source }: Module): void {
    this.#sources.set(name, source);
    const pending = this.#pending.get(name);
    this.#pending.delete(name);
    clearInterval(pending?.timer);
    pending?.resolve(source);
  }

  dispose(): void {
    for (const { timer } of this.#pending.values()) clearInterval(timer);
    this.#pending.clear();
  }

  async #load<Name extends keyof Modules>(name: Name): Promise<Modules[Name]> {
    const source = this.#sources.get(name) ?? (await this.#request(name));
    try {
      const module = await evaluate<Name>(source);
      this.#options.onLoaded(name);
      return module;
    } catch (error) {
      this.#sources.delete(name);
      this.#options.onBroken(name);
      throw error;
    }
  }

  #request(name: keyof Modules): Promise<string> {
    return new Promise((resolve) => {
      const ask = () => {
        clearInterval(this.#pending.get(name)?.timer);
        this.#options.send({ kind: "module", name });
        const timer = setInterval(() => this.#options.onSilent(name, ask), SILENT_MS);
        this.#pending.set(name, { resolve, timer });
      };
      ask();
    });
  }
}

/** Import source text as anywidget imports a widget's own. */
async function evaluate<Name extends keyof Modules>(source: string): Promise<Modules[Name]> {
  const url = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  try {
    const module: { default: ModuleFactory<Name> } = await import(/* @vite-ignore */ url);
    return module.default({ computed, effect, signal });
  } finally {
    URL.revokeObjectURL(url);
  }
}
