/** One element of a list with what it takes to end it. */
export type Item = { readonly element: HTMLElement; dispose(): void };

/**
 * Keeps `parent`'s children in step with a list of values, without ever re-creating or needlessly
 * moving an element: a moved `<video>` flickers, a re-created one goes black.
 */
export class KeyedList<T> {
  readonly #items = new Map<unknown, Item>();

  /** `key` says which values are the same; by default a value is only the same as itself. */
  constructor(
    readonly parent: HTMLElement,
    readonly create: (value: T) => Item,
    readonly key: (value: T) => unknown = (value) => value,
  ) {}

  update(values: readonly T[]): void {
    const wanted = new Map(values.map((value) => [this.key(value), value]));
    for (const [key, item] of this.#items) {
      if (wanted.has(key)) continue;
      this.#items.delete(key);
      item.dispose();
      item.element.remove();
    }
    let next = this.parent.firstElementChild;
    for (const [key, value] of wanted) {
      let item = this.#items.get(key);
      if (!item) {
        item = this.create(value);
        this.#items.set(key, item);
      }
      if (item.element === next) next = next.nextElementSibling;
      else this.parent.insertBefore(item.element, next);
    }
  }

  dispose(): void {
    this.update([]);
  }
}
