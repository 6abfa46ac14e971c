/** Something that all widgets of a page share, though each evaluates a bundle of its own. */
export function pageWide<T>(name: string, make: () => T): T {
  const page: Record<symbol, T | undefined> = globalThis;
  const key = Symbol.for(`rtc_widget.${name}`);
  page[key] ??= make();
  return page[key];
}
