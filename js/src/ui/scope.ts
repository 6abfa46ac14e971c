import { effect } from "@preact/signals-core";

/** Everything that a piece of the interface has to undo when it goes: effects, listeners, observers. */
export class Scope {
  readonly #undo: (() => void)[] = [];

  /** Run `undo` when this scope ends. */
  add(undo: () => void): void {
    this.#undo.push(undo);
  }

  /** Run `run` now and whenever a signal that it read changes. */
  effect(run: () => void): void {
    this.#undo.push(effect(run));
  }

  on<K extends keyof HTMLElementEventMap>(
    target: HTMLElement,
    type: K,
    listener: (event: HTMLElementEventMap[K]) => void,
  ): void {
    target.addEventListener(type, listener);
    this.#undo.push(() => target.removeEventListener(type, listener));
  }

  /** Undo everything, the newest first. A second call does nothing. */
  dispose(): void {
    for (const undo of this.#undo.splice(0).reverse()) undo();
  }
}
