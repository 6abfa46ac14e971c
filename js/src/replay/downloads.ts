import { REPLAY_CLASSES } from "../protocol/replay";
import { h } from "../ui/dom";
import type { Scope } from "../ui/scope";
import { decode } from "./base64";
import type { Player } from "./player";
import { REPLAY_STRINGS } from "./strings";

/** A link's file is read after its click. */
const KEPT_MS = 60_000;

type File = { label: string; name: string; mime: string; parts: () => BlobPart[] };

/** What the page has, as files. */
export function createDownloads(
  doc: Document,
  root: HTMLElement,
  scope: Scope,
  player: Player,
): HTMLElement | null {
  const files = filesOf(root, player);
  if (files.length === 0) return null;
  const buttons = files.map((file) => {
    const button = h(doc, "button", { type: "button", class: "rtcw-button" }, file.label);
    scope.on(button, "click", () => save(doc, file));
    return h(doc, "li", {}, button);
  });
  return h(
    doc,
    "details",
    { class: "rtcr-fold" },
    h(doc, "summary", {}, REPLAY_STRINGS.downloads),
    h(doc, "ul", { class: "rtcr-files" }, ...buttons),
  );
}

function filesOf(root: HTMLElement, player: Player): File[] {
  const { recording } = player;
  const { room, captions } = recording.data;
  const trace = root.querySelector(`.${REPLAY_CLASSES.trace}`)?.textContent;
  const media = player.clips.map(({ clip, source }) => {
    const who = recording.nameOf(clip.person);
    const label = clip.track === "screen" ? REPLAY_STRINGS.screenFile(who) : who;
    const type = clip.mime.split(";")[0]!;
    return {
      label,
      name: `${label}.${type.split("/")[1]}`,
      mime: type,
      parts: () => decode(source.textContent ?? ""),
    };
  });
  const texts = [
    [REPLAY_STRINGS.traceFile, "trace.jsonl", "application/jsonl", trace && `${trace}\n`],
    [REPLAY_STRINGS.captions, "captions.vtt", "text/vtt", player.cues.length > 0 && captions],
  ] as const;
  return [
    ...media,
    ...texts.flatMap(([label, name, mime, text]) =>
      text ? [{ label, name, mime, parts: () => [text] }] : [],
    ),
  ].map((file) => ({ ...file, name: fileName(`${room} ${file.name}`) }));
}

/** A name that every system takes. */
function fileName(text: string): string {
  return text.replace(/[\p{C}\s/\\:*?"<>|]+/gu, "-").replace(/^[.-]+/, "");
}

function save(doc: Document, { name, mime, parts }: File): void {
  let url: string;
  try {
    url = URL.createObjectURL(new Blob(parts(), { type: mime }));
  } catch {
    // What a host has cut short is no base64, and its tile says that it cannot be played.
    return;
  }
  const link = h(doc, "a", { href: url, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
