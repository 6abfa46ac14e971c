import { h } from "../ui/dom";
import { type IconName, icon, setIcon } from "../ui/icons";
import type { Scope } from "../ui/scope";
import { SKIP } from "./keys";
import { type Player, SPEEDS } from "./player";
import { REPLAY_STRINGS } from "./strings";

/** Of the position, in seconds: finer than a picture. */
const FINE = "0.01";
const FULL = "M4 8V4h4M12 4h4v4M16 12v4h-4M8 16H4v-4";
const AUDIBLE = "M3 8v4h3l4 3.5v-11L6 8zM13 7.5a3.5 3.5 0 0 1 0 5M15.3 5.2a7 7 0 0 1 0 9.6";

/** The bar below the stage: where the replay is, and what moves it. */
export function createControls(doc: Document, root: HTMLElement, scope: Scope, player: Player): HTMLElement {
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
    const text = REPLAY_STRINGS.time(player.time.value, player.end);
    if (time.textContent !== text) time.textContent = text;
  });
  return h(
    doc,
    "div",
    { class: "rtcr-deck", role: "group", "aria-label": REPLAY_STRINGS.controls },
    position(doc, scope, player),
    h(
      doc,
      "div",
      { class: "rtcr-row" },
      play,
      ...steps,
      ...skips,
      time,
      h(doc, "span", { class: "rtcr-gap" }),
      speed(doc, scope, player),
      ...sound(doc, scope, player),
      ...fullscreen(doc, root, scope),
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

function position(doc: Document, scope: Scope, player: Player): HTMLElement {
  const input = h(doc, "input", {
    type: "range",
    class: "rtcr-position",
    min: "0",
    max: String(player.end),
    step: FINE,
    "aria-label": REPLAY_STRINGS.position,
  });
  scope.on(input, "input", () => player.seek(input.valueAsNumber));
  scope.effect(() => {
    const now = player.time.value;
    input.value = String(now);
    input.style.setProperty("--rtcw-done", `${(100 * now) / (player.end || 1)}%`);
    const text = REPLAY_STRINGS.at(now, player.end);
    if (input.getAttribute("aria-valuetext") !== text) input.setAttribute("aria-valuetext", text);
  });
  const marks = player.recording.data.chapters.map(({ time, title, kind }) => {
    const mark = h(doc, "span", { class: "rtcr-chapter-mark", "data-kind": kind, title });
    mark.style.setProperty("--rtcw-at", String(time / (player.end || 1)));
    return mark;
  });
  const shown = h(doc, "div", { class: "rtcr-chapter-marks", "aria-hidden": "true" }, ...marks);
  return h(doc, "div", { class: "rtcr-timeline" }, input, shown);
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
