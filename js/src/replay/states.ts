import { computed } from "@preact/signals-core";
import { ownValue } from "../protocol/own-value";
import { MACHINES } from "../protocol/replay";
import { h } from "../ui/dom";
import type { Scope } from "../ui/scope";
import type { Player } from "./player";
import { REPLAY_STRINGS } from "./strings";

/** A change is a change for so long, in seconds. */
const NEWS = 1.5;
const GROUPS: Record<string, string> = {
  connected: "settled",
  completed: "settled",
  complete: "settled",
  gathering: "busy",
  checking: "busy",
  connecting: "busy",
  "have-local-offer": "busy",
  "have-remote-offer": "busy",
  failed: "broken",
  disconnected: "broken",
};

/** The state machines of every connection at the replay's time. */
export function createStates(doc: Document, scope: Scope, player: Player): HTMLElement | null {
  const { recording } = player;
  if (recording.sides.length === 0) return null;
  const rows = recording.sides.map(([who, peer]) => {
    const cells = MACHINES.map((machine) => {
      const track = recording.states.of(who, peer, machine);
      const cell = h(doc, "td");
      const value = computed(() => track.at(player.time.value) ?? "");
      const news = computed(() => track.age(player.time.value) < NEWS);
      scope.effect(() => {
        cell.textContent = value.value || "–";
        cell.dataset.group = ownValue(GROUPS, value.value) ?? "";
      });
      scope.effect(() => {
        cell.toggleAttribute("data-new", news.value);
      });
      return cell;
    });
    const side = REPLAY_STRINGS.side(recording.nameOf(who), recording.nameOf(peer));
    const row = h(doc, "tr", {}, h(doc, "th", { scope: "row" }, side), ...cells);
    return row;
  });
  const head = h(
    doc,
    "tr",
    {},
    h(doc, "td"),
    ...REPLAY_STRINGS.machines.map((machine) => h(doc, "th", { scope: "col" }, machine)),
  );
  const table = h(
    doc,
    "table",
    { class: "rtcr-states", title: REPLAY_STRINGS.statesHint },
    h(doc, "thead", {}, head),
    h(doc, "tbody", {}, ...rows),
  );
  return h(
    doc,
    "details",
    { class: "rtcr-fold", open: "" },
    h(doc, "summary", {}, REPLAY_STRINGS.states),
    h(
      doc,
      "div",
      { class: "rtcr-wide", tabindex: "0", role: "region", "aria-label": REPLAY_STRINGS.states },
      table,
    ),
  );
}
