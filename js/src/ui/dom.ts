import type { Call, NotebookCall } from "../call/types";
import type { Scope } from "./scope";

/** What every part of one view shares, whatever it shows. */
export type ViewContext = {
  /** The document to create elements in; the view itself may live in a shadow root. */
  readonly doc: Document;
  readonly scope: Scope;
  /** The view's outermost element. */
  readonly root: HTMLElement;
  /** Tell screen readers something that everybody else sees. */
  readonly announce: (message: string) => void;
};

/** What every part of a call's view shares. */
export type Ui = ViewContext & { readonly call: Call };

/** The same of a call in a notebook. */
export type NotebookUi = ViewContext & { readonly call: NotebookCall };

/** An element with attributes and children. Strings become text, never markup. */
export function h<K extends keyof HTMLElementTagNameMap>(
  doc: Document,
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const element = doc.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/**
 * Make a change that may remove or hide the focused element, and keep the focus in the view.
 *
 * Focus that falls back to the page reaches the notebook, whose single-letter shortcuts delete cells.
 */
export function keepFocus(root: HTMLElement, change: () => void): void {
  // A detached root has an element as its root node, which knows no focus.
  const active = (root.getRootNode() as Partial<DocumentOrShadowRoot>).activeElement;
  const inside = active !== root && root.contains(active ?? null);
  change();
  if (inside && (!root.contains(active ?? null) || active?.closest("[hidden]"))) {
    root.focus({ preventScroll: true });
  }
}
