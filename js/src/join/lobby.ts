import { computed } from "@preact/signals-core";
import { LIMITS } from "../protocol/limits";
import { button } from "../ui/button";
import { deviceChoice, toggle } from "../ui/controls";
import { h, keepFocus } from "../ui/dom";
import { STRINGS } from "../ui/strings";
import { createTile } from "../ui/tile";
import { localTile } from "../ui/tiles";
import type { JoinUi } from "./join-ui";
import { JOIN_STRINGS } from "./strings";
import { switchButton } from "./switch-button";

/** What is seen before joining: the own picture if it is wanted, the name, the devices, and the way in. */
export function createLobby(ui: JoinUi): HTMLElement {
  const { doc, call, scope, root } = ui;
  const title = h(doc, "h1");
  const hint = h(doc, "p", { class: "rtcj-hint" });
  scope.effect(() => {
    title.textContent = JOIN_STRINGS.title(call.room.value);
  });
  scope.effect(() => {
    hint.textContent = call.previewing.value
      ? JOIN_STRINGS.previewing
      : STRINGS.opens(call.local.wanted.value);
  });
  const asks = call.asks;
  const join = button(ui, {
    className: "rtcw-primary rtcw-join",
    label: asks ? JOIN_STRINGS.ask : STRINGS.join,
  });
  join.element.type = "submit";
  const { field, input, missing } = nameField(ui);
  const form = h(
    doc,
    "form",
    { class: "rtcj-form" },
    title,
    field,
    join.element,
    ...(asks ? [h(doc, "p", { class: "rtcj-hint" }, JOIN_STRINGS.asks)] : []),
    hint,
  );
  scope.on(form, "submit", (event) => {
    event.preventDefault();
    const hasName = call.name.peek().trim() !== "";
    missing(!hasName);
    if (hasName) call.join();
    else input.focus();
  });
  const waiting = createWaiting(ui);
  scope.effect(() => {
    const waits = call.waiting.value !== null;
    keepFocus(root, () => {
      form.hidden = waits;
      waiting.hidden = !waits;
    });
    if (waits) waiting.focus({ preventScroll: true });
  });
  return h(doc, "div", { class: "rtcj-lobby" }, createPreview(ui), form, waiting);
}

/** What is in the form's place while the person waits to be let in. */
function createWaiting(ui: JoinUi): HTMLElement {
  const { doc, call, scope } = ui;
  const text = h(doc, "p");
  const cancel = button(ui, {
    className: "rtcw-join",
    label: JOIN_STRINGS.waiting.cancel,
    press: () => call.cancel(),
  });
  scope.effect(() => {
    const now = call.waiting.value;
    const { title, text: told, unreached } = JOIN_STRINGS.waiting;
    text.textContent = now === "unreached" ? unreached : told(call.name.peek());
    if (now) ui.announce(`${title}. ${text.textContent}`);
  });
  const sign = h(doc, "span", { class: "rtcj-pulse", "aria-hidden": "true" });
  const title = h(doc, "h1", {}, sign, JOIN_STRINGS.waiting.title);
  return h(doc, "section", { class: "rtcj-waiting", tabindex: "-1" }, title, text, cancel.element);
}

function nameField({ doc, call, scope }: JoinUi) {
  const problem = h(doc, "span", { class: "rtcj-problem", id: "rtcj-problem", role: "alert" });
  const input = h(doc, "input", {
    class: "rtcj-input",
    name: "name",
    type: "text",
    autocomplete: "name",
    autocapitalize: "words",
    enterkeyhint: "go",
    maxlength: String(LIMITS.name_length),
    placeholder: JOIN_STRINGS.namePlaceholder,
    "aria-describedby": problem.id,
  });
  input.value = call.name.peek();
  const missing = (is: boolean) => {
    problem.textContent = is ? JOIN_STRINGS.noName : "";
    input.setAttribute("aria-invalid", String(is));
  };
  scope.on(input, "input", () => {
    call.name.value = input.value;
    missing(false);
  });
  const field = h(doc, "label", { class: "rtcj-field" }, JOIN_STRINGS.name, input, problem);
  return { field, input, missing };
}

function createPreview(ui: JoinUi): HTMLElement {
  const { doc, call, scope } = ui;
  const { wanted } = call.local;
  const start = (
    icons: readonly ["mic", "micOff"] | readonly ["camera", "cameraOff"],
    kind: "audio" | "video",
  ) => {
    const label = kind === "audio" ? STRINGS.microphone : STRINGS.camera;
    return toggle(ui, {
      icons,
      label,
      on: computed(() => wanted.value[kind]),
      blocked: computed(() => null),
      hint: (on) => JOIN_STRINGS.startsWith(label.toLowerCase(), !on),
      set: (on) => (kind === "audio" ? call.setAudio(on) : call.setVideo(on)),
    });
  };
  const tile = createTile(ui, localTile(call));
  scope.add(() => tile.dispose());
  const open = button(ui, {
    className: "rtcj-open",
    icon: "camera",
    press: () => call.preview(),
  });
  open.hint(JOIN_STRINGS.previewHint);
  scope.effect(() => {
    const { audio, video } = wanted.value;
    open.label(JOIN_STRINGS.preview(video, audio));
    open.element.hidden = call.previewing.value || !(audio || video);
  });
  const buttons = h(
    doc,
    "div",
    { class: "rtcw-buttons", role: "group", "aria-label": STRINGS.chooseDevices },
    start(["mic", "micOff"], "audio"),
    start(["camera", "cameraOff"], "video"),
    switchButton(ui),
    deviceChoice(ui),
  );
  const list = h(
    doc,
    "div",
    { class: "rtcj-tile", role: "list", "aria-label": STRINGS.people },
    tile.element,
  );
  return h(doc, "div", { class: "rtcj-preview" }, list, open.element, buttons);
}
