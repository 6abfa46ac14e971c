import { computed, signal, untracked } from "@preact/signals-core";
import { announceCall, createAnnouncer } from "../ui/announcer";
import { button } from "../ui/button";
import { h, keepFocus } from "../ui/dom";
import { icon } from "../ui/icons";
import { createNotices } from "../ui/notices";
import { Scope } from "../ui/scope";
import { createStage } from "../ui/stage";
import { STRINGS } from "../ui/strings";
import { createBar } from "./bar";
import { createChat } from "./chat-view";
import type { JoinCall } from "./join-call";
import type { JoinUi } from "./join-ui";
import { createLobby } from "./lobby";
import { JOIN_STRINGS } from "./strings";
import "../ui/style.css";
import "../ui/bar.css";
import "../ui/tiles.css";
import "./join.css";

/** Show a call as the whole page, for as long as the page is there. */
export function mountJoinPage(el: HTMLElement, call: JoinCall): void {
  const doc = el.ownerDocument;
  const scope = new Scope();
  const root = h(doc, "div", { class: "rtcw rtcj", tabindex: "-1" });
  const announcer = createAnnouncer(doc);
  const ui: JoinUi = { doc, call, scope, root, announce: announcer.announce };
  const shown = computed(() => {
    if (call.outcome.value) return "outcome" as const;
    return ["connecting", "joined", "reconnecting"].includes(call.phase.value) ? "call" : "lobby";
  });
  const parts = { outcome: createOutcome, lobby: createLobby, call: createCallView };
  root.append(createNotices(ui, call.notices), announcer.element);
  announceCall(call, scope, announcer.announce);
  let end: () => void = () => undefined;
  scope.effect(() => {
    const now = shown.value;
    keepFocus(root, () => {
      end();
      const own = new Scope();
      // What the part reads while it is made is its own to follow.
      const part = untracked(() => parts[now]({ ...ui, scope: own }));
      announcer.element.before(part);
      end = () => {
        own.dispose();
        part.remove();
      };
    });
    root.dataset.shown = now;
  });
  scope.effect(() => {
    root.dataset.phase = call.phase.value;
    root.dataset.path = call.path.value ?? "";
  });
  scope.effect(() => {
    doc.title =
      shown.value === "call" ? STRINGS.region(call.room.value) : JOIN_STRINGS.title(call.room.value);
  });
  el.replaceChildren(root);
}

function createCallView(ui: JoinUi): HTMLElement {
  const { doc, scope } = ui;
  const height = signal(300);
  const stage = createStage(ui, { tallest: height, invitation: [JOIN_STRINGS.invitation] });
  const room = h(doc, "div", { class: "rtcj-stage" }, stage);
  const observer = new ResizeObserver((entries) => {
    const measured = Math.floor(entries.at(-1)?.contentRect.height ?? 0);
    if (measured > 0) height.value = measured;
  });
  observer.observe(room);
  scope.add(() => observer.disconnect());
  const main = h(doc, "div", { class: "rtcj-main" }, room, createChat(ui));
  // Everybody else sees it in the bar.
  const title = h(doc, "h1", { class: "rtcw-hidden" }, STRINGS.region(ui.call.room.peek()));
  return h(doc, "div", { class: "rtcj-call" }, title, main, createBar(ui));
}

/** Why this page is not in the call, and what to do about it. */
function createOutcome(ui: JoinUi): HTMLElement {
  const { doc, call, scope } = ui;
  const title = h(doc, "h1");
  const text = h(doc, "p");
  const again = button(ui, { className: "rtcw-primary rtcw-join", press: () => call.again() });
  const signs = { left: icon(doc, "leave"), error: icon(doc, "error") };
  const element = h(
    doc,
    "div",
    { class: "rtcj-outcome", role: "alert" },
    signs.left,
    signs.error,
    title,
    text,
    again.element,
  );
  scope.effect(() => {
    const outcome = call.outcome.value;
    if (!outcome) return;
    element.dataset.code = outcome.code;
    title.textContent = outcome.title;
    text.textContent = outcome.text;
    again.element.hidden = outcome.again === null;
    again.label(outcome.again ?? "");
  });
  return element;
}
