import { computed, type Signal } from "@preact/signals-core";
import { button } from "./button";
import {
  deviceChoice,
  hearButton,
  leaveButton,
  readiness,
  sourceToggles,
  toggle,
  whereabouts,
} from "./controls";
import { disclosure } from "./disclosure";
import { h, type NotebookUi } from "./dom";
import { createProgress, isRecording } from "./recording-button";
import { STRINGS } from "./strings";

/** The bar below the stage: where this tab stands on the left, what it can do, and the way out. `diagram` is its to open. */
export function createControls(ui: NotebookUi, diagram: Signal<boolean>): HTMLElement {
  const { doc, call } = ui;
  const { microphone, camera, screen } = sourceToggles(ui);
  const drawing = toggle(ui, {
    icons: ["diagram", "diagram"],
    label: STRINGS.diagram,
    on: diagram,
    blocked: computed(() => null),
    hint: STRINGS.showDiagram,
    set: (on) => {
      diagram.value = on;
    },
  });
  drawing.classList.add("rtcw-share");
  const recording = toggle(ui, {
    icons: ["record", "record"],
    label: STRINGS.record,
    on: isRecording(ui),
    blocked: readiness(ui),
    hint: STRINGS.turnRecording,
    set: (on) => call.record(on),
  });
  recording.classList.add("rtcw-share", "rtcw-record");

  const buttons = h(
    doc,
    "div",
    { class: "rtcw-buttons", role: "group", "aria-label": STRINGS.controls },
    microphone,
    camera,
    ...overflow(ui, screen, deviceChoice(ui), drawing, recording),
    leaveButton(ui),
  );
  return h(doc, "div", { class: "rtcw-bar" }, whereabouts(ui), createProgress(ui), hearButton(ui), buttons);
}

/** Buttons for which a narrow view has no room: there they are in a menu with their names, elsewhere in the bar. */
function overflow(ui: NotebookUi, ...buttons: HTMLElement[]): HTMLElement[] {
  const opener = button(ui, { className: "rtcw-more", icon: "connecting", label: STRINGS.more });
  opener.hint(STRINGS.more);
  const menu = h(ui.doc, "div", { class: "rtcw-menu" }, ...buttons);
  // The style shows it by the button's state, and in a wide view always.
  disclosure(ui, opener.element, menu, () => undefined);
  return [opener.element, menu];
}
