import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { HeldRow } from "../call/types";
import { button } from "./button";
import { h, keepFocus } from "./dom";
import { type Item, KeyedList } from "./list";
import { Scope } from "./scope";
import type { PanelUi } from "./trace-panel";
import { PANEL_STRINGS } from "./trace-panel-strings";

const TICK_MS = 1_000;

/** The messages that wait, in waiting order, each with what may become of it. `after` gets the focus when none is left. */
export function createHeld(ui: PanelUi, after: HTMLElement): HTMLElement {
  const { doc, panel, scope, root } = ui;
  const held = computed(() => panel.content.value?.held ?? []);
  const items = h(doc, "ol", { class: "rtcw-held", "aria-label": PANEL_STRINGS.held });
  const now = signal(performance.now());
  const timer = setInterval(() => {
    now.value = performance.now();
  }, TICK_MS);
  scope.add(() => clearInterval(timer));
  const list = new KeyedList<HeldRow>(
    items,
    (row) => createItem(ui, row, now),
    ({ ids, text, carries }) => JSON.stringify([ids, text, carries]),
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
    const rows = held.value;
    const buttons = [...items.querySelectorAll("button")];
    const focused = buttons.findIndex((each) => each.matches(":focus"));
    keepFocus(root, () => {
      list.update(rows);
      element.hidden = rows.length === 0;
    });
    if (focused < 0 || buttons[focused]?.isConnected) return;
    // Whoever releases one after the other by keyboard goes on with the next.
    const left = items.querySelectorAll("button");
    (left[Math.min(focused, left.length - 1)] ?? after).focus();
  });
  return element;
}

function createItem(ui: PanelUi, row: HeldRow, now: ReadonlySignal<number>): Item {
  const scope = new Scope();
  const { doc, panel } = ui;
  const { ids, carries, seconds } = row;
  const text = PANEL_STRINGS.rows(row.text, ids.length);
  const since = performance.now() - seconds * 1_000;
  const waited = h(doc, "span", { class: "rtcw-waited", title: PANEL_STRINGS.waitedHint });
  scope.effect(() => {
    waited.textContent = PANEL_STRINGS.waited(Math.max(0, now.value - since) / 1_000);
  });
  const act = (label: string, hint: string, press: () => void) => {
    const made = button({ ...ui, scope }, { className: "rtcw-small", label, press });
    made.element.setAttribute("aria-label", `${label} ${text}`);
    made.hint(hint);
    return made.element;
  };
  const element = h(
    doc,
    "li",
    {},
    h(doc, "span", { class: "rtcw-held-text" }, h(doc, "b", {}, text), carries && ` ${carries}`),
    waited,
    act(PANEL_STRINGS.release, PANEL_STRINGS.releaseHint, () => panel.release(ids)),
    act(PANEL_STRINGS.drop, PANEL_STRINGS.dropHint, () => panel.drop(ids)),
    act(PANEL_STRINGS.duplicate, PANEL_STRINGS.duplicateHint, () => panel.duplicate(ids)),
  );
  return { element, dispose: () => scope.dispose() };
}
