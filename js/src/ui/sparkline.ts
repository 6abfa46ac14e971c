import { h } from "./dom";

/** How far back a line goes, in seconds. */
export const SPAN = 60;

/** Figures come once a second; a longer silence is a hole in the line. */
const HOLE = 5;
const WIDTH = 60;
const HEIGHT = 14;
const SVG = "http://www.w3.org/2000/svg";

/** One measurement: when, in seconds, and what. */
export type Point = { at: number; value: number };

/** Add a measurement and forget what is older than a line is long. */
export function remember<T extends { at: number }>(known: readonly T[], newest: T): readonly T[] {
  return [...known.filter(({ at }) => at > newest.at - SPAN), newest];
}

/** The line as SVG path data: the newest at the right edge, zero at the bottom. */
export function pathOf(points: readonly Point[]): string {
  const end = points.at(-1)?.at ?? 0;
  const top = Math.max(...points.map(({ value }) => value), 1e-9);
  let before = Number.NEGATIVE_INFINITY;
  return points
    .map(({ at, value }) => {
      const x = WIDTH - 1 - ((end - at) / SPAN) * (WIDTH - 2);
      const y = HEIGHT - 1 - (value / top) * (HEIGHT - 2);
      const move = at - before > HOLE;
      before = at;
      // A lone point would be invisible without a line to itself.
      return `${move ? "M" : "L"}${x.toFixed(1)} ${y.toFixed(1)}${move ? "h0" : ""}`;
    })
    .join("");
}

/** A line without axes, as small as a word. `label` is what it shows, for those who do not see it. */
export function sparkline(doc: Document): {
  element: HTMLElement;
  show(points: readonly Point[], label: string): void;
} {
  const svg = doc.createElementNS(SVG, "svg");
  const path = doc.createElementNS(SVG, "path");
  svg.setAttribute("viewBox", `0 0 ${WIDTH} ${HEIGHT}`);
  svg.setAttribute("aria-hidden", "true");
  svg.append(path);
  const element = h(doc, "span", { class: "rtcw-spark", role: "img" });
  element.append(svg);
  return {
    element,
    show(points, label) {
      path.setAttribute("d", pathOf(points));
      element.setAttribute("aria-label", label);
    },
  };
}
