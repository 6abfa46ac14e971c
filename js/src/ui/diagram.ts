import type { ReadonlySignal } from "@preact/signals-core";
import type { Panel } from "../call/types";
import {
  DIAGRAM_CLASSES as CLASSES,
  DIAGRAM_DATA,
  DRAWN,
  EVERYBODY,
  REPLAY_CLASSES,
} from "../protocol/replay";
import { h, type ViewContext } from "./dom";
import { parse, showLive } from "./live-html";
import { PANEL_STRINGS } from "./trace-panel-strings";

/** What is drawn anew. The opened message is not: somebody may be reading it. Nor are filters, which somebody has set. */
const PARTS = [
  "style",
  ...[CLASSES.scroll, CLASSES.glossary, CLASSES.words, CLASSES.mermaid].map((name) => `.${name}`),
];

/** Nearer to the end than this counts as being there, in pixels. */
const AT_END = 24;

/**
 * The kernel's diagram, replaced under the person who looks at it: it follows what comes unless somebody has
 * scrolled up, and the message that is open or has the focus keeps it.
 */
export function createDiagram(
  { doc, root, scope }: ViewContext,
  html: ReadonlySignal<string | null>,
  panel: Pick<Panel, "overview" | "showEverybody">,
): HTMLElement {
  const host = h(doc, "div", { class: REPLAY_CLASSES.diagram });
  function tellWhatIsShown(): void {
    const chosen = host.querySelector<HTMLInputElement>(`.${CLASSES.pick}:checked`);
    panel.showEverybody(chosen?.value === EVERYBODY);
  }
  scope.effect(() => {
    const drawn = html.value;
    const page = host.querySelector<HTMLElement>(`.${CLASSES.page}`);
    if (drawn === null) host.replaceChildren(h(doc, "p", { class: "rtcw-pending" }, PANEL_STRINGS.drawing));
    else if (page) redraw(root, page, parse(doc, drawn));
    else draw(host, parse(doc, drawn));
    tellWhatIsShown();
  });
  scope.on(host, "change", tellWhatIsShown);
  scope.effect(() => {
    const drawn = panel.overview.value;
    const page = host.querySelector<HTMLElement>(`.${CLASSES.page}`);
    if (drawn !== null && page) redrawOverview(root, page, parse(doc, drawn));
  });
  return host;
}

function draw(host: HTMLElement, next: DocumentFragment): void {
  showLive(host, next);
  const scroll = host.querySelector(`.${CLASSES.scroll}`);
  if (scroll) scroll.scrollTop = scroll.scrollHeight;
}

/** The overview's figures have changed, and nothing else. */
function redrawOverview(root: HTMLElement, page: HTMLElement, next: DocumentFragment): void {
  const focusCell = keepCell(root, page);
  page.querySelector(`.${CLASSES.everybody}`)?.replaceChildren(...next.childNodes);
  page.dispatchEvent(new Event(DRAWN));
  focusCell();
}

/** Remember which connection of the overview has the focus; the returned function gives it back. */
function keepCell(root: HTMLElement, page: HTMLElement): () => void {
  const cells = () => [...page.querySelectorAll<HTMLElement>(`.${CLASSES.open}`)];
  const focused = cells().indexOf(activeIn(root) as HTMLElement);
  return () => {
    if (focused >= 0) (cells()[focused] ?? root).focus({ preventScroll: true });
  };
}

function activeIn(root: HTMLElement): Element | null | undefined {
  return (root.getRootNode() as Partial<DocumentOrShadowRoot>).activeElement;
}

