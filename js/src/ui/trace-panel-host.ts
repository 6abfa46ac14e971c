import type { ReadonlySignal } from "@preact/signals-core";
import { h, keepFocus, type Ui } from "./dom";
import { TEXT } from "./strings";

/** Where the trace panel is shown while `open`: below the call. It is loaded when it is opened for the first time. */
export function createPanelHost(
  { doc, call, scope, root, say }: Ui,
  open: ReadonlySignal<boolean>,
): HTMLElement {
  const loading = h(doc, "p", { class: "rtcw-pending" }, TEXT.loadingDiagram);
  const body = h(doc, "div");
  const element = h(
    doc,
    "section",
    { class: "rtcw-diagram-panel", "aria-label": TEXT.diagram },
    body,
    loading,
  );
  let close: (() => void) | undefined;
  scope.effect(() => {
    const isOpen = open.value;
    keepFocus(root, () => {
      close?.();
      close = isOpen ? call.showTracePanel(body, { root, say }) : undefined;
      element.hidden = !isOpen;
    });
  });
  scope.add(() => close?.());
  return element;
}
