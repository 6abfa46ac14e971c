import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { ConnectionStats } from "../call/types";
import { hueOf } from "../protocol/name-hue";
import { h, type Ui } from "./dom";
import { type IconName, icon } from "./icons";
import type { Item } from "./list";
import { Scope } from "./scope";
import { createStats } from "./stats-text";
import { initials, type Link, STRINGS } from "./strings";
import { videoElement } from "./video";

/** What one tile shows, whoever it belongs to. */
export type Tile = {
  /** What the caption says. */
  readonly label: ReadonlySignal<string>;
  /** Whose tile it is, for the avatar; null for a screen, which has none. */
  readonly person: ReadonlySignal<string> | null;
  /** The video, null while there is none. */
  readonly stream: ReadonlySignal<MediaStream | null>;
  readonly mirrored: ReadonlySignal<boolean>;
  /** A word after the name: what kind of participant it is. */
  readonly tag: string | null;
  readonly marks: ReadonlySignal<readonly Mark[]>;
  /** How the connection stands, null for this tab's own tiles. */
  readonly link: ReadonlySignal<Link> | null;
  readonly stats: ReadonlySignal<ConnectionStats | null> | null;
};

/** A fact about a participant, shown as an icon and said in words. */
export type Mark = "microphoneOff" | "cameraOff" | "sharing" | "notebook";

const MARK_ICONS: Record<Mark, IconName> = {
  microphoneOff: "micOff",
  cameraOff: "cameraOff",
  sharing: "screen",
  notebook: "notebook",
};

const LINK_ICONS: Record<Exclude<Link, "connected">, IconName> = {
  new: "connecting",
  connecting: "connecting",
  disconnected: "broken",
  failed: "error",
  closed: "error",
  away: "away",
};

/** Build a tile; it follows its signals until it is disposed. */
export function createTile(ui: Ui, tile: Tile): Item {
  const { doc } = ui;
  const scope = new Scope();
  const element = h(doc, "div", { class: "rtcw-tile", role: "listitem" });
  if (!tile.person) element.classList.add("rtcw-screen");

  if (tile.person) element.append(avatar(doc, scope, tile.person));
  element.append(videoElement(doc, scope, tile.stream, tile.mirrored), caption(doc, scope, tile));
  if (tile.link) element.append(linkBadge(doc, scope, tile.link));
  if (tile.stats) element.append(...createStats({ ...ui, scope }, tile.label, tile.stats));

  const description = computed(() => {
    const marks = tile.marks.value.map((mark) => STRINGS[mark]);
    const link = tile.link ? [STRINGS.link[tile.link.value].join("").toLowerCase()] : [];
    return [tile.label.value, ...(tile.tag ? [tile.tag] : []), ...marks, ...link].join(", ");
  });
  scope.effect(() => element.setAttribute("aria-label", description.value));
  scope.effect(() => {
    const link = tile.link?.value ?? "connected";
    element.dataset.link = link;
    // The badge is only for those who see it and have a pointer.
    element.setAttribute("aria-description", STRINGS.linkHint[link]);
  });
  return { element, dispose: () => scope.dispose() };
}

function avatar(doc: Document, scope: Scope, person: ReadonlySignal<string>): HTMLElement {
  const letters = h(doc, "span", { class: "rtcw-initials" });
  const element = h(doc, "div", { class: "rtcw-avatar", "aria-hidden": "true" }, letters);
  scope.effect(() => {
    letters.textContent = initials(person.value);
    element.style.setProperty("--rtcw-hue", String(hueOf(person.value)));
  });
  return element;
}

function caption(doc: Document, scope: Scope, tile: Tile): HTMLElement {
  const name = h(doc, "span", { class: "rtcw-name" });
  const marks = h(doc, "span", { class: "rtcw-marks" });
  const element = h(doc, "div", { class: "rtcw-caption" }, marks, name);
  if (tile.tag) element.append(h(doc, "span", { class: "rtcw-tag", title: STRINGS.pythonHint }, tile.tag));
  scope.effect(() => {
    name.textContent = tile.label.value;
    name.title = tile.label.value;
  });
  scope.effect(() => {
    marks.replaceChildren(
      ...tile.marks.value.map((mark) =>
        h(
          doc,
          "span",
          { class: "rtcw-mark", "data-mark": mark, title: STRINGS[mark] },
          icon(doc, MARK_ICONS[mark]),
          h(doc, "span", { class: "rtcw-hidden" }, STRINGS[mark]),
        ),
      ),
    );
  });
  return element;
}

function linkBadge(doc: Document, scope: Scope, link: ReadonlySignal<Link>): HTMLElement {
  const element = h(doc, "div", { class: "rtcw-link" });
  scope.effect(() => {
    const state = link.value;
    element.hidden = state === "connected";
    element.dataset.link = state;
    element.title = STRINGS.linkHint[state];
    if (state === "connected") return element.replaceChildren();
    const [long, short] = STRINGS.link[state];
    element.replaceChildren(
      icon(doc, LINK_ICONS[state]),
      h(
        doc,
        "span",
        { class: "rtcw-link-text" },
        h(doc, "span", { class: "rtcw-long" }, long),
        h(doc, "span", { class: "rtcw-short" }, short),
      ),
    );
  });
  return element;
}
