import { DIAGRAM_CLASSES as CLASSES, DIAGRAM_DATA } from "../protocol/replay";
import type { Scope } from "../ui/scope";
import type { Player } from "./player";
import { heightAt } from "./timeline";

const SVG = "http://www.w3.org/2000/svg";
/** The drawing's least scale, as in a call. */
const SMALLEST = 0.8;
/** Where the present stands in the part that is seen. */
const PRESENT = 0.6;
/** Whoever has scrolled is left alone for so long. */
const ALONE_MS = 4000;

/** The diagram, with the present as a line: below it nothing has happened yet. */
export function followDiagram(host: HTMLElement, scope: Scope, player: Player): void {
  const scroll = host.querySelector<HTMLElement>(`.${CLASSES.scroll}`);
  const drawing = scroll?.querySelector<SVGSVGElement>(":scope > svg");
  if (!scroll || !drawing) return;
  for (const svg of scroll.querySelectorAll("svg")) {
    svg.style.minWidth = `${SMALLEST * Number(svg.getAttribute("width"))}px`;
  }
  const messages = [...drawing.querySelectorAll<SVGElement>(`.${CLASSES.message}`)].sort(
    (a, b) => at(a) - at(b),
  );
  const start = player.recording.data.diagram;
  player.messages = messages.map((message) => start + at(message));
  listen(scroll, scope, (message) => player.goTo(messages.indexOf(message)));
  scope.effect(() => {
    const open = player.open.value;
    // The diagram's own script opens what is clicked; `listen` knows that nobody clicked.
    if (open !== null) messages[open]?.dispatchEvent(new CustomEvent("click", { bubbles: true }));
  });

  const rows = (drawing.dataset[DIAGRAM_DATA.rows] ?? "").split(" ").map((row) => row.split(",").map(Number));
  const times = rows.map(([time]) => time!);
  const heights = rows.map(([, y]) => y!);
  const { x, y: top, width, height } = drawing.viewBox.baseVal;
  const later = shape(drawing, "rect", { class: "rtcr-later", x: `${x}`, width: `${width}` });
  const line = shape(drawing, "path", { class: "rtcr-present" });
  drawing.append(later, line);

  let touched = Number.NEGATIVE_INFINITY;
  for (const type of ["wheel", "touchmove", "pointerdown", "keydown"] as const) {
    scope.on(scroll, type, () => {
      touched = performance.now();
    });
  }
  const centre = () => {
    // The messages are in the middle, what they made happen beside them.
    scroll.scrollLeft = (scroll.scrollWidth - scroll.clientWidth) / 2;
  };
  requestAnimationFrame(centre);
  let before = "";
  scope.effect(() => {
    const y = Math.round(heightAt(times, heights, player.time.value - start));
    const open = messages[player.open.value ?? -1] as SVGGElement | undefined;
    // A message that is open can be read, though it has only been sent.
    const box = open?.getBBox();
    const bottom = box ? Math.max(y, box.y + box.height) : y;
    if (`${y} ${bottom}` === before) return;
    before = `${y} ${bottom}`;
    later.setAttribute("y", `${bottom}`);
    later.setAttribute("height", `${Math.max(0, top + height - bottom)}`);
    line.setAttribute("d", `M${x} ${y}h${width}`);
    if (performance.now() - touched < ALONE_MS && !open) return;
    const scale = drawing.getBoundingClientRect().height / height || 1;
    const names = scroll.querySelector(`.${CLASSES.names}`)?.clientHeight ?? 0;
    scroll.scrollTop = (y - top) * scale - (scroll.clientHeight - names) * PRESENT;
  });
}

function at(message: SVGElement): number {
  return Number(message.dataset[DIAGRAM_DATA.at]);
}

function listen(scroll: HTMLElement, scope: Scope, goTo: (message: SVGElement) => void): void {
  const go = (event: Event) => {
    const message = (event.target as Element).closest<SVGElement>(`.${CLASSES.message}`);
    if (message && !(event instanceof CustomEvent)) goTo(message);
  };
  scope.on(scroll, "click", go);
  scope.on(scroll, "keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") go(event);
  });
}

function shape(near: Element, tag: string, attributes: Readonly<Record<string, string>>): Element {
  const element = near.ownerDocument.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
