import type { Panel, PanelContent } from "../call/types";
import type { Scope } from "./scope";
import { PANEL_STRINGS } from "./trace-panel-strings";

/** Say what is held, let go and broken while the diagram is open. */
export function announcePanel(panel: Panel, scope: Scope, announce: (message: string) => void): void {
  let before: PanelContent | null = null;
  scope.effect(() => {
    const now = panel.content.value;
    if (before && now) announceChanges(before, now, announce);
    before = now;
  });
}

function announceChanges(before: PanelContent, now: PanelContent, announce: (message: string) => void): void {
  if (now.paused !== before.paused)
    announce(now.paused ? PANEL_STRINGS.announced.paused : PANEL_STRINGS.announced.resumed);
  for (const [text, count] of missing(now, before)) announce(PANEL_STRINGS.announced.held(text, count));
  // Going on lets all go at once, which has just been said.
  if (now.paused)
    for (const [text, count] of missing(before, now)) announce(PANEL_STRINGS.announced.released(text, count));
  if (now.faults.length !== before.faults.length) announce(PANEL_STRINGS.announced.faults(now.faults.length));
}

/** What is held here and not there, each in words with its number: candidates come by the dozen. */
function missing(here: PanelContent, there: PanelContent): Map<string, number> {
  const known = new Set(there.held.flatMap(({ ids }) => ids));
  const counts = new Map<string, number>();
  for (const { ids, text } of here.held) {
    const count = ids.filter((id) => !known.has(id)).length;
    if (count) counts.set(text, (counts.get(text) ?? 0) + count);
  }
  return counts;
}
