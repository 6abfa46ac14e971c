/** A mark for each state, on a 20 by 20 grid, told apart by shape and not by colour alone. */
import type { Finding } from "./finding";

const RING = "M2.5 10a7.5 7.5 0 1 0 15 0a7.5 7.5 0 1 0-15 0";
const PATHS: Record<Finding["state"], string> = {
  good: `${RING}M6.5 10.3l2.4 2.4 4.6-5.2`,
  warning: "M10 3.2l7.3 13.3H2.7zM10 8.5v3.7M10 14.3v.1",
  problem: `${RING}M7.3 7.3l5.4 5.4M12.7 7.3l-5.4 5.4`,
  "not checked": `${RING}M6.8 10h6.4`,
  checking: "M10 2.5a7.5 7.5 0 1 1-7.5 7.5",
};

const SVG = "http://www.w3.org/2000/svg";

/** A mark, hidden from screen readers: the word is beside it. */
export function mark(doc: Document, state: Finding["state"]): SVGSVGElement {
  const svg = doc.createElementNS(SVG, "svg");
  for (const [name, value] of Object.entries({
    viewBox: "0 0 20 20",
    "aria-hidden": "true",
    class: "rtcw-doctor-mark",
  })) {
    svg.setAttribute(name, value);
  }
  svg.append(doc.createElementNS(SVG, "path"));
  setMark(svg, state);
  return svg;
}

export function setMark(svg: SVGSVGElement, state: Finding["state"]): void {
  svg.firstElementChild?.setAttribute("d", PATHS[state]);
}
