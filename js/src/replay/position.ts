import { h } from "../ui/dom";
import type { Scope } from "../ui/scope";
import type { Player } from "./player";
import { createPreview } from "./preview";
import { REPLAY_STRINGS } from "./strings";

/** Of the position, in seconds: finer than a picture. */
const FINE = "0.01";

/** The seek bar, with a mark for each chapter. Whether it shows real time or story time, it says the recording's. */
export function createPosition(doc: Document, scope: Scope, player: Player): HTMLElement {
  const input = h(doc, "input", {
    type: "range",
    class: "rtcr-position",
    min: "0",
    step: FINE,
    "aria-label": REPLAY_STRINGS.position,
  });
  scope.on(input, "input", () => player.seek(player.scale.time(input.valueAsNumber)));
  const marks = player.recording.data.chapters.map(({ title, kind }) =>
    h(doc, "span", { class: "rtcr-chapter-mark", "data-kind": kind, title }),
  );
  scope.effect(() => {
    player.story.value;
    const { scale } = player;
    input.max = String(scale.end);
    for (const [index, { time }] of player.recording.data.chapters.entries()) {
      marks[index]!.style.setProperty("--rtcw-at", String(scale.place(time) / (scale.end || 1)));
    }
  });
  scope.effect(() => {
    player.story.value;
    const now = player.time.value;
    const place = player.scale.place(now);
    input.value = String(place);
    input.style.setProperty("--rtcw-done", `${(100 * place) / (player.scale.end || 1)}%`);
    const text = REPLAY_STRINGS.at(now, player.end);
    if (input.getAttribute("aria-valuetext") !== text) input.setAttribute("aria-valuetext", text);
  });
  const shown = h(doc, "div", { class: "rtcr-chapter-marks", "aria-hidden": "true" }, ...marks);
  return h(doc, "div", { class: "rtcr-timeline" }, input, shown, createPreview(doc, scope, player, input));
}
