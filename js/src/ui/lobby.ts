import { computed } from "@preact/signals-core";
import { button } from "./button";
import { disclosure } from "./disclosure";
import { h, type NotebookUi } from "./dom";
import { icon } from "./icons";
import { STRINGS } from "./strings";

/** What is shown while this tab is not in the call: where it stands, and the way in. */
export function createLobby(ui: NotebookUi): HTMLElement {
  const { doc, call, scope } = ui;
  const { summary } = call;
  const title = h(doc, "strong", { class: "rtcw-title" });
  const text = h(doc, "span");
  const picture = summary?.picture
    ? h(doc, "img", { class: "rtcw-seen", src: summary.picture, alt: "" })
    : null;
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
    // Without the kernel that owns it nobody may join: only running the cell makes another call.
    const gone = call.notices.value.some(({ code }) => code === "kernel_gone");
    const phase = call.phase.value;
    if (call.elsewhere.value && (phase === "idle" || phase === "left"))
      return {
        title: STRINGS.lobby.elsewhere,
        text: STRINGS.opens(wanted, "Moving it here"),
        join: STRINGS.moveHere,
      };
    switch (phase) {
      case "idle":
        return { title: STRINGS.lobby.idle.title(room), text: STRINGS.opens(wanted), join: STRINGS.join };
      case "left":
        return {
          title: STRINGS.lobby.left.title(room),
          text: STRINGS.lobby.left.text,
          join: gone ? null : STRINGS.joinAgain,
        };
      case "failed":
        return {
          title: STRINGS.lobby.failed.title(room),
          text: STRINGS.lobby.failed.text,
          join: STRINGS.tryAgain,
        };
      default:
        if (summary)
          return { title: STRINGS.lobby.summary(room), text: `${summary.who}. ${summary.when}.`, join: null };
        return { title: STRINGS.lobby.waiting.title(), text: STRINGS.lobby.waiting.text, join: null };
    }
  });
  scope.effect(() => {
    title.textContent = state.value.title;
    title.title = STRINGS.phaseHint[call.phase.value];
    text.textContent = state.value.text;
    if (picture) picture.hidden = call.phase.value !== "waiting";
    join.element.hidden = state.value.join === null;
    join.label(state.value.join ?? "");
  });
  return lobby;
}

/** A button that checks what a call needs of this page, and what it finds. */
function examination(ui: NotebookUi): HTMLElement[] {
  const { doc, call, scope } = ui;
  const opener = button(ui, { className: "rtcw-examine", label: STRINGS.examine });
  opener.hint(STRINGS.examineHint);
  const loading = h(doc, "p", { class: "rtcw-pending" }, STRINGS.loadingCheck);
  const body = h(doc, "div");
  const findings = h(
    doc,
    "div",
    { class: "rtcw-findings", role: "region", "aria-label": STRINGS.findings },
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
