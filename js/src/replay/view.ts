import { REPLAY_CLASSES as CLASSES, type RecordingData } from "../protocol/replay";
import { createAnnouncer } from "../ui/announcer";
import { h } from "../ui/dom";
import { icon } from "../ui/icons";
import { Scope } from "../ui/scope";
import { listed, STRINGS } from "../ui/strings";
import "../ui/style.css";
import "../ui/bar.css";
import "../ui/tiles.css";
import "../ui/trace-panel.css";
import "./replay.css";
import "./deck.css";
import "./side.css";
import { createCaptions } from "./captions";
import { followDiagram } from "./diagram";
import { createDownloads } from "./downloads";
import { createKeys, listenToKeys } from "./keys";
import { createChapters, createChat } from "./lists";
import { createControls } from "./playback-controls";
import { Player } from "./player";
import { Recording } from "./recording";
import { createStage } from "./stage";
import { createStates } from "./states";
import { clock, REPLAY_STRINGS } from "./strings";
import { passed } from "./timeline";

/** What a player has put into what the kernel wrote; a page that a browser has saved begins with it. */
const LEFT = `:scope > :not(style, script, .${CLASSES.still}, .${CLASSES.diagram}), .rtcr-later, .rtcr-present`;

/** Make a replay of the HTML that the kernel wrote. Its style, data and diagram stay where they are. */
export function mount(root: HTMLElement): void {
  const diagram = root.querySelector<HTMLElement>(`.${CLASSES.diagram}`);
  // It is the kernel's, wherever it was put.
  if (diagram) root.append(diagram);
  for (const left of root.querySelectorAll(LEFT)) left.remove();
  const doc = root.ownerDocument;
  const scope = new Scope();
  const data = root.querySelector(`.${CLASSES.data}`)?.textContent ?? "";
  const recording = new Recording(JSON.parse(data) as RecordingData);
  const player = new Player(doc, recording, [...root.querySelectorAll<HTMLElement>(`.${CLASSES.clip}`)]);
  if (diagram) {
    diagram.hidden = false;
    diagram.style.display = "";
    followDiagram(diagram, scope, player);
  }

  root.classList.add("rtcw");
  const { room, began } = recording.data;
  root.setAttribute("role", "region");
  root.setAttribute("aria-label", REPLAY_STRINGS.region(room, REPLAY_STRINGS.date(began)));
  // A click anywhere in it brings the focus here, away from the notebook and its shortcuts.
  root.tabIndex = -1;
  // What it says is English, also in a page that is read from the right.
  root.dir = "ltr";
  listenToKeys(root, scope, player);
  const announcer = createAnnouncer(doc);
  announceEvents(player, announcer.announce);

  // A page of its own has an address for each moment.
  const isPage = root.parentElement?.matches("body > main") ?? false;
  const lists = [createChapters(doc, scope, player, isPage), createChat(doc, scope, player)].filter(
    (list) => list !== null,
  );
  const side = lists.length > 0 ? [h(doc, "div", { class: "rtcr-side" }, ...lists)] : [];
  const main = h(
    doc,
    "div",
    { class: "rtcr-main" },
    createStage(doc, root, scope, player),
    createControls(doc, root, scope, player, createCaptions(doc, scope, player, announcer.announce)),
  );
  const parts = [main, diagram, ...side, createStates(doc, scope, player)].filter((part) => part !== null);
  root.prepend(...head(doc, recording), h(doc, "div", { class: "rtcr-seen" }, ...parts));
  const downloads = createDownloads(doc, root, scope, player);
  root.append(...(downloads ? [downloads] : []), createKeys(doc), announcer.element);
  root.querySelector(`.${CLASSES.still}`)?.setAttribute("hidden", "");
  scope.effect(() => {
    root.dataset.ready = String(player.ready.value);
  });
  tend(root, player);
  followAddress(player);
}

/** Go to the moment that the page's address names, where it names one. */
function followAddress(player: Player): void {
  const moment = /^#t=(\d+(?:\.\d+)?)$/.exec(player.doc.location?.hash ?? "");
  if (moment) player.seek(Number(moment[1]));
}

function head(doc: Document, { data }: Recording): HTMLElement[] {
  const names = data.people.map(({ name }) => name);
  const facts = [REPLAY_STRINGS.date(data.began), clock(data.seconds), listed(names)];
  const title = h(
    doc,
    "div",
    { class: "rtcr-about" },
    h(
      doc,
      "strong",
      { class: "rtcw-room", role: "heading", "aria-level": "2" },
      h(doc, "span", {}, REPLAY_STRINGS.of),
      ` ${data.room}`,
    ),
    h(doc, "span", { class: "rtcw-state" }, facts.filter(Boolean).join(" · ")),
  );
  const notice = (level: "info" | "warning") => (text: string) =>
    h(
      doc,
      "div",
      { class: "rtcw-notice", "data-level": level },
      icon(doc, level),
      h(doc, "div", { class: "rtcw-notice-text" }, text),
    );
  return [
    title,
    ...(data.ended ? [data.ended] : []).concat(data.problems).map(notice("warning")),
    ...data.notes.map(notice("info")),
  ];
}

/** Say the chapters, and who comes and goes; of what captions say, too, only what somebody has marked by hand. */
function announceEvents(player: Player, announce: (text: string) => void): void {
  const { chapters, people } = player.recording.data;
  const events = [
    ...chapters
      // Who comes and goes is said below, with whatever chapters there are.
      .filter(({ kind }) => kind !== "join" && kind !== "leave")
      .map(({ time, title, kind }) => ({ time, text: title, marked: kind === "mark" })),
    ...people.flatMap(({ name, here }) =>
      here.flatMap(([from, to]) => [
        { time: from, text: STRINGS.announced.joined(name), marked: false },
        ...(to === null ? [] : [{ time: to, text: STRINGS.announced.left(name), marked: false }]),
      ]),
    ),
  ].sort((a, b) => a.time - b.time);
  const times = events.map(({ time }) => time);
  player.onPassing.add((from, to) => {
    for (const index of passed(times, from, to)) {
      if (events[index]!.marked || !player.captions.peek()) announce(events[index]!.text);
    }
  });
}

/** Replays by their element, as long as that lives. */
const players = new WeakMap<HTMLElement, Player>();
const tended = new Set<WeakRef<HTMLElement>>();
// The page keeps its observers and listeners. These hold on to no replay, whatever a minifier makes of their surroundings.
const leaving = new MutationObserver(() => {
  for (const each of tended) {
    const root = each.deref();
    if (!root) tended.delete(each);
    else if (!root.isConnected) players.get(root)?.release();
  }
});
addEventListener("hashchange", () => {
  for (const each of tended) {
    const player = players.get(each.deref()!);
    if (player) followAddress(player);
  }
});

/**
 * Have the media at hand while the replay can be seen, and give their memory back when it leaves the page.
 *
 * Notebooks take cells that are scrolled away out of the page, and put them back later.
 */
function tend(root: HTMLElement, player: Player): void {
  const seen = new IntersectionObserver((entries) => {
    if (entries.at(-1)?.isIntersecting) player.prepare();
  });
  seen.observe(root);
  players.set(root, player);
  tended.add(new WeakRef(root));
  leaving.observe(root.ownerDocument, { childList: true, subtree: true });
}
