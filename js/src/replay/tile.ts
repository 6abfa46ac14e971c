import { computed } from "@preact/signals-core";
import { hueOf } from "../protocol/name-hue";
import { ownValue } from "../protocol/own-value";
import type { Person } from "../protocol/replay";
import { h } from "../ui/dom";
import { icon } from "../ui/icons";
import type { Item } from "../ui/list";
import { Scope } from "../ui/scope";
import { SPAN, sparkline } from "../ui/sparkline";
import { initials, STRINGS } from "../ui/strings";
import type { ClipVideo } from "./clip";
import type { Player } from "./player";
import { REPLAY_STRINGS } from "./strings";
import { indexAt, within } from "./timeline";

const MARKS = { microphoneOff: "micOff", cameraOff: "cameraOff", sharing: "screen" } as const;
type Mark = keyof typeof MARKS;

/** Stats older than this are no longer current, in seconds. */
const FRESH = 8;

/** Somebody's tile: the camera, or what stands for it. */
export function personTile(doc: Document, player: Player, person: Person): Item {
  const scope = new Scope();
  const clips = clipsOf(player, person.id, "camera");
  const element = tile(doc, scope, clips, avatar(doc, person.name));
  const marks = computed(() => marksOf(player, person, clips).join());
  const status = computed(() => statusOf(player, person, clips));

  const signs = h(doc, "span", { class: "rtcw-marks" });
  const caption = h(doc, "div", { class: "rtcw-caption" }, signs, name(doc, person.name));
  if (person.kind === "python") {
    caption.append(h(doc, "span", { class: "rtcw-tag", title: STRINGS.pythonHint }, STRINGS.python));
  }
  scope.effect(() => {
    const now = marks.value ? (marks.value.split(",") as Mark[]) : [];
    signs.replaceChildren(
      ...now.map((mark) =>
        h(
          doc,
          "span",
          { class: "rtcw-mark", "data-mark": mark, title: STRINGS[mark] },
          icon(doc, MARKS[mark]),
        ),
      ),
    );
  });
  const badge = h(doc, "div", { class: "rtcw-link" });
  scope.effect(() => {
    badge.hidden = status.value === "";
    badge.textContent = status.value;
  });
  element.append(caption, badge, receivedStats(doc, scope, player, person));
  scope.effect(() => {
    const words = marks.value ? marks.value.split(",").map((mark) => STRINGS[mark as Mark]) : [];
    const all = [person.name, ...words, ...(status.value ? [status.value] : [])];
    element.setAttribute("aria-label", all.join(", "));
  });
  return { element, dispose: () => scope.dispose() };
}

/** A shared screen's tile. */
export function screenTile(doc: Document, player: Player, clip: ClipVideo): Item {
  const scope = new Scope();
  const label = STRINGS.screenOf(player.recording.nameOf(clip.clip.person));
  const element = tile(doc, scope, [clip]);
  element.classList.add("rtcw-screen");
  element.setAttribute("aria-label", label);
  element.append(h(doc, "div", { class: "rtcw-caption" }, name(doc, label)));
  return { element, dispose: () => scope.dispose() };
}

function tile(
  doc: Document,
  scope: Scope,
  clips: readonly ClipVideo[],
  ...behind: readonly Node[]
): HTMLElement {
  const element = h(doc, "div", { class: "rtcw-tile", role: "listitem" }, ...behind);
  for (const clip of clips) {
    element.append(clip.element);
    scope.effect(() => {
      clip.element.hidden = !clip.shown.value;
    });
  }
  return element;
}

function avatar(doc: Document, person: string): HTMLElement {
  const letters = h(doc, "span", { class: "rtcw-initials" }, initials(person));
  const element = h(doc, "div", { class: "rtcw-avatar", "aria-hidden": "true" }, letters);
  element.style.setProperty("--rtcw-hue", String(hueOf(person)));
  return element;
}

function name(doc: Document, text: string): HTMLElement {
  return h(doc, "span", { class: "rtcw-name", title: text }, text);
}

function clipsOf(player: Player, person: string, track: "camera" | "screen"): ClipVideo[] {
  return player.clips.filter(({ clip }) => clip.person === person && clip.track === track);
}

function marksOf(player: Player, person: Person, clips: readonly ClipVideo[]): Mark[] {
  if (person.declined) return [];
  const time = player.time.value;
  const reported = player.recording.media.of(person.id).at(time);
  const hasAudio = clips.some(({ clip }) => within(clip.heard, time - clip.begins));
  const hasVideo = clips.some(({ shown }) => shown.value);
  const marks: Mark[] = [];
  if (!(reported?.audio ?? hasAudio)) marks.push("microphoneOff");
  if (!(reported?.video ?? hasVideo)) marks.push("cameraOff");
  if (reported?.screen) marks.push("sharing");
  return marks;
}

/** What is not as it should be at this moment, in words; empty when all is well. */
function statusOf(player: Player, person: Person, clips: readonly ClipVideo[]): string {
  const { recording } = player;
  const time = player.time.value;
  if (person.declined) return REPLAY_STRINGS.declined;
  const facts: string[] = [];
  if (recording.away.of(person.id).at(time)) facts.push(STRINGS.link.away.join(""));
  for (const [who, peer] of recording.sides) {
    const state = recording.states.of(who, peer, "connection_state").at(time);
    if (who !== person.id || !state || state === "connected") continue;
    const other = recording.data.people.find(({ id }) => id === peer);
    if (!other || !within(other.here, time)) continue;
    facts.push(
      REPLAY_STRINGS.towards(other.name, ownValue(STRINGS.link, state)?.join("").toLowerCase() ?? state),
    );
  }
  if (clips.some((clip) => clip.failed.value && clip.covers(time))) facts.push(REPLAY_STRINGS.cannotPlay);
  return facts.join(" · ");
}

/** What another receives of this person: a line of the last minute, and the newest stats. */
function receivedStats(doc: Document, scope: Scope, player: Player, person: Person): HTMLElement {
  const { recording } = player;
  const element = h(doc, "div", { class: "rtcr-now" });
  const line = sparkline(doc);
  const text = h(doc, "span");
  element.append(line.element, text);
  const receivers = [...(recording.stats.get(person.id) ?? [])];
  // Measured every second or so: in between there is nothing to draw anew.
  const newest = computed(() => {
    const time = player.time.value;
    const found = receivers.findIndex(([, track]) => track.age(time) < FRESH);
    return found < 0 ? "" : `${found} ${indexAt(receivers[found]![1].times, time)}`;
  });
  scope.effect(() => {
    element.hidden = newest.value === "";
    if (element.hidden) return;
    const [found, last] = newest.value.split(" ").map(Number) as [number, number];
    const [who, { times, values }] = receivers[found]!;
    const end = times[last]!;
    const first = indexAt(times, end - SPAN) + 1;
    const points = times
      .slice(first, last + 1)
      .map((at, index) => ({ at, value: values[first + index]!.bitrate ?? 0 }));
    const all = points.map(({ value }) => value);
    const format = REPLAY_STRINGS.stats.bitrate;
    line.show(points, STRINGS.lastMinute(format(Math.min(...all)), format(Math.max(...all))));
    const now = values[last]!;
    text.textContent = (["fps", "bitrate", "rtt"] as const)
      .filter((name) => now[name] !== null)
      .map((name) => REPLAY_STRINGS.stats[name](now[name]!))
      .join(" · ");
    element.title = REPLAY_STRINGS.receives(recording.nameOf(who), person.name);
  });
  return element;
}
