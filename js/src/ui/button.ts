import { h, type ViewContext } from "./dom";
import { type IconName, icon, setIcon } from "./icons";

/** A real button with an optional icon and a label. */
export type Button = {
  readonly element: HTMLButtonElement;
  /** The text on it, which are also its name. */
  label(text: string): void;
  icon(name: IconName): void;
  /** What a click would do, or why it does nothing. */
  hint(text: string): void;
  /**
   * Whether it answers. A button that does not stays focusable: its hint says why, and the keyboard's
   * focus does not fall out of the view in the middle of a call.
   */
  enable(on: boolean): void;
};

type Options = { className: string; icon?: IconName; label?: string; press?: () => void };

/** Build a button. Without `press` somebody else listens for the click. */
export function button(
  { doc, scope }: ViewContext,
  { className, icon: name, label, press }: Options,
): Button {
  const labelText = h(doc, "span", { class: "rtcw-label" }, label ?? "");
  const element = h(doc, "button", { type: "button", class: `rtcw-button ${className}` });
  const svg = name ? icon(doc, name) : null;
  element.append(...(svg ? [svg] : []), labelText);
  if (press) {
    scope.on(element, "click", () => {
      if (element.getAttribute("aria-disabled") !== "true") press();
    });
  }
  return {
    element,
    label(text) {
      labelText.textContent = text;
    },
    icon(next) {
      if (svg) setIcon(svg, next);
    },
    hint(text) {
      element.title = text;
    },
    enable(on) {
      if (on) element.removeAttribute("aria-disabled");
      else element.setAttribute("aria-disabled", "true");
    },
  };
}
