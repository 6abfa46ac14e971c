import type { ReadonlySignal } from "@preact/signals-core";
import { DIAGRAM_CLASSES as CLASSES, DIAGRAM_DATA, DRAWN, REPLAY_CLASSES } from "../protocol/replay";
import { h, type ViewContext } from "./dom";
import { PANEL_STRINGS } from "./trace-panel-strings";

/** What is drawn anew. The opened message is not: somebody may be reading it. */
const PARTS = [`.${CLASSES.names} > svg`, `.${CLASSES.scroll} > svg`, `.${CLASSES.all}`, `.${CLASSES.words}`];

/** The drawing's least scale. */
const SMALLEST = 0.8;

/** Nearer to the end than this counts as being there, in pixels. */
const AT_END = 24;

/**
 * The kernel's diagram, replaced under the person who looks at it: it follows what comes unless somebody has
 * scrolled up, and the message that is open or has the focus keeps it.
 */
export function createDiagram(
  { doc, root, scope }: ViewContext,
  html: ReadonlySignal<string | null>,
): HTMLElement {
  const host = h(doc, "div", { class: REPLAY_CLASSES.diagram });
  scope.effect(() => {
    const drawn = html.value;
    const page = host.querySelector<HTMLElement>(`.${CLASSES.page}`);
    if (drawn === null) host.replaceChildren(h(doc, "p", { class: "rtcw-pending" }, PANEL_STRINGS.drawing));
    else if (page) redraw(root, page, parse(doc, drawn));
    else draw(host, parse(doc, drawn));
  });
  return host;
}

function parse(doc: Document, html: string): DocumentFragment {
  const template = doc.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function draw(host: HTMLElement, next: DocumentFragment): void {
  host.replaceChildren(next);
  for (const parsed of host.querySelectorAll("script")) {
    // A parsed script never runs; one that was made does.
    const script = host.ownerDocument.createElement("script");
    script.textContent = parsed.textContent;
    parsed.replaceWith(script);
  }
  fit(host);
  const scroll = host.querySelector(`.${CLASSES.scroll}`);
  if (!scroll) return;
  scroll.scrollTop = scroll.scrollHeight;
  // The messages are in the middle, what they made happen beside them.
  scroll.scrollLeft = (scroll.scrollWidth - scroll.clientWidth) / 2;
}

function redraw(root: HTMLElement, page: HTMLElement, next: DocumentFragment): void {
  const active = (root.getRootNode() as Partial<DocumentOrShadowRoot>).activeElement;
  const focus = page.contains(active ?? null) ? active?.closest<SVGElement>(`.${CLASSES.message}`) : null;
  const scroll = page.querySelector(`.${CLASSES.scroll}`);
  const goBack = scroll && keepPlace(scroll);
  for (const part of PARTS) {
    const [old, drawn] = [page.querySelector(part), next.querySelector(part)];
    // What is unfolded stays unfolded: only what is in it changes.
    if (old instanceof HTMLElement) old.replaceChildren(...(drawn?.childNodes ?? []));
    else if (drawn) old?.replaceWith(drawn);
  }
  fit(page);
  goBack?.();
  // Its script has to know what there is now before the focus makes it open something.
  page.dispatchEvent(new Event(DRAWN));
  if (focus) sameIn(page, focus)?.focus({ preventScroll: true });
}

/** Let the drawing shrink to the width there is, as far as its words can still be read; from there on it scrolls. */
function fit(element: Element): void {
  for (const svg of element.querySelectorAll<SVGElement>(`.${CLASSES.scroll} svg`)) {
    svg.style.minWidth = `${SMALLEST * Number(svg.getAttribute("width"))}px`;
  }
}

/** Remember what the person sees; the returned function shows it again, or the end if that was seen. */
function keepPlace(scroll: Element): () => void {
  const { scrollTop, scrollLeft, clientWidth, clientHeight, scrollWidth, scrollHeight } = scroll;
  const middle = (scrollLeft + clientWidth / 2) / (scrollWidth || 1);
  const atEnd = scrollTop + clientHeight >= scrollHeight - AT_END;
  const edge = scroll.getBoundingClientRect().top;
  const seen = messagesIn(scroll).find((message) => message.getBoundingClientRect().bottom > edge);
  const before = seen?.getBoundingClientRect().top ?? 0;
  return () => {
    // Old messages go at the top while new ones come below, so heights alone say nothing.
    const now = seen && sameIn(scroll, seen);
    const moved = now ? now.getBoundingClientRect().top - before : 0;
    scroll.scrollTop = atEnd ? scroll.scrollHeight : scroll.scrollTop + moved;
    scroll.scrollLeft = middle * scroll.scrollWidth - clientWidth / 2;
  };
}

function messagesIn(element: Element): SVGElement[] {
  return [...element.querySelectorAll<SVGElement>(`.${CLASSES.message}`)];
}

/** An arrow's messages: candidates may be held one by one, and be gathered into one arrow when they go on. */
function keysOf(message: SVGElement): string[] {
  return message.dataset[DIAGRAM_DATA.key]?.split(" ") ?? [];
}

/** The arrow that has become of one that was drawn before. */
function sameIn(element: Element, before: SVGElement): SVGElement | undefined {
  const [key = ""] = keysOf(before);
  return messagesIn(element).find((message) => keysOf(message).includes(key));
}
