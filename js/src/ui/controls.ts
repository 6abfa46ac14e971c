import { computed, type ReadonlySignal } from "@preact/signals-core";
import type { Device } from "../call/types";
import { button } from "./button";
import { disclosure } from "./disclosure";
import { h, type Ui } from "./dom";
import type { IconName } from "./icons";
import { STRINGS } from "./strings";

/** The buttons of this tab's own sources, in a call. */
export function sourceToggles(ui: Ui): { microphone: HTMLElement; camera: HTMLElement; screen: HTMLElement } {
  const { call } = ui;
  const { local } = call;
  const notYet = readiness(ui);
  const microphone = toggle(ui, {
    icons: ["mic", "micOff"],
    label: STRINGS.microphone,
    on: computed(() => local.media.value.audio),
    blocked: notYet,
    hint: STRINGS.turnMicrophone,
    set: (on) => call.setAudio(on),
  });
  const camera = toggle(ui, {
    icons: ["camera", "cameraOff"],
    label: STRINGS.camera,
    on: computed(() => local.media.value.video),
    blocked: notYet,
    hint: STRINGS.turnCamera,
    set: (on) => call.setVideo(on),
  });
  const screen = toggle(ui, {
    icons: ["screen", "screen"],
    label: STRINGS.share,
    on: computed(() => local.media.value.screen),
    blocked: computed(() => (canShare() ? notYet.value : STRINGS.noScreen)),
    hint: STRINGS.turnScreen,
    set: (on) => call.setScreen(on),
  });
  screen.classList.add("rtcw-share");
  return { microphone, camera, screen };
}

/** Why what needs the room cannot be used now, null when it can. */
export function readiness({ call }: Ui): ReadonlySignal<string | null> {
  return computed(() =>
    call.phase.value === "joined" || call.phase.value === "reconnecting" ? null : STRINGS.notYet,
  );
}

export function leaveButton(ui: Ui): HTMLElement {
  const { call, scope } = ui;
  const leave = button(ui, {
    className: "rtcw-leave rtcw-danger",
    icon: "leave",
    label: STRINGS.leave,
    press: () => call.leave(),
  });
  scope.effect(() => leave.hint(STRINGS.leaveRoom(call.room.value)));
  return leave.element;
}

/** Phones and pages without a secure context have no screen to share. */
export function canShare(): boolean {
  return typeof (navigator.mediaDevices as Partial<MediaDevices> | undefined)?.getDisplayMedia === "function";
}

type Toggle = {
  /** Icons for on and off. */
  icons: readonly [IconName, IconName];
  label: string;
  on: ReadonlySignal<boolean>;
  /** Why it cannot be used now, null when it can. */
  blocked: ReadonlySignal<string | null>;
  /** What a click would do that turns it on, or off. */
  hint: (on: boolean) => string;
  set: (on: boolean) => void;
};

/** A button that is on or off. */
export function toggle(ui: Ui, { icons, label, on, blocked, hint, set }: Toggle): HTMLElement {
  const made = button(ui, { className: "rtcw-toggle", icon: icons[0], label, press: () => set(!on.peek()) });
  ui.scope.effect(() => {
    made.element.setAttribute("aria-pressed", String(on.value));
    made.icon(on.value ? icons[0] : icons[1]);
    made.hint(blocked.value ?? hint(!on.value));
    made.enable(blocked.value === null);
  });
  return made.element;
}

/** The room and how the call stands, in words. */
export function whereabouts({ doc, call, scope }: Ui): HTMLElement {
  const room = h(doc, "strong", { class: "rtcw-room" });
  const state = h(doc, "span", { class: "rtcw-state" });
  scope.effect(() => {
    room.textContent = call.room.value;
    room.title = call.room.value;
  });
  scope.effect(() => {
    const phase = call.phase.value;
    state.textContent =
      phase === "connecting" || phase === "reconnecting"
        ? STRINGS.phase[phase]
        : STRINGS.count(call.participants.value.length + 1);
    state.dataset.phase = phase;
    state.title = [
      STRINGS.phaseHint[phase],
      ...(call.path.value ? [STRINGS.path(call.path.value)] : []),
    ].join(" ");
  });
  return h(doc, "div", { class: "rtcw-whereabouts" }, room, state);
}

/** Browsers may refuse to play sound until the page was clicked; this is that click. */
export function hearButton(ui: Ui): HTMLElement {
  const { call, scope } = ui;
  const { element } = button(ui, {
    className: "rtcw-primary rtcw-hear",
    icon: "silent",
    label: STRINGS.hear,
    press: () => call.unblockAudio(),
  });
  scope.effect(() => {
    element.hidden = !call.audioBlocked.value;
  });
  return element;
}

/** The button and its list of cameras and microphones. */
export function deviceChoice(ui: Ui): HTMLElement {
  const { doc, call, scope } = ui;
  const { local } = call;
  const opener = button(ui, { className: "rtcw-devices", icon: "devices", label: STRINGS.devices });
  const panel = h(doc, "div", {
    class: "rtcw-popover",
    role: "group",
    "aria-label": STRINGS.chooseDevices,
    // A click between the lists keeps the focus, and with it the popover.
    tabindex: "-1",
  });
  const open = disclosure(ui, opener.element, panel);
  const choices = [
    deviceSelect(
      ui,
      STRINGS.camera,
      computed(() => local.devices.value.cameras),
      local.camera,
      open,
      (id) => call.useCamera(id),
    ),
    deviceSelect(
      ui,
      STRINGS.microphone,
      computed(() => local.devices.value.microphones),
      local.microphone,
      open,
      (id) => call.useMicrophone(id),
    ),
  ];
  panel.append(...choices);
  scope.effect(() => {
    const { cameras, microphones } = local.devices.value;
    const some = cameras.length + microphones.length > 0;
    opener.enable(some);
    opener.hint(some ? STRINGS.chooseDevices : STRINGS.noDevices);
  });
  // Safari gives a clicked button the focus only when told to; without it this click would close and open again.
  opener.element.tabIndex = 0;
  const anchor = h(doc, "div", { class: "rtcw-anchor" }, opener.element, panel);
  scope.on(anchor, "focusout", ({ relatedTarget }) => {
    // Focus also leaves when the person looks at another window; that is no reason to close.
    const gone = relatedTarget ? !anchor.contains(relatedTarget as Node) : doc.hasFocus();
    if (gone) open.value = false;
  });
  scope.effect(() => {
    if (open.value) panel.querySelector("select")?.focus();
  });
  return anchor;
}

function deviceSelect(
  ui: Ui,
  label: string,
  devices: ReadonlySignal<readonly Device[]>,
  current: ReadonlySignal<string | null>,
  open: ReadonlySignal<boolean>,
  use: (id: string) => void,
): HTMLElement {
  const { doc, scope } = ui;
  const select = h(doc, "select", { class: "rtcw-select" });
  scope.effect(() => {
    // Reading `open` shows again what is really in use, even when the last choice was refused.
    if (!open.value) return;
    const known = devices.value.some(({ id }) => id === current.value);
    const options = devices.value.map(({ id, label: name }, index) =>
      h(doc, "option", { value: id }, name || STRINGS.device(label, index + 1)),
    );
    if (!known) options.unshift(h(doc, "option", { value: "", disabled: "" }, STRINGS.notInUse));
    select.replaceChildren(...options);
    select.value = known ? (current.value ?? "") : "";
  });
  scope.on(select, "change", () => use(select.value));
  return h(doc, "label", { class: "rtcw-choice" }, label, select);
}
