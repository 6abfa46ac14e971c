import type { Notice, ReadonlySignal } from "../call/types";
import { button } from "./button";
import { h, keepFocus, type ViewContext } from "./dom";
import { type IconName, icon } from "./icons";
import { type Item, KeyedList } from "./list";
import { Scope } from "./scope";

const ICONS: Record<Notice["level"], IconName> = { info: "info", warning: "warning", error: "error" };

/** What the person should know, each with a button where one can help. */
export function createNotices(ui: ViewContext, notices: ReadonlySignal<readonly Notice[]>): HTMLElement {
  const { doc, scope, root } = ui;
  const element = h(doc, "div", { class: "rtcw-notices" });
  const list = new KeyedList<Notice>(element, (notice) => createNotice(ui, notice, notices), keyOf);
  scope.add(() => list.dispose());
  scope.effect(() => {
    const now = notices.value;
    keepFocus(root, () => list.update(now));
  });
  return element;
}

/** A notice that says the same is the same: it keeps its element and is not read out twice. */
function keyOf({ code, level, title, text, actions }: Notice): string {
  return JSON.stringify([code, level, title, text, actions?.map(({ label }) => label)]);
}

function createNotice(ui: ViewContext, notice: Notice, notices: ReadonlySignal<readonly Notice[]>): Item {
  const { doc } = ui;
  const scope = new Scope();
  const element = h(
    doc,
    "div",
    { class: "rtcw-notice", "data-level": notice.level },
    icon(doc, ICONS[notice.level]),
    h(
      doc,
      "div",
      { class: "rtcw-notice-text" },
      h(doc, "strong", {}, notice.title),
      h(doc, "span", {}, notice.text),
    ),
  );
  if (notice.level === "error") element.setAttribute("role", "alert");
  else ui.announce(`${notice.title}. ${notice.text}`);
  if (notice.actions?.length && notice.level !== "error") {
    // Several may have the same buttons, as those of people who wait do.
    element.setAttribute("role", "group");
    element.setAttribute("aria-label", notice.title);
  }
  const key = keyOf(notice);
  for (const [index, { label, href }] of (notice.actions ?? []).entries()) {
    if (href) {
      const link = { class: "rtcw-button rtcw-action", href, target: "_blank", rel: "noreferrer" };
      element.append(h(doc, "a", link, label));
      continue;
    }
    const { element: act } = button(
      { ...ui, scope },
      {
        className: "rtcw-action",
        label,
        // The newest notice of this kind has the newest action.
        press: () =>
          notices
            .peek()
            .find((current) => keyOf(current) === key)
            ?.actions?.[index]?.run?.(),
      },
    );
    element.append(act);
  }
  return { element, dispose: () => scope.dispose() };
}
