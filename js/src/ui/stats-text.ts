import { type ReadonlySignal, signal } from "@preact/signals-core";
import type { ConnectionStats } from "../call/types";
import { disclosure } from "./disclosure";
import { h, type Ui } from "./dom";
import { icon } from "./icons";
import { remember, sparkline } from "./sparkline";
import { TEXT } from "./strings";

const FIGURES = Object.keys(TEXT.figures) as (keyof typeof TEXT.figures)[];

/** The figures of a connection, over its tile on demand; gathered all the time, so that opening shows a minute. */
export function createFigures(
  ui: Ui,
  label: ReadonlySignal<string>,
  stats: ReadonlySignal<ConnectionStats | null>,
): HTMLElement[] {
  const { doc, scope } = ui;
  const button = h(doc, "button", { type: "button", class: "rtcw-corner" }, icon(doc, "stats"));
  const panel = h(doc, "div", { class: "rtcw-stats" });
  const open = disclosure(ui, button, panel);
  scope.effect(() => {
    button.title = TEXT.stats(label.value);
    button.setAttribute("aria-label", TEXT.stats(label.value));
  });

  const minute = signal<readonly { at: number; figures: ConnectionStats }[]>([]);
  scope.effect(() => {
    const figures = stats.value;
    if (figures) minute.value = remember(minute.peek(), { at: performance.now() / 1000, figures });
  });

  const lines = { bitrate: sparkline(doc), fps: sparkline(doc) };
  const values = new Map(FIGURES.map((name) => [name, h(doc, "span")]));
  const rows = FIGURES.map((name) => {
    const line = name === "bitrate" || name === "fps" ? [lines[name].element] : [];
    const value = h(doc, "dd", {}, ...line, values.get(name)!);
    return h(doc, "div", { title: TEXT.figureHint[name] }, h(doc, "dt", {}, TEXT.figures[name]), value);
  });
  const list = h(doc, "dl", {}, ...rows);
  scope.effect(() => {
    const [figures, seen] = [stats.value, minute.value];
    if (!open.value) return;
    if (!figures) return panel.replaceChildren(TEXT.measuring);
    // Put in only once: a hint would vanish under the pointer every second.
    if (!list.parentNode) panel.replaceChildren(list);
    for (const [name, value] of values) value.textContent = TEXT.figure[name](figures);
    for (const name of ["bitrate", "fps"] as const) {
      const points = seen.map(({ at, figures: then }) => ({ at, value: then[name] }));
      const all = points.map(({ value }) => value);
      const say = (value: number) => TEXT.figure[name]({ ...figures, [name]: value });
      lines[name].show(points, TEXT.lastMinute(say(Math.min(...all)), say(Math.max(...all))));
    }
  });
  return [button, panel];
}
