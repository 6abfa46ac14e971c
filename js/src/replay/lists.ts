import { computed } from "@preact/signals-core";
import { h } from "../ui/dom";
import type { Scope } from "../ui/scope";
import type { Player } from "./player";
import { clock, REPLAY_STRINGS } from "./strings";
import { indexAt } from "./timeline";

/**
 * The chapters: where one can go, and which one it is.
 *
 * @param isPage - the page is the replay's own: each chapter has an address in it that can be passed on
 */
export function createChapters(
  doc: Document,
  scope: Scope,
  player: Player,
  isPage: boolean,
): HTMLElement | null {
  const { chapters } = player.recording.data;
  if (chapters.length === 0) return null;
  // Several of one second are told apart.
  const clocks = chapters.map(({ time }) => clock(time));
  const digits = new Set(clocks).size < clocks.length ? 1 : 0;
  const links = chapters.map(({ time, title, kind }) => {
    const link: HTMLElement = isPage
      ? h(doc, "a", { href: `#t=${time}` })
      : h(doc, "button", { type: "button" });
    link.className = "rtcr-chapter";
    link.dataset.kind = kind;
    link.append(h(doc, "span", { class: "rtcr-when" }, clock(time, digits)), h(doc, "span", {}, title));
    // Also where the address says that already.
    scope.on(link, "click", () => player.seek(time));
    return link;
  });
  const times = chapters.map(({ time }) => time);
  const current = computed(() => indexAt(times, player.time.value));
  scope.effect(() => {
    for (const [index, link] of links.entries()) {
      if (index === current.value) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
    keepInSight(links[current.value]);
  });
  const list = h(doc, "ol", { class: "rtcr-entries" }, ...links.map((link) => h(doc, "li", {}, link)));
  const loop = h(doc, "button", { type: "button", class: "rtcw-button rtcr-loop" }, REPLAY_STRINGS.loop);
  scope.on(loop, "click", () => {
    player.loop.value = !player.loop.peek();
  });
  scope.effect(() => loop.setAttribute("aria-pressed", String(player.loop.value)));
  return section(doc, REPLAY_STRINGS.chapters, loop, list);
}

/** The data channel messages so far. */
export function createChat(doc: Document, scope: Scope, player: Player): HTMLElement | null {
  const { said: messages } = player.recording.data;
  if (messages.length === 0) return null;
  const { recording } = player;
  const items = messages.map(({ time, from, to, text }) => {
    const to_ =
      to === null ? [] : [h(doc, "span", { class: "rtcr-when" }, REPLAY_STRINGS.to(recording.nameOf(to)))];
    const head = [h(doc, "strong", {}, recording.nameOf(from)), ...to_];
    return h(
      doc,
      "li",
      { class: "rtcr-said" },
      h(doc, "div", {}, ...head, h(doc, "span", { class: "rtcr-when" }, clock(time))),
      h(doc, "div", { class: "rtcr-text" }, text),
    );
  });
  const list = h(doc, "ol", { class: "rtcr-entries", tabindex: "0", "aria-label": REPLAY_STRINGS.chat });
  const whole = section(doc, REPLAY_STRINGS.chat, list);
  const times = messages.map(({ time }) => time);
  const count = computed(() => indexAt(times, player.time.value) + 1);
  scope.effect(() => {
    const now = count.value;
    while (list.childElementCount > now) list.lastElementChild?.remove();
    list.append(...items.slice(list.childElementCount, now));
    whole.hidden = now === 0;
    list.scrollTop = list.scrollHeight;
  });
  return whole;
}

function section(doc: Document, title: string, ...children: Node[]): HTMLElement {
  return h(doc, "section", { "aria-label": title }, h(doc, "h3", {}, title), ...children);
}

/** Scroll the list, and never the page around it. */
function keepInSight(element: HTMLElement | undefined): void {
  const list = element?.closest<HTMLElement>(".rtcr-entries");
  if (!element || !list) return;
  const [inner, outer] = [element.getBoundingClientRect(), list.getBoundingClientRect()];
  if (inner.top < outer.top) list.scrollTop += inner.top - outer.top;
  else if (inner.bottom > outer.bottom) list.scrollTop += inner.bottom - outer.bottom;
}
