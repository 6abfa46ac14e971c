import type { ReadonlySignal } from "@preact/signals-core";
import { h, keepFocus, type NotebookUi } from "./dom";
import { STRINGS } from "./strings";

/** Where the trace panel is shown while `open`: below the call. It is loaded when it is opened for the first time. */
export function createPanelHost(
  { doc, call, scope, root, announce }: NotebookUi,
  open: ReadonlySignal<boolean>,
): HTMLElement {
  const loading = h(doc, "p", { class: "rtcw-pending" }, STRINGS.loadingDiagram);
  const body = h(doc, "div");
  const element = h(doc, "section", { class: "rtcw-below", "aria-label": STRINGS.diagram }, body, loading);
  let close: (() => void) | undefined;
  scope.effect(() => {
    const isOpen = open.value;
    keepFocus(root, () => {
      close?.();
      close = isOpen ? call.showTracePanel(body, { root, announce }) : undefined;
      element.hidden = !isOpen;
    });
  });
  scope.add(() => close?.());
  return element;
}
