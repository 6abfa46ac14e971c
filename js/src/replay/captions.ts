import { computed } from "@preact/signals-core";
import { h } from "../ui/dom";
import type { Scope } from "../ui/scope";
import type { Player } from "./player";
import { indexAt, passed } from "./timeline";

/** So many are shown at a time: what follows at once leaves the one before it to be read. */
const LINES = 2;
/** What is said of a message may begin so much before it: captions have whole milliseconds. In seconds. */
const SAME = 0.0015;

/** A sentence, and from when to when it is shown, in seconds. */
export type Cue = { from: number; to: number; text: string };

/** The cues of a WebVTT file that the kernel wrote: a line each, without marks. */
export function parseCues(vtt: string): Cue[] {
  const seconds = (stamp: string) => stamp.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return [...vtt.matchAll(/^(\S+) --> (\S+)\n(.*)$/gm)].map(([, from, to, text]) => ({
    from: seconds(from!),
    to: seconds(to!),
    text: text!.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&"),
  }));
}

/** Those that are shown at `time`, by index, the newest last. */
export function cuesAt(cues: readonly Cue[], time: number): number[] {
  const last = indexAt(
    cues.map(({ from }) => from - SAME),
    time,
  );
  const shown = [];
  for (let index = last; index >= 0 && shown.length < LINES; index--) {
    if (cues[index]!.to > time) shown.unshift(index);
  }
  return shown;
}

/**
 * The captions, as lines above the seek bar.
 *
 * A `<track>` belongs to one video and goes by its time; here several come and go, each with a time of its own, and
 * a recording may have none. So the replay shows them itself, and says them where it says all else: in its polite
 * live region, in which a burst of them loses none. Whoever goes to a message hears what it is.
 */
export function createCaptions(
  doc: Document,
  scope: Scope,
  player: Player,
  announce: (text: string) => void,
): HTMLElement {
  const { cues } = player;
  const element = h(doc, "div", { class: "rtcr-captions" });
  const shown = computed(() => (player.captions.value ? cuesAt(cues, player.time.value).join() : null));
  scope.effect(() => {
    element.hidden = shown.value === null;
    const lines = shown.value ? shown.value.split(",") : [];
    element.replaceChildren(...lines.map((index) => h(doc, "p", {}, cues[Number(index)]!.text)));
  });
  const times = cues.map(({ from }) => from);
  const say = (indices: readonly number[]) => {
    if (player.captions.peek()) for (const index of indices) announce(cues[index]!.text);
  };
  player.onPassing.add((from, to) => say(passed(times, from, to)));
  scope.effect(() => {
    if (player.open.value === null) return;
    const time = player.time.peek();
    say(passed(times, time - SAME, time + SAME));
  });
  return element;
}
