import { ownValue } from "../protocol/own-value";
import { DIAGRAM_CLASSES } from "../protocol/replay";
import { h } from "../ui/dom";
import type { Scope } from "../ui/scope";
import type { Player } from "./player";
import { REPLAY_STRINGS } from "./strings";

/** Seconds. */
export const SKIP = 5;

/** What each key does, while the focus is within the replay. */
function actions(player: Player): Record<string, () => void> {
  const skip = (by: number) => () => player.seek(player.time.peek() + by);
  return {
    " ": () => player.toggle(),
    k: () => player.toggle(),
    ArrowLeft: skip(-SKIP),
    ArrowRight: skip(SKIP),
    ",": () => player.stepMessage(-1),
    ".": () => player.stepMessage(1),
    "<": () => player.hurry(-1),
    ">": () => player.hurry(1),
    Home: () => player.seek(0),
    End: () => player.seek(player.end),
    c: () => player.toggleCaptions(),
    m: () => player.setVolume(player.volume.peek() || 1, !player.muted.peek()),
  };
}

/** These have a use of their own for most keys. */
const OWN = `select, .rtcr-volume, .rtcr-wide, .${DIAGRAM_CLASSES.panel}, .${DIAGRAM_CLASSES.words}`;
/** These are pressed by the space bar. */
const PRESSED = "button, summary, a";

export function listenToKeys(root: HTMLElement, scope: Scope, player: Player): void {
  const known = actions(player);
  scope.on(root, "keydown", (event) => {
    const { key, target, defaultPrevented, ctrlKey, altKey, metaKey } = event;
    if (defaultPrevented || ctrlKey || altKey || metaKey || !(target instanceof Element)) return;
    if (key.length > 1 || key === " " ? target.closest(OWN) : target.closest("select")) return;
    if (key === " " && target.closest(PRESSED)) return;
    const act = ownValue(known, key);
    if (!act) return;
    event.preventDefault();
    act();
  });
  // In a notebook "d d" deletes a cell. The browser's own keys still work.
  for (const type of ["keydown", "keyup", "keypress"] as const) {
    scope.on(root, type, (event) => event.stopPropagation());
  }
}

/** The keys, for those who ask. */
export function createKeys(doc: Document): HTMLElement {
  const rows = REPLAY_STRINGS.keys.map(([keys, does]) =>
    h(doc, "div", {}, h(doc, "dt", {}, keys), h(doc, "dd", {}, does)),
  );
  return h(
    doc,
    "details",
    { class: "rtcr-keys" },
    h(doc, "summary", {}, REPLAY_STRINGS.keyboard),
    h(doc, "dl", {}, ...rows),
  );
}
