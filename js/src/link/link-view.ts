import { effect } from "@preact/signals-core";
import type { LinkContent } from "../protocol/comm";
import { h } from "../ui/dom";
import type { LinkModel } from "./link-model";

const COPIED_MS = 2_000;
const TEXTS = {
  absent: "This link is not saved with the notebook: run its cell for a new one.",
  expired: "This link has expired: run its cell for a new one.",
  open: (room: string) => `Join ${room}`,
  alt: (room: string) => `QR code of the link to ${room}`,
  /** What stays true when some have come by it: how many, the page is not told. */
  madeFor: (uses: number | null, until: string) =>
    `Made for ${uses === null ? "anybody who has it" : uses === 1 ? "one person" : `${uses} people`}, until ${until}.`,
  waits:
    "Who comes by it waits until you let them in: the widget says who is there, and so does room.waiting.",
  copy: "Copy link",
  copied: "Copied",
  onlyHere:
    "It works on this machine only. Relay.local(share=True) puts the relay on the network, for phones and others.",
  warned:
    "Browsers warn of the relay's certificate, which was made here. Who compares its SHA-256 fingerprint may go on:",
} as const;

/**
 * Show a link in `el`, with its QR code.
 *
 * @returns takes it away
 */
export function showLink(el: HTMLElement, link: LinkModel): () => void {
  const doc = el.ownerDocument;
  const root = h(doc, "div", { class: "rtcl", dir: "ltr", "data-lm-suppress-shortcuts": "true" });
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = effect(() => {
    const content = link.content.value;
    clearTimeout(timer);
    const left = content ? content.expires - Date.now() : 0;
    if (!content) root.replaceChildren(h(doc, "p", {}, TEXTS.absent));
    else if (left <= 0) root.replaceChildren(h(doc, "p", {}, TEXTS.expired));
    else {
      root.replaceChildren(...parts(doc, content));
      const end = () => root.replaceChildren(h(doc, "p", {}, TEXTS.expired));
      // A timer counts in 32 bits.
      if (left < 2 ** 31) timer = setTimeout(end, left);
    }
  });
  el.replaceChildren(root);
  return () => {
    clearTimeout(timer);
    stop();
    el.replaceChildren();
  };
}

/** When that is, by the clock of whoever reads it: a kernel may be in another time zone. */
function clock(time: number): string {
  const then = new Date(time);
  const isToday = then.toDateString() === new Date().toDateString();
  return then.toLocaleString(undefined, {
    ...(isToday ? {} : { dateStyle: "medium" }),
    timeStyle: "short",
  });
}

function parts(
  doc: Document,
  { url, qr, room, expires, uses, fingerprint, onlyHere, wait }: LinkContent,
): HTMLElement[] {
  const [address = ""] = url.split("#");
  const copy = h(doc, "button", { type: "button", class: "rtcl-copy" }, TEXTS.copy);
  // Pages that are neither https nor localhost have no clipboard.
  const { clipboard } = navigator as Partial<Navigator>;
  copy.hidden = !clipboard;
  copy.addEventListener("click", async () => {
    try {
      await clipboard?.writeText(url);
    } catch {
      return; // a frame may not be allowed to: the link itself can be copied
    }
    copy.textContent = TEXTS.copied;
    setTimeout(() => {
      copy.textContent = TEXTS.copy;
    }, COPIED_MS);
  });
  const open = h(
    doc,
    "a",
    { class: "rtcl-open", href: url, target: "_blank", rel: "noopener noreferrer" },
    TEXTS.open(room),
  );
  const text = h(
    doc,
    "div",
    { class: "rtcl-text" },
    open,
    // Without the token, which somebody could read from a projected screen.
    h(doc, "code", {}, address),
    h(doc, "p", {}, TEXTS.madeFor(uses, clock(expires))),
    ...(wait ? [h(doc, "p", {}, TEXTS.waits)] : []),
    copy,
    ...(onlyHere ? [h(doc, "p", { class: "rtcl-note" }, TEXTS.onlyHere)] : []),
    ...(fingerprint
      ? [
          h(doc, "p", { class: "rtcl-note" }, TEXTS.warned),
          // A line ends behind a pair, as it does where browsers show it.
          h(
            doc,
            "code",
            { class: "rtcl-print" },
            ...fingerprint.split(/(?<=:)/).flatMap((pair) => [pair, h(doc, "wbr")]),
          ),
        ]
      : []),
  );
  return [h(doc, "img", { class: "rtcl-qr", src: qr, alt: TEXTS.alt(room) }), text];
}
