import { button } from "../ui/button";
import { h, keepFocus } from "../ui/dom";
import { KeyedList } from "../ui/list";
import type { ChatLine } from "./chat";
import type { JoinUi } from "./join-ui";
import { JOIN_STRINGS } from "./strings";

const MOST_CHARACTERS = 2_000;
const TIME = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });

/** What has been written, and the line to write in. */
export function createChat(ui: JoinUi): HTMLElement {
  const { doc, call, scope, root } = ui;
  const { chat } = call;
  const empty = h(doc, "p", { class: "rtcj-hint" }, JOIN_STRINGS.empty);
  const lines = h(doc, "ol", { class: "rtcj-lines" });
  const log = h(
    doc,
    "div",
    { class: "rtcj-log", role: "log", "aria-label": JOIN_STRINGS.chat, tabindex: "0" },
    empty,
    lines,
  );
  const list = new KeyedList<ChatLine>(
    lines,
    (line) => ({ element: lineElement(ui, line), dispose: () => undefined }),
    ({ id }) => id,
  );
  scope.add(() => list.dispose());
  scope.effect(() => {
    const now = chat.lines.value;
    // Who reads further up is left there.
    const isAtEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 40;
    list.update(now);
    empty.hidden = now.length > 0;
    const last = now.at(-1);
    if (isAtEnd || last?.own) log.scrollTop = log.scrollHeight;
    // What is hidden is not read out by itself.
    if (last && !last.own && !chat.open.peek()) ui.announce(`${last.from}: ${last.text}`);
  });

  const input = h(doc, "input", {
    class: "rtcj-input",
    type: "text",
    autocomplete: "off",
    enterkeyhint: "send",
    maxlength: String(MOST_CHARACTERS),
    placeholder: JOIN_STRINGS.write,
    "aria-label": JOIN_STRINGS.write,
  });
  const send = button(ui, { className: "rtcw-primary", label: JOIN_STRINGS.send });
  send.element.type = "submit";
  const form = h(doc, "form", { class: "rtcj-write" }, input, send.element);
  scope.on(form, "submit", (event) => {
    event.preventDefault();
    const text = input.value.trim();
    if (!text) return;
    input.value = "";
    call.write(text);
    if (call.participants.peek().length === 0) ui.announce(JOIN_STRINGS.alone);
  });
  scope.effect(() => {
    const alone = call.participants.value.length === 0;
    send.hint(alone ? JOIN_STRINGS.alone : JOIN_STRINGS.send);
    send.enable(!alone);
    input.placeholder = alone ? JOIN_STRINGS.alone : JOIN_STRINGS.write;
  });

  const close = button(ui, { className: "rtcj-close", label: "×", press: () => chat.show(false) });
  close.element.setAttribute("aria-label", JOIN_STRINGS.closeChat);
  close.hint(JOIN_STRINGS.closeChat);
  const head = h(doc, "div", { class: "rtcj-head" }, h(doc, "h2", {}, JOIN_STRINGS.chat), close.element);
  const element = h(doc, "section", { class: "rtcj-chat", "aria-label": JOIN_STRINGS.chat }, head, log, form);
  scope.effect(() => {
    const open = chat.open.value;
    keepFocus(root, () => {
      element.hidden = !open;
    });
    if (!open) return;
    log.scrollTop = log.scrollHeight;
    // A phone's keyboard would cover half of what there is to read.
    if (!matchMedia("(pointer: coarse)").matches) input.focus();
  });
  scope.on(element, "keydown", ({ key }) => {
    if (key === "Escape") chat.show(false);
  });
  return element;
}

/** Names and texts are text: `h` makes no markup of them. */
function lineElement({ doc }: JoinUi, { from, text, own, at }: ChatLine): HTMLElement {
  const head = h(
    doc,
    "div",
    { class: "rtcj-who" },
    h(doc, "strong", {}, own ? JOIN_STRINGS.you : from),
    h(doc, "time", { datetime: at.toISOString() }, TIME.format(at)),
  );
  return h(
    doc,
    "li",
    { class: own ? "rtcj-own" : "" },
    head,
    h(doc, "div", { class: "rtcj-text", dir: "auto" }, text),
  );
}
