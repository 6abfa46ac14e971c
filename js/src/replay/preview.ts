import { h } from "../ui/dom";
import type { Scope } from "../ui/scope";
import { cuesAt } from "./captions";
import type { Player } from "./player";
import { clock } from "./strings";
import { indexAt, within } from "./timeline";

/** Half a thumb of the seek bar, in pixels: its places lie between. */
const EDGE = 8;

/** What is where the pointer is over the seek bar: a picture, the time, and what happens then. */
export function createPreview(
  doc: Document,
  scope: Scope,
  player: Player,
  bar: HTMLInputElement,
): HTMLElement {
  const video = h(doc, "video", { class: "rtcr-glimpse", playsinline: "", preload: "auto" });
  video.muted = true;
  const when = h(doc, "span", { class: "rtcr-when" });
  const what = h(doc, "span");
  // Whoever does not point goes there, and has all of it.
  const element = h(doc, "div", { class: "rtcr-preview", "aria-hidden": "true" }, video, when, what);
  element.hidden = true;

  let own = 0;
  const find = () => {
    if (!video.seeking && video.readyState > 0 && Math.abs(video.currentTime - own) > 0.02)
      video.currentTime = own;
  };
  for (const type of ["loadedmetadata", "seeked"] as const) scope.on(video, type, find);
  const picture = (time: number) => {
    const seen = player.clips.filter(
      ({ clip, url }) => url && within(clip.shown, time - clip.begins) && time - clip.begins <= clip.seconds,
    );
    const clip = seen.find(({ clip }) => clip.track === "screen") ?? seen[0];
    video.hidden = !clip;
    if (!clip) return;
    own = Math.max(0, time - clip.clip.begins);
    if (video.getAttribute("src") !== clip.url) video.src = clip.url!;
    find();
  };
  scope.on(bar, "pointermove", (event) => {
    const { left, top, width } = bar.getBoundingClientRect();
    const part = Math.min(1, Math.max(0, (event.clientX - left - EDGE) / (width - 2 * EDGE)));
    const time = player.scale.time(part * player.scale.end);
    when.textContent = clock(time, 1);
    what.textContent = textAt(player, time);
    element.hidden = false;
    picture(time);
    const { offsetWidth, offsetHeight } = element;
    element.style.left = `${Math.max(0, Math.min(width - offsetWidth, event.clientX - left - offsetWidth / 2))}px`;
    element.toggleAttribute("data-below", top < offsetHeight);
  });
  const leave = () => {
    element.hidden = true;
    // Its memory is only lent.
    video.removeAttribute("src");
    video.load();
  };
  scope.on(bar, "pointerleave", leave);
  scope.on(bar, "pointercancel", leave);
  return element;
}

/** What happens at a time: what is told of it, or else its chapter. */
function textAt({ cues, recording }: Player, time: number): string {
  const cue = cues[cuesAt(cues, time).at(-1) ?? -1];
  if (cue) return cue.text;
  const { chapters } = recording.data;
  const index = indexAt(
    chapters.map((chapter) => chapter.time),
    time,
  );
  return chapters[index]?.title ?? "";
}