function redraw(root: HTMLElement, page: HTMLElement, next: DocumentFragment): void {
  const active = activeIn(root);
  const focusCell = keepCell(root, page);
  const focus = page.contains(active ?? null) ? active?.closest<HTMLElement>(`.${CLASSES.message}`) : null;
  const scroll = page.querySelector(`.${CLASSES.scroll}`);
  const goBack = scroll && keepPlace(scroll);
  const folded = new Set(bandsIn(page).flatMap((band) => (band.open ? [] : [nameOf(band)])));
  const unfolded = messagesIn(page).filter((message) => message.hasAttribute("open"));
  redrawChoice(root, page, next);
  for (const part of PARTS) {
    // What is unfolded stays unfolded: only what is in it changes.
    page.querySelector(part)?.replaceChildren(...(next.querySelector(part)?.childNodes ?? []));
  }
  for (const message of unfolded) sameIn(page, message)?.setAttribute("open", "");
  for (const band of bandsIn(page)) band.open = !folded.has(nameOf(band));
  goBack?.();
  // Its script has to know what there is now before the focus makes it open something.
  page.dispatchEvent(new Event(DRAWN));
  focusCell();
  if (focus) sameIn(page, focus)?.querySelector("summary")?.focus({ preventScroll: true });
}

/** Somebody else has come, or nobody has: whose connection is chosen stays chosen. */
function redrawChoice(root: HTMLElement, page: HTMLElement, next: DocumentFragment): void {
  const [old, choice] = [page, next].map((one) => one.querySelector(`.${CLASSES.choice}`));
  const before = chosen(old ?? null);
  const focused = old?.contains(activeIn(root) ?? null);
  if (old && choice) old.replaceWith(choice);
  else if (choice) page.querySelector("form > *")?.prepend(choice);
  else old?.remove();
  for (const pick of choice?.querySelectorAll<HTMLInputElement>(`.${CLASSES.pick}`) ?? []) {
    if (labelOf(pick) === before) pick.checked = true;
  }
  // Nothing else may take the keyboard: a letter that reaches the notebook deletes cells.
  if (focused) (choice?.querySelector<HTMLElement>(":checked") ?? root).focus({ preventScroll: true });
}

function chosen(choice: Element | null): string | undefined {
  const pick = choice?.querySelector(":checked");
  return pick ? labelOf(pick) : undefined;
}

function labelOf(pick: Element): string {
  return pick.closest("label")?.textContent ?? "";
}

function bandsIn(element: Element): HTMLDetailsElement[] {
  return [...element.querySelectorAll<HTMLDetailsElement>(`.${CLASSES.band}`)];
}

/** A band's connection and its words; the numbers change when old bands go. */
function nameOf(band: HTMLDetailsElement): string {
  const pair = band.closest<HTMLElement>(`.${CLASSES.pair}`)?.dataset[DIAGRAM_DATA.pair];
  return `${pair} ${band.querySelector("summary")?.textContent}`;
}

/** Remember what the person sees; the returned function shows it again, or the end if that was seen. */
function keepPlace(scroll: Element): () => void {
  const { scrollTop, clientHeight, scrollHeight } = scroll;
  const atEnd = scrollTop + clientHeight >= scrollHeight - AT_END;
  const edge = scroll.getBoundingClientRect().top;
  const seen = messagesIn(scroll).find((message) => message.getBoundingClientRect().bottom > edge);
  const before = seen?.getBoundingClientRect().top ?? 0;
  return () => {
    // Old messages go at the top while new ones come below, so heights alone say nothing.
    const now = seen && sameIn(scroll, seen);
    const moved = now ? now.getBoundingClientRect().top - before : 0;
    scroll.scrollTop = atEnd ? scroll.scrollHeight : scroll.scrollTop + moved;
  };
}

function messagesIn(element: Element): HTMLElement[] {
  return [...element.querySelectorAll<HTMLElement>(`.${CLASSES.message}`)];
}

/** An arrow's messages: candidates may be held one by one, and be gathered into one arrow when they go on. */
function keysOf(message: HTMLElement): string[] {
  return message.dataset[DIAGRAM_DATA.key]?.split(" ") ?? [];
}

/** The arrow that has become of one that was drawn before. */
function sameIn(element: Element, before: HTMLElement): HTMLElement | undefined {
  const [key = ""] = keysOf(before);
  return messagesIn(element).find((message) => keysOf(message).includes(key));
}
