import { computed, type ReadonlySignal } from "@preact/signals-core";
import { h, type NotebookUi } from "./dom";
import { icon } from "./icons";
import { STRINGS } from "./strings";

/** How the recording that this widget makes goes on: its time and size. */
export function createProgress({ doc, call, scope }: NotebookUi): HTMLElement {
  const text = h(doc, "span");
  const element = h(doc, "span", { class: "rtcw-recording" }, icon(doc, "record"), text);
  scope.effect(() => {
    const own = call.recording.value;
    element.hidden = own === null;
    element.title = STRINGS.recordingHint;
    text.textContent = own?.text ?? "";
    element.dataset.full = String(own?.full ?? false);
  });
  return element;
}

export function isRecording({ call }: NotebookUi): ReadonlySignal<boolean> {
  return computed(() => call.recording.value !== null);
}
