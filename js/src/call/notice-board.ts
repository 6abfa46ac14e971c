/** The notices of a call: one for each thing that can be wrong, until it no longer is. */
import { computed, signal } from "@preact/signals-core";
import type { Notice } from "./types";

export class NoticeBoard {
  readonly #notices = signal<ReadonlyMap<string, Notice>>(new Map());
  /** The notices, the oldest first. */
  readonly list = computed(() => [...this.#notices.value.values()]);

  /**
   * Show a notice in place of the one before it.
   *
   * @param key - what it is about
   * @param notice - null to take away what is shown
   */
  show(key: string, notice: Notice | null): void {
    const before = this.#notices.peek();
    if (before.get(key) === (notice ?? undefined)) return;
    const next = new Map(before);
    if (notice) next.set(key, notice);
    else next.delete(key);
    this.#notices.value = next;
  }

  clear(): void {
    this.#notices.value = new Map();
  }
}
