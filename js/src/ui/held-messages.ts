import { computed } from "@preact/signals-core";
import type { HeldMessage } from "../call/types";
import { button } from "./button";
import { h, keepFocus } from "./dom";
import { type Item, KeyedList } from "./list";
import { Scope } from "./scope";
import type { PanelUi } from "./trace-panel";
import { PANEL_STRINGS } from "./trace-panel-strings";

/** The messages that wait at the relay, each with a button that lets it go. `after` gets the focus when none is left. */
export function createHeld(ui: PanelUi, after: HTMLElement): HTMLElement {
  const { doc, panel, scope, root } = ui;
  const held = computed(() => panel.content.value?.held ?? []);
  const items = h(doc, "ul", { class: "rtcw-chips", "aria-label": PANEL_STRINGS.held });
  const list = new KeyedList<HeldMessage>(
    items,
    (message) => createItem(ui, message),
    ({ id, text }) => JSON.stringify([id, text]),
  );
  scope.add(() => list.dispose());
  const element = h(
    doc,
    "div",
    { class: "rtcw-row" },
    h(doc, "span", { class: "rtcw-term", title: PANEL_STRINGS.heldHint }, PANEL_STRINGS.held),
    items,
  );

  scope.effect(() => {
    const now = held.value;
    const buttons = [...items.querySelectorAll("button")];
    const focused = buttons.findIndex((each) => each.matches(":focus"));
    keepFocus(root, () => {
      list.update(now);
      element.hidden = now.length === 0;
    });
    if (focused < 0 || buttons[focused]?.isConnected) return;
    // Whoever releases one after the other by keyboard goes on with the next.
    const left = items.querySelectorAll("button");
    (left[Math.min(focused, left.length - 1)] ?? after).focus();
  });
  return element;
}

function createItem(ui: PanelUi, { id, text }: HeldMessage): Item {
  const scope = new Scope();
  const release = button(
    { ...ui, scope },
    { className: "rtcw-small", label: PANEL_STRINGS.release, press: () => ui.panel.release(id) },
  );
  release.element.setAttribute("aria-label", PANEL_STRINGS.releaseOne(text));
  release.hint(PANEL_STRINGS.releaseHint);
  const element = h(ui.doc, "li", { class: "rtcw-chip" }, text, release.element);
  return { element, dispose: () => scope.dispose() };
}
