import { computed, signal } from "@preact/signals-core";
import type { NotebookCall } from "../call/types";
import { announceCall, createAnnouncer } from "./announcer";
import { createControls } from "./call-controls";
import { h, keepFocus, type NotebookUi } from "./dom";
import { createLobby } from "./lobby";
import { createNotices } from "./notices";
import { keepPicture } from "./picture";
import { createReplayHost } from "./replay-host";
import { Scope } from "./scope";
import { createStage } from "./stage";
import { createPanelHost } from "./trace-panel-host";
import "./style.css";
import "./bar.css";
import "./tiles.css";
import "./trace-panel-host.css";
import { STRINGS } from "./strings";

/**
 * Show a call in `el`. Several views of one call may exist at once; none of them owns it.
 *
 * @returns the clean-up: ends everything the view started and empties `el`. The call goes on.
 */
export function mount(el: HTMLElement, call: NotebookCall): () => void {
  const doc = el.ownerDocument;
  const scope = new Scope();
  const root = h(doc, "div", {
    class: "rtcw",
    role: "region",
    // A click anywhere in the view brings the focus here, away from the notebook and its shortcuts.
    tabindex: "-1",
    // What it says is English, also in a page that is read from the right.
    dir: "ltr",
    "data-lm-suppress-shortcuts": "true",
    "data-jp-suppress-context-menu": "true",
  });
  const announcer = createAnnouncer(doc);
  const ui: NotebookUi = { doc, call, scope, root, announce: announcer.announce };
  scope.effect(() =>
    root.setAttribute("aria-label", `${STRINGS.region(call.room.value)}, ${call.label.value}`),
  );
  keepKeys(root, scope);

  const notices = createNotices(ui, call.notices);
  const lobby = createLobby(ui);
  const stage = createStage(ui);
  const diagram = signal(false);
  const inCall = computed(() => ["connecting", "joined", "reconnecting"].includes(call.phase.value));
  const controls = createControls(ui, diagram);
  const panel = createPanelHost(
    ui,
    computed(() => diagram.value && inCall.value),
  );
  root.append(notices, lobby, stage, controls, panel, createReplayHost(ui), announcer.element);
  announceCall(call, scope, announcer.announce);
  keepPicture(ui);

  scope.effect(() => {
    const shown = inCall.value;
    keepFocus(root, () => {
      lobby.hidden = shown;
      stage.hidden = !shown;
      controls.hidden = !shown;
    });
  });
  scope.effect(() => {
    root.dataset.phase = call.phase.value;
    root.dataset.path = call.path.value ?? "";
  });

  el.replaceChildren(root);
  return () => {
    scope.dispose();
    el.replaceChildren();
  };
}

/** Keep typing from reaching the notebook, where "d d" deletes a cell. The browser's own keys still work. */
function keepKeys(root: HTMLElement, scope: Scope): void {
  for (const type of ["keydown", "keyup", "keypress"] as const) {
    scope.on(root, type, (event) => event.stopPropagation());
  }
}
