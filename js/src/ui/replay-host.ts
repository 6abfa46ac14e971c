import { button } from "./button";
import { h, keepFocus, type NotebookUi } from "./dom";
import { parse, showLive } from "./live-html";
import { STRINGS } from "./strings";

/** Where a recording is played that has just been made: below the call. */
export function createReplayHost(ui: NotebookUi): HTMLElement {
  const { doc, call, scope, root } = ui;
  const body = h(doc, "div");
  const close = button(ui, {
    className: "rtcw-close",
    label: STRINGS.closeReplay,
    press: () => call.closeReplay(),
  });
  const element = h(
    doc,
    "section",
    { class: "rtcw-below", "aria-label": STRINGS.replay },
    close.element,
    body,
  );
  scope.effect(() => {
    const html = call.replay.value;
    keepFocus(root, () => {
      element.hidden = html === null;
      showLive(body, parse(doc, html ?? ""));
    });
    if (html === null) return;
    element.scrollIntoView({ block: "nearest" });
    ui.announce(STRINGS.replayShown);
  });
  return element;
}
