import { computed } from "@preact/signals-core";
import { button } from "./button";
import { disclosure } from "./disclosure";
import { h, type Ui } from "./dom";
import { icon } from "./icons";
import { TEXT } from "./strings";

/** What is shown while this tab is not in the call: where it stands, and the way in. */
export function createLobby(ui: Ui): HTMLElement {
  const { doc, call, scope } = ui;
  const { seen } = call;
  const title = h(doc, "strong", { class: "rtcw-title" });
  const text = h(doc, "span");
  const picture = seen?.picture ? h(doc, "img", { class: "rtcw-seen", src: seen.picture, alt: "" }) : null;
  const join = button(ui, { className: "rtcw-primary rtcw-join", press: () => call.join() });
  const lobby = h(
    doc,
    "div",
    { class: "rtcw-lobby" },
    icon(doc, "people"),
    title,
    text,
    ...(picture ? [picture] : []),
    join.element,
    ...examination(ui),
  );

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
        if (seen) return { title: TEXT.lobby.seen(room), text: `${seen.who}. ${seen.when}.`, join: null };
        return { title: TEXT.lobby.waiting.title(), text: TEXT.lobby.waiting.text, join: null };
    }
  });
  scope.effect(() => {
    title.textContent = state.value.title;
    title.title = TEXT.phaseHint[call.phase.value];
    text.textContent = state.value.text;
    if (picture) picture.hidden = call.phase.value !== "waiting";
    join.element.hidden = state.value.join === null;
    join.label(state.value.join ?? "");
  });
  return lobby;
}

/** A button that checks what a call needs of this page, and what it finds. */
function examination(ui: Ui): HTMLElement[] {
  const { doc, call, scope } = ui;
  const opener = button(ui, { className: "rtcw-examine", label: TEXT.examine });
  opener.hint(TEXT.examineHint);
  const loading = h(doc, "p", { class: "rtcw-pending" }, TEXT.loadingCheck);
  const body = h(doc, "div");
  const findings = h(
    doc,
    "div",
    { class: "rtcw-findings", role: "region", "aria-label": TEXT.findings },
    body,
    loading,
  );
  const open = disclosure(ui, opener.element, findings);
  let end: (() => void) | undefined;
  scope.effect(() => {
    end?.();
    end = open.value ? call.examine(body) : undefined;
  });
  scope.add(() => end?.());
  // The way through the kernel carries one connection, which is the call's then.
  scope.effect(() => {
    if (["connecting", "joined", "reconnecting"].includes(call.phase.value)) open.value = false;
  });
  return [opener.element, findings];
}
