import { type Signal, signal } from "@preact/signals-core";
import type { ViewContext } from "./dom";

/**
 * Let `button` show and hide `panel`: by click, and closed by Escape from within either of them.
 *
 * @param hide - hides the panel, or shows it; without it by its attribute
 * @returns whether the panel is open; whoever has a reason to may close it.
 */
export function disclosure(
  ui: ViewContext,
  button: HTMLElement,
  panel: HTMLElement,
  hide: (hidden: boolean) => void = (hidden) => {
    panel.hidden = hidden;
  },
): Signal<boolean> {
  const open = signal(false);
  const { scope } = ui;
  scope.on(button, "click", () => {
    if (button.getAttribute("aria-disabled") !== "true") open.value = !open.value;
  });
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open.value) return;
    // What it is in stays open.
    event.stopPropagation();
    open.value = false;
    button.focus();
  };
  scope.on(button, "keydown", onKey);
  scope.on(panel, "keydown", onKey);
  scope.effect(() => {
    hide(!open.value);
    button.setAttribute("aria-expanded", String(open.value));
  });
  return open;
}
