import { button } from "../ui/button";
import { canShare, deviceChoice, hearButton, leaveButton, sourceToggles, whereabouts } from "../ui/controls";
import { h } from "../ui/dom";
import { STRINGS } from "../ui/strings";
import type { JoinUi } from "./join-ui";
import { CHAT } from "./outlines";
import { JOIN_STRINGS } from "./strings";
import { switchButton } from "./switch-button";

/** The bar of a call: as in a notebook, with the chat, and without what only a kernel can do. */
export function createBar(ui: JoinUi): HTMLElement {
  const { doc } = ui;
  const { microphone, camera, screen } = sourceToggles(ui);
  const buttons = h(
    doc,
    "div",
    { class: "rtcw-buttons", role: "group", "aria-label": STRINGS.controls },
    microphone,
    camera,
    switchButton(ui),
    ...(canShare() ? [screen] : []),
    deviceChoice(ui),
    chatButton(ui),
    leaveButton(ui),
  );
  return h(doc, "div", { class: "rtcw-bar" }, whereabouts(ui), hearButton(ui), buttons);
}

function chatButton(ui: JoinUi): HTMLElement {
  const { doc, call, scope } = ui;
  const { chat } = call;
  const { element, hint } = button(ui, {
    className: "rtcw-share rtcw-toggle rtcj-chat-button",
    icon: CHAT,
    label: JOIN_STRINGS.chat,
    press: () => chat.show(!chat.open.peek()),
  });
  const count = h(doc, "span", { class: "rtcj-unread", "aria-hidden": "true" });
  element.append(count);
  scope.effect(() => {
    const unread = chat.unread.value;
    const open = chat.open.value;
    count.textContent = unread > 99 ? "99+" : String(unread);
    count.hidden = unread === 0;
    element.setAttribute("aria-pressed", String(open));
    element.setAttribute("aria-label", unread ? JOIN_STRINGS.unread(unread) : JOIN_STRINGS.chat);
    hint(JOIN_STRINGS.showChat(!open));
  });
  return element;
}
