import { computed, type ReadonlySignal } from "@preact/signals-core";
import { announcePanel } from "./announcer";
import { button } from "./button";
import { createDiagram } from "./diagram";
import { h, keepFocus, type Ui } from "./dom";
import { createHeld } from "./held-messages";
import { createNotices } from "./notices";
import { TEXT } from "./strings";

/** The live diagram below the call, with the buttons that stop and step the signaling. */
export function createPanel(ui: Ui, open: ReadonlySignal<boolean>): HTMLElement {
  const { doc, call, scope, root, say } = ui;
  const { panel } = call;
  const html = computed(() => panel.content.value?.html ?? null);
  const element = h(
    doc,
    "section",
    { class: "rtcw-diagram-panel", "aria-label": TEXT.diagram },
    ...createHead(ui),
    createNotices(ui, panel.notices),
    createDiagram(ui, html),
  );

  let shut: (() => void) | null = null;
  scope.effect(() => {
    shut?.();
    shut = open.value ? panel.open() : null;
    keepFocus(root, () => {
      element.hidden = shut === null;
    });
  });
  scope.add(() => shut?.());
  announcePanel(panel, scope, say);
  return element;
}

function createHead(ui: Ui): HTMLElement[] {
  const { doc, call, scope } = ui;
  const { panel } = call;
  const paused = computed(() => panel.content.value?.paused ?? false);
  const count = computed(() => panel.content.value?.held.length ?? 0);
  const ready = computed(() => panel.content.value !== null);

  const pause = button(ui, {
    className: "rtcw-small rtcw-pause",
    icon: "pause",
    label: TEXT.pause,
    press: () => (paused.peek() ? panel.resume() : panel.pause()),
  });
  const step = button(ui, {
    className: "rtcw-small",
    icon: "step",
    label: TEXT.step,
    press: () => panel.step(),
  });
  const state = h(doc, "span", { class: "rtcw-signaling" });
  scope.effect(() => {
    pause.icon(paused.value ? "resume" : "pause");
    pause.label(paused.value ? TEXT.resume : TEXT.pause);
    pause.hint(!ready.value ? TEXT.notDrawn : paused.value ? TEXT.resumeHint : TEXT.pauseHint);
    pause.enable(ready.value);
    step.hint(!ready.value ? TEXT.notDrawn : count.value > 0 ? TEXT.stepHint : TEXT.nothingHeld);
    step.enable(count.value > 0);
    state.textContent = ready.value ? TEXT.signaling(paused.value, count.value) : "";
    state.title = paused.value ? TEXT.pausedHint : TEXT.runsHint;
    state.dataset.paused = String(paused.value);
  });
  const buttons = h(
    doc,
    "div",
    { class: "rtcw-head", role: "group", "aria-label": TEXT.signalingControls },
    pause.element,
    step.element,
    breakpoint(ui, ready),
    state,
  );
  return [buttons, createHeld(ui, step.element), createFaults(ui)];
}

/** A choice of the message at which signaling is to stop. */
function breakpoint({ doc, call, scope }: Ui, ready: ReadonlySignal<boolean>): HTMLElement {
  const options = Object.entries(TEXT.breakpoints).map(([kind, words]) =>
    h(doc, "option", { value: kind }, words),
  );
  const select = h(
    doc,
    "select",
    { class: "rtcw-select", "aria-label": TEXT.breakOn, title: TEXT.breakOnHint },
    h(doc, "option", { value: "" }, TEXT.breakOn),
    ...options,
  );
  scope.effect(() => {
    select.disabled = !ready.value;
  });
  scope.on(select, "change", () => {
    if (select.value) call.panel.breakOn(select.value);
    select.value = "";
  });
  return select;
}

/** What is broken on purpose; made in Python, ended here too. */
function createFaults(ui: Ui): HTMLElement {
  const { doc, call, scope, root } = ui;
  const items = h(doc, "ul", { class: "rtcw-chips", "aria-label": TEXT.faults });
  const clear = button(ui, {
    className: "rtcw-small",
    label: TEXT.clear,
    press: () => call.panel.clear(),
  });
  clear.hint(TEXT.clearHint);
  const element = h(
    doc,
    "div",
    { class: "rtcw-row" },
    h(doc, "span", { class: "rtcw-term", title: TEXT.faultsHint }, TEXT.faults),
    items,
    clear.element,
  );
  scope.effect(() => {
    const faults = call.panel.content.value?.faults ?? [];
    items.replaceChildren(...faults.map((text) => h(doc, "li", { class: "rtcw-chip rtcw-fault" }, text)));
    keepFocus(root, () => {
      element.hidden = faults.length === 0;
    });
  });
  return element;
}
