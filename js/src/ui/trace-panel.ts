import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { BreakRow, Panel, PanelView } from "../call/types";
import { button } from "./button";
import { createDiagram } from "./diagram";
import { h, keepFocus, type ViewContext } from "./dom";
import { createHeld } from "./held-messages";
import { KeyedList } from "./list";
import { createNotices } from "./notices";
import { announcePanel } from "./panel-announcer";
import { Scope } from "./scope";
import { PANEL_STRINGS } from "./trace-panel-strings";

/** What every part of the panel shares. */
export type PanelUi = ViewContext & { readonly panel: Panel };

/**
 * Show the live diagram in `el`, with the buttons that stop and step the signaling.
 *
 * @returns takes it away
 */
export function mountTracePanel(el: HTMLElement, panel: Panel, { root, announce }: PanelView): () => void {
  const scope = new Scope();
  const ui: PanelUi = { doc: el.ownerDocument, scope, root, announce, panel };
  const html = computed(() => panel.content.value?.html ?? null);
  const parts = [...createHead(ui), createNotices(ui, panel.notices), createDiagram(ui, html, panel)];
  el.append(...parts);
  announcePanel(panel, scope, announce);
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
  const count = computed(() =>
    (panel.content.value?.held ?? []).reduce((sum, { ids }) => sum + ids.length, 0),
  );
  const drawn = computed(() => panel.content.value !== null);
  const ready = computed(() => panel.content.value?.watching ?? false);

  const pause = button(ui, {
    className: "rtcw-small rtcw-pause",
    icon: "pause",
    label: PANEL_STRINGS.pause,
    press: () => (paused.peek() ? panel.resume() : panel.pause()),
  });
  const step = button(ui, {
    className: "rtcw-small",
    icon: "step",
    label: PANEL_STRINGS.step,
    press: () => panel.step(),
  });
  const over = button(ui, {
    className: "rtcw-small",
    label: PANEL_STRINGS.stepOver,
    press: () => panel.stepOver(),
  });
  const to = button(ui, {
    className: "rtcw-small",
    label: PANEL_STRINGS.stepTo,
    press: () => panel.stepTo(),
  });
  const candidates = computed(() => panel.content.value?.held[0]?.text.startsWith("ICE candidate") ?? false);
  const state = h(doc, "span", { class: "rtcw-signaling" });
  scope.effect(() => {
    pause.icon(paused.value ? "resume" : "pause");
    pause.label(paused.value ? PANEL_STRINGS.resume : PANEL_STRINGS.pause);
    pause.hint(
      !ready.value
        ? PANEL_STRINGS.notWatching
        : paused.value
          ? PANEL_STRINGS.resumeHint
          : PANEL_STRINGS.pauseHint,
    );
    pause.enable(ready.value);
    step.hint(
      !ready.value
        ? PANEL_STRINGS.notWatching
        : count.value > 0
          ? PANEL_STRINGS.stepHint
          : PANEL_STRINGS.nothingHeld,
    );
    step.enable(count.value > 0);
    over.hint(candidates.value ? PANEL_STRINGS.stepOverHint : PANEL_STRINGS.noCandidateNext);
    over.enable(candidates.value);
    to.hint(count.value > 0 ? PANEL_STRINGS.stepToHint : PANEL_STRINGS.nothingHeld);
    to.enable(count.value > 0);
    state.textContent = ready.value
      ? PANEL_STRINGS.signaling(paused.value, count.value)
      : drawn.value
        ? PANEL_STRINGS.unwatched
        : "";
    state.title = !ready.value
      ? PANEL_STRINGS.unwatchedHint
      : paused.value
        ? PANEL_STRINGS.pausedHint
        : PANEL_STRINGS.runsHint;
    state.dataset.paused = String(paused.value);
  });
  const buttons = h(
    doc,
    "div",
    { class: "rtcw-head", role: "group", "aria-label": PANEL_STRINGS.signalingControls },
    pause.element,
    step.element,
    over.element,
    to.element,
    breakpoint(ui, ready),
    state,
  );
  return [buttons, createHeld(ui, step.element), createBreaks(ui), createFaults(ui)];
}

/** A choice of the message at which signaling is to stop. */
function breakpoint({ doc, panel, scope }: PanelUi, ready: ReadonlySignal<boolean>): HTMLElement {
  const options = Object.entries(PANEL_STRINGS.breakpoints).map(([event, label]) =>
    h(doc, "option", { value: event }, label),
  );
  const select = h(
    doc,
    "select",
    { class: "rtcw-select", "aria-label": PANEL_STRINGS.breakOn, title: PANEL_STRINGS.breakOnHint },
    h(doc, "option", { value: "" }, PANEL_STRINGS.breakOn),
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

/** The breakpoints that no message has reached, each with a button that removes it. */
function createBreaks(ui: PanelUi): HTMLElement {
  const { doc, panel, scope, root } = ui;
  const items = h(doc, "ul", { class: "rtcw-chips", "aria-label": PANEL_STRINGS.breaks });
  const list = new KeyedList<BreakRow>(
    items,
    ({ id, text }) => {
      const own = new Scope();
      const remove = button(
        { ...ui, scope: own },
        { className: "rtcw-small", label: "×", press: () => panel.clearBreak(id) },
      );
      remove.element.setAttribute("aria-label", PANEL_STRINGS.removeBreak(text));
      remove.hint(PANEL_STRINGS.removeBreak(text));
      const element = h(doc, "li", { class: "rtcw-chip rtcw-break" }, text, remove.element);
      return { element, dispose: () => own.dispose() };
    },
    ({ id, text }) => JSON.stringify([id, text]),
  );
  scope.add(() => list.dispose());
  const element = h(
    doc,
    "div",
    { class: "rtcw-row" },
    h(doc, "span", { class: "rtcw-term", title: PANEL_STRINGS.breakOnHint }, PANEL_STRINGS.breaks),
    items,
  );
  scope.effect(() => {
    const breaks = panel.content.value?.breaks ?? [];
    keepFocus(root, () => {
      list.update(breaks);
      element.hidden = breaks.length === 0;
    });
  });
  return element;
}

/** What is broken on purpose; made in Python, ended here too. */
function createFaults(ui: PanelUi): HTMLElement {
  const { doc, panel, scope, root } = ui;
  const items = h(doc, "ul", { class: "rtcw-chips", "aria-label": PANEL_STRINGS.faults });
  const clear = button(ui, {
    className: "rtcw-small",
    label: PANEL_STRINGS.clear,
    press: () => panel.clear(),
  });
  clear.hint(PANEL_STRINGS.clearHint);
  const element = h(
    doc,
    "div",
    { class: "rtcw-row" },
    h(doc, "span", { class: "rtcw-term", title: PANEL_STRINGS.faultsHint }, PANEL_STRINGS.faults),
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
