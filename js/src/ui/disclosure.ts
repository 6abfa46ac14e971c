import { type Signal, signal } from "@preact/signals-core";
import type { ViewContext } from "./dom";

/**
 * Let `button` show and hide `panel`: by click, and closed by Escape from within either of them.
 *
 * @returns whether the panel is open; whoever has a reason to may close it.
 */
export function disclosure(ui: ViewContext, button: HTMLElement, panel: HTMLElement): Signal<boolean> {
  const open = signal(false);
  const { scope } = ui;
  scope.on(button, "click", () => {
    if (button.getAttribute("aria-disabled") !== "true") open.value = !open.value;
  });
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open.value) return;
    open.value = false;
    button.focus();
  };
  scope.on(button, "keydown", onKey);
  scope.on(panel, "keydown", onKey);
  scope.effect(() => {
    panel.hidden = !open.value;
    button.setAttribute("aria-expanded", String(open.value));
  });
  return open;
}
