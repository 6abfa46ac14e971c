import { computed } from "@preact/signals-core";
import { button } from "./button";
import { h, type Ui } from "./dom";
import { icon } from "./icons";
import { TEXT } from "./text";

/** What is shown while this tab is not in the call: where it stands, and the way in. */
export function createLobby(ui: Ui): HTMLElement {
  const { doc, call, scope } = ui;
  const title = h(doc, "strong", { class: "rtcw-title" });
  const text = h(doc, "span");
  const join = button(ui, { className: "rtcw-primary rtcw-join", press: () => call.join() });
  const lobby = h(doc, "div", { class: "rtcw-lobby" }, icon(doc, "people"), title, text, join.element);

  const state = computed(() => {
    const room = call.room.value;
    const wanted = call.local.wanted.value;
    switch (call.phase.value) {
      case "idle":
        return { title: TEXT.lobby.idle.title(room), text: TEXT.opens(wanted), join: TEXT.join };
      case "left":
        return { title: TEXT.lobby.left.title(room), text: TEXT.lobby.left.text, join: TEXT.joinAgain };
      case "failed":
        return { title: TEXT.lobby.failed.title(room), text: TEXT.lobby.failed.text, join: TEXT.tryAgain };
      default:
        return { title: TEXT.lobby.waiting.title(), text: TEXT.lobby.waiting.text, join: null };
    }
  });
  scope.effect(() => {
    title.textContent = state.value.title;
    title.title = TEXT.phaseHint[call.phase.value];
    text.textContent = state.value.text;
    join.element.hidden = state.value.join === null;
    join.label(state.value.join ?? "");
  });
  return lobby;
}
