import { signal } from "@preact/signals-core";
import { DIAGRAM_CLASSES as CLASSES, DIAGRAM_DATA } from "../protocol/replay";
import type { Scope } from "../ui/scope";
import type { Player } from "./player";
import { indexAt } from "./timeline";

/** Where the present stands in the part that is seen. */
const PRESENT = 0.6;
/** Whoever has scrolled is left alone for so long. */
const ALONE_MS = 4000;

/** The diagram, with the present as a line: below it nothing has happened yet. */
export function followDiagram(host: HTMLElement, scope: Scope, player: Player): void {
  const scroll = host.querySelector<HTMLElement>(`.${CLASSES.scroll}`);
  if (!scroll) return;
  const messages = [...scroll.querySelectorAll<HTMLElement>(`.${CLASSES.message}`)].sort(
    (a, b) => at(a) - at(b),
  );
  const start = player.recording.data.diagram;
  player.messages = messages.map((message) => start + at(message));
  listen(scroll, scope, (message) => player.goTo(messages.indexOf(message)));
  scope.effect(() => {
    const message = messages[player.open.value ?? -1];
    if (!message) return;
    choose(host, message.closest<HTMLElement>(`.${CLASSES.pair}`)?.dataset[DIAGRAM_DATA.pair]);
    // The diagram's own script opens what is clicked; `listen` knows that nobody clicked.
    message.dispatchEvent(new CustomEvent("click", { bubbles: true, cancelable: true }));
  });

  let touched = Number.NEGATIVE_INFINITY;
  for (const type of ["wheel", "touchmove", "pointerdown", "keydown"] as const) {
    scope.on(scroll, type, () => {
      touched = performance.now();
    });
  }
  const pairs = [...scroll.querySelectorAll<HTMLElement>(`.${CLASSES.pair}`)].map(present);
  // Filters, folds and widths move everything.
  const moved = signal(0);
  const observer = new ResizeObserver(() => {
    moved.value++;
  });
  for (const pair of scroll.querySelectorAll(`.${CLASSES.pair}`)) observer.observe(pair);
  scope.add(() => observer.disconnect());
  scope.effect(() => {
    moved.value;
    const open = messages[player.open.value ?? -1];
    for (const show of pairs) {
      const y = show(player.time.value - start, open);
      if (y === null || (performance.now() - touched < ALONE_MS && !open)) continue;
      const names = scroll.querySelector(`.${CLASSES.names}`)?.clientHeight ?? 0;
      scroll.scrollTop = y - names - (scroll.clientHeight - names) * PRESENT;
    }
  });
}

function at(element: HTMLElement): number {
  return Number(element.dataset[DIAGRAM_DATA.at]);
}

/** Show the connection of a message. */
function choose(host: HTMLElement, pair: string | undefined): void {
  for (const pick of host.querySelectorAll<HTMLInputElement | HTMLSelectElement>(`.${CLASSES.pick}`)) {
    if ("checked" in pick) pick.checked = pick.value === pair;
    else if (pair !== undefined) pick.value = pair;
  }
}

/**
 * Draw the present into a connection.
 *
 * @returns moves it to a time, and returns how far down that is; null where nothing has changed, or nothing is seen
 */
function present(pair: HTMLElement): (time: number, open: HTMLElement | undefined) => number | null {
  const drawn = [...pair.querySelectorAll<HTMLElement>(`[data-${DIAGRAM_DATA.at}]`)].sort(
    (a, b) => at(a) - at(b),
  );
  const times = drawn.map(at);
  const [later, line] = ["rtcr-later", "rtcr-present"].map((name) => {
    const element = pair.ownerDocument.createElement("div");
    element.className = name;
    pair.append(element);
    return element;
  });
  let before = "";
  return (time, open) => {
    const { top, height } = pair.getBoundingClientRect();
    if (height === 0) return null;
    const bottom = (element: HTMLElement | undefined) => {
      const box = element?.getClientRects()[0];
      return box ? box.bottom - top : 0;
    };
    let index = indexAt(times, time);
    // What is folded or filtered away has no place.
    while (index >= 0 && drawn[index]!.getClientRects().length === 0) index--;
    const names = pair.querySelector(`.${CLASSES.names}`)?.clientHeight ?? 0;
    const now = Math.max(names, bottom(drawn[index]));
    // A message that is open can be read, though it has only been sent.
    const end = pair.contains(open ?? null) ? Math.max(now, bottom(open)) : now;
    if (`${now} ${end} ${height}` === before) return null;
    before = `${now} ${end} ${height}`;
    later!.style.top = `${end}px`;
    line!.style.top = `${now}px`;
    return now;
  };
}

function listen(scroll: HTMLElement, scope: Scope, goTo: (message: HTMLElement) => void): void {
  const go = (event: Event) => {
    const message = (event.target as Element).closest<HTMLElement>(`.${CLASSES.message}`);
    if (message && !(event instanceof CustomEvent)) goTo(message);
  };
  scope.on(scroll, "click", go);
  scope.on(scroll, "keydown", (event) => {
    if (event.key === "Enter" || event.key === " ") go(event);
  });
}
