import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { ConnectionStats } from "../call/types";
import { disclosure } from "./disclosure";
import { h, type Ui } from "./dom";
import { icon } from "./icons";
import { remember, sparkline } from "./sparkline";
import { STRINGS } from "./strings";

const NAMES = Object.keys(STRINGS.statNames) as (keyof typeof STRINGS.statNames)[];

/** The stats of a connection, over its tile on demand; collected all the time, so that opening shows a minute. */
export function createStats(
  ui: Ui,
  label: ReadonlySignal<string>,
  stats: ReadonlySignal<ConnectionStats | null>,
): HTMLElement[] {
  const { doc, scope } = ui;
  const button = h(doc, "button", { type: "button", class: "rtcw-corner" }, icon(doc, "stats"));
  const panel = h(doc, "div", { class: "rtcw-stats" });
  const open = disclosure(ui, button, panel);
  scope.effect(() => {
    button.title = STRINGS.statsOf(label.value);
    button.setAttribute("aria-label", STRINGS.statsOf(label.value));
  });

  const minute = signal<readonly { at: number; stats: ConnectionStats }[]>([]);
  scope.effect(() => {
    const measured = stats.value;
    if (measured) minute.value = remember(minute.peek(), { at: performance.now() / 1000, stats: measured });
  });

  const lines = { bitrate: sparkline(doc), fps: sparkline(doc) };
  const values = new Map(NAMES.map((name) => [name, h(doc, "span")]));
  const rows = NAMES.map((name) => {
    const line = name === "bitrate" || name === "fps" ? [lines[name].element] : [];
    const value = h(doc, "dd", {}, ...line, values.get(name)!);
    return h(
      doc,
      "div",
      { title: STRINGS.statHints[name] },
      h(doc, "dt", {}, STRINGS.statNames[name]),
      value,
    );
  });
  const list = h(doc, "dl", {}, ...rows);
  scope.effect(() => {
    const [current, history] = [stats.value, minute.value];
    if (!open.value) return;
    if (!current) return panel.replaceChildren(STRINGS.measuring);
    // Put in only once: a hint would vanish under the pointer every second.
    if (!list.parentNode) panel.replaceChildren(list);
    for (const [name, value] of values) value.textContent = STRINGS.statValues[name](current);
    for (const name of ["bitrate", "fps"] as const) {
      const points = history.map(({ at, stats: past }) => ({ at, value: past[name] }));
      const all = points.map(({ value }) => value);
      const format = (value: number) => STRINGS.statValues[name]({ ...current, [name]: value });
      lines[name].show(points, STRINGS.lastMinute(format(Math.min(...all)), format(Math.max(...all))));
    }
  });
  return [button, panel];
}
