import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { Panel, PanelView } from "../call/types";
import { button } from "./button";
import { createDiagram } from "./diagram";
import { h, keepFocus, type ViewContext } from "./dom";
import { createHeld } from "./held-messages";
import { createNotices } from "./notices";
import { announcePanel } from "./panel-announcer";
import { Scope } from "./scope";
import { PANEL } from "./trace-panel-strings";

/** What every part of the panel shares. */
export type PanelUi = ViewContext & { readonly panel: Panel };

/**
 * Show the live diagram in `el`, with the buttons that stop and step the signaling.
 *
 * @returns takes it away
 */
export function mountTracePanel(el: HTMLElement, panel: Panel, { root, say }: PanelView): () => void {
  const scope = new Scope();
  const ui: PanelUi = { doc: el.ownerDocument, scope, root, say, panel };
  const html = computed(() => panel.content.value?.html ?? null);
  const parts = [...createHead(ui), createNotices(ui, panel.notices), createDiagram(ui, html)];
  el.append(...parts);
  announcePanel(panel, scope, say);
  const close = panel.open();
  return () => {
    close();
    scope.dispose();
    for (const part of parts) part.remove();
  };
}

function createHead(ui: PanelUi): HTMLElement[] {
  const { doc, panel, scope } = ui;
  const paused = computed(() => panel.content.value?.paused ?? false);
  const count = computed(() => panel.content.value?.held.length ?? 0);
  const ready = computed(() => panel.content.value !== null);

  const pause = button(ui, {
    className: "rtcw-small rtcw-pause",
    icon: "pause",
    label: PANEL.pause,
    press: () => (paused.peek() ? panel.resume() : panel.pause()),
  });
  const step = button(ui, {
    className: "rtcw-small",
    icon: "step",
    label: PANEL.step,
    press: () => panel.step(),
  });
  const state = h(doc, "span", { class: "rtcw-signaling" });
  scope.effect(() => {
    pause.icon(paused.value ? "resume" : "pause");
    pause.label(paused.value ? PANEL.resume : PANEL.pause);
    pause.hint(!ready.value ? PANEL.notDrawn : paused.value ? PANEL.resumeHint : PANEL.pauseHint);
    pause.enable(ready.value);
    step.hint(!ready.value ? PANEL.notDrawn : count.value > 0 ? PANEL.stepHint : PANEL.nothingHeld);
    step.enable(count.value > 0);
    state.textContent = ready.value ? PANEL.signaling(paused.value, count.value) : "";
    state.title = paused.value ? PANEL.pausedHint : PANEL.runsHint;
    state.dataset.paused = String(paused.value);
  });
  const buttons = h(
    doc,
    "div",
    { class: "rtcw-head", role: "group", "aria-label": PANEL.signalingControls },
    pause.element,
    step.element,
    breakpoint(ui, ready),
    state,
  );
  return [buttons, createHeld(ui, step.element), createFaults(ui)];
}

/** A choice of the message at which signaling is to stop. */
function breakpoint({ doc, panel, scope }: PanelUi, ready: ReadonlySignal<boolean>): HTMLElement {
  const options = Object.entries(PANEL.breakpoints).map(([event, label]) =>
    h(doc, "option", { value: event }, label),
  );
  const select = h(
    doc,
    "select",
    { class: "rtcw-select", "aria-label": PANEL.breakOn, title: PANEL.breakOnHint },
    h(doc, "option", { value: "" }, PANEL.breakOn),
    ...options,
  );
  scope.effect(() => {
    select.disabled = !ready.value;
  });
  scope.on(select, "change", () => {
    if (select.value) panel.breakOn(select.value);
    select.value = "";
  });
  return select;
}

/** What is broken on purpose; made in Python, ended here too. */
function createFaults(ui: PanelUi): HTMLElement {
  const { doc, panel, scope, root } = ui;
  const items = h(doc, "ul", { class: "rtcw-chips", "aria-label": PANEL.faults });
  const clear = button(ui, {
    className: "rtcw-small",
    label: PANEL.clear,
    press: () => panel.clear(),
  });
  clear.hint(PANEL.clearHint);
  const element = h(
    doc,
    "div",
    { class: "rtcw-row" },
    h(doc, "span", { class: "rtcw-term", title: PANEL.faultsHint }, PANEL.faults),
    items,
    clear.element,
  );
  scope.effect(() => {
    const faults = panel.content.value?.faults ?? [];
    items.replaceChildren(...faults.map((text) => h(doc, "li", { class: "rtcw-chip rtcw-fault" }, text)));
    keepFocus(root, () => {
      element.hidden = faults.length === 0;
    });
  });
  return element;
}
