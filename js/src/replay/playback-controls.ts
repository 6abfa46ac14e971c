import { h } from "../ui/dom";
import { type IconName, icon, setIcon } from "../ui/icons";
import type { Scope } from "../ui/scope";
import { SKIP } from "./keys";
import { type Player, SPEEDS } from "./player";
import { createPosition } from "./position";
import { REPLAY_STRINGS } from "./strings";

const CAPTIONS = "M2.5 5h15v10h-15zM5.5 12h3.5M11.5 12h3M5.5 9h2M10 9h4.5";
const FULL = "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4";
const AUDIBLE = "M3 8v4h3l4 3.5v-11L6 8zM13 7.5a3.5 3.5 0 0 1 0 5M15.3 5.2a7 7 0 0 1 0 9.6";

/** The bar below the stage: where the replay is, and what moves it. */
export function createControls(
  doc: Document,
  root: HTMLElement,
  scope: Scope,
  player: Player,
  captions: HTMLElement,
): HTMLElement {
  const play = press(doc, scope, "resume", () => player.toggle());
  play.classList.add("rtcr-play");
  scope.effect(() => {
    const on = player.playing.value;
    setIcon(play.querySelector("svg")!, on ? "pause" : "resume");
    name(play, on ? REPLAY_STRINGS.pause : REPLAY_STRINGS.play);
  });
  const steps = ([-1, 1] as const).map((by) => {
    const made = press(doc, scope, "step", () => player.stepMessage(by));
    made.classList.toggle("rtcr-back", by < 0);
    name(made, by < 0 ? REPLAY_STRINGS.previous : REPLAY_STRINGS.next);
    made.hidden = player.messages.length === 0;
    return made;
  });
  const skips = ([-SKIP, SKIP] as const).map((by) => {
    const made = h(doc, "button", { type: "button", class: "rtcw-button" }, REPLAY_STRINGS.skip(by));
    scope.on(made, "click", () => player.seek(player.time.peek() + by));
    return made;
  });
  const time = h(doc, "span", { class: "rtcr-time", "aria-hidden": "true" });
  scope.effect(() => {
    const text = REPLAY_STRINGS.time(player.time.value, player.end, player.story.value ? 2 : 0);
    if (time.textContent !== text) time.textContent = text;
  });
  return h(
    doc,
    "div",
    { class: "rtcr-deck", role: "group", "aria-label": REPLAY_STRINGS.controls },
    ...(player.cues.length > 0 ? [captions] : []),
    createPosition(doc, scope, player),
    h(
      doc,
      "div",
      { class: "rtcr-row" },
      h(doc, "div", { class: "rtcr-row" }, play, ...steps, ...skips, time),
      h(
        doc,
        "div",
        { class: "rtcr-row" },
        ...story(doc, scope, player),
        ...subtitles(doc, scope, player),
        speed(doc, scope, player),
        ...sound(doc, scope, player),
        ...fullscreen(doc, root, scope),
      ),
    ),
    refusal(doc, scope, player),
  );
}

function press(doc: Document, scope: Scope, sign: IconName, act: () => void): HTMLButtonElement {
  const made = h(doc, "button", { type: "button", class: "rtcw-button" }, icon(doc, sign));
  scope.on(made, "click", act);
  return made;
}

function name(element: HTMLElement, text: string): void {
  element.title = text;
  element.setAttribute("aria-label", text);
}

/** Empty where no message was recorded. */
function story(doc: Document, scope: Scope, player: Player): HTMLElement[] {
  if (player.messages.length === 0) return [];
  const made = h(
    doc,
    "button",
    { type: "button", class: "rtcw-button", title: REPLAY_STRINGS.storyHint },
    REPLAY_STRINGS.story,
  );
  scope.on(made, "click", () => player.setStory(!player.story.peek()));
  scope.effect(() => made.setAttribute("aria-pressed", String(player.story.value)));
  return [made];
}

/** Empty where there are none. */
function subtitles(doc: Document, scope: Scope, player: Player): HTMLElement[] {
  if (player.cues.length === 0) return [];
  const made = press(doc, scope, "silent", () => player.toggleCaptions());
  made.querySelector("path")?.setAttribute("d", CAPTIONS);
  name(made, REPLAY_STRINGS.captions);
  scope.effect(() => made.setAttribute("aria-pressed", String(player.captions.value)));
  return [made];
}

function speed(doc: Document, scope: Scope, player: Player): HTMLElement {
  const select = h(doc, "select", {
    class: "rtcw-select rtcr-speed",
    "aria-label": REPLAY_STRINGS.speed,
    title: REPLAY_STRINGS.speed,
  });
  select.append(
    ...SPEEDS.map((each) => h(doc, "option", { value: String(each) }, REPLAY_STRINGS.rate(each))),
  );
  scope.on(select, "change", () => player.setSpeed(Number(select.value)));
  scope.effect(() => {
    select.value = String(player.speed.value);
  });
  return select;
}

function sound(doc: Document, scope: Scope, player: Player): HTMLElement[] {
  const mute = press(doc, scope, "silent", () =>
    player.setVolume(player.volume.peek() || 1, !player.muted.peek()),
  );
  mute.classList.add("rtcr-mute");
  scope.effect(() => {
    const off = player.muted.value;
    const svg = mute.querySelector("svg")!;
    setIcon(svg, "silent");
    if (!off) svg.firstElementChild?.setAttribute("d", AUDIBLE);
    name(mute, off ? REPLAY_STRINGS.unmute : REPLAY_STRINGS.mute);
  });
  const volume = h(doc, "input", {
    type: "range",
    class: "rtcr-volume",
    min: "0",
    max: "1",
    step: "0.05",
    "aria-label": REPLAY_STRINGS.volume,
    title: REPLAY_STRINGS.volume,
  });
  scope.on(volume, "input", () => player.setVolume(volume.valueAsNumber, volume.valueAsNumber === 0));
  scope.effect(() => {
    const now = player.muted.value ? 0 : player.volume.value;
    volume.value = String(now);
    volume.style.setProperty("--rtcw-done", `${100 * now}%`);
  });
  return [mute, volume];
}

/** Empty where the page may not fill the screen, as in many a frame. */
function fullscreen(doc: Document, root: HTMLElement, scope: Scope): HTMLElement[] {
  if (!doc.fullscreenEnabled) return [];
  const fill = press(doc, scope, "silent", () => {
    void (doc.fullscreenElement ? doc.exitFullscreen() : root.requestFullscreen());
  });
  fill.querySelector("path")?.setAttribute("d", FULL);
  name(fill, REPLAY_STRINGS.fullscreen);
  return [fill];
}

function refusal(doc: Document, scope: Scope, player: Player): HTMLElement {
  const words = h(doc, "span", { class: "rtcw-label" }, REPLAY_STRINGS.silenced);
  const hear = h(
    doc,
    "button",
    { type: "button", class: "rtcw-button rtcw-primary rtcw-hear" },
    icon(doc, "silent"),
    words,
  );
  scope.on(hear, "click", () => player.setVolume(player.volume.peek(), false));
  scope.effect(() => {
    hear.hidden = !player.silenced.value;
  });
  return hear;
}
