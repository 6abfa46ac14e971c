import { computed, signal } from "@preact/signals-core";
import type { Person, RecordingData } from "../protocol/replay";
import { h, keepFocus } from "../ui/dom";
import { type Arrangement, arrange, GAP, type Grid, listWidth, STAGE_HEIGHT } from "../ui/layout";
import { KeyedList } from "../ui/list";
import type { Scope } from "../ui/scope";
import { STRINGS } from "../ui/strings";
import type { ClipVideo } from "./clip";
import type { Player } from "./player";

import { REPLAY_STRINGS } from "./strings";
import { personTile, screenTile } from "./tile";
import { within } from "./timeline";

/** Beside it there is to be room for the diagram: so much of the window's height it may have, and never less than a few pixels. */
const SHARE = 0.45;
const LEAST = 150;

/** Who is there at the replay's time, and what they share. */
export function createStage(doc: Document, root: HTMLElement, scope: Scope, player: Player): HTMLElement {
  const { data } = player.recording;
  const people = h(doc, "div", { class: "rtcw-list", role: "list", "aria-label": REPLAY_STRINGS.stage });
  const screens = h(doc, "div", { class: "rtcw-list", role: "list", "aria-label": STRINGS.screens });
  const nobody = h(doc, "p", { class: "rtcw-pending" }, REPLAY_STRINGS.nobody);
  const stage = h(doc, "div", { class: "rtcw-stage" }, screens, people, nobody);

  // As text, so that a stage on which nobody moves is not laid out sixty times a second.
  const present = computed(() => indices(data.people, ({ here }) => within(here, player.time.value)));
  const shared = computed(() =>
    indices(player.clips, ({ clip, shown }) => clip.track === "screen" && shown.value),
  );
  const peopleList = new KeyedList<Person>(people, (person) => personTile(doc, player, person));
  const screenList = new KeyedList<ClipVideo>(screens, (clip) => screenTile(doc, player, clip));
  scope.add(() => peopleList.dispose());
  scope.add(() => screenList.dispose());

  const width = signal(640);
  const tallest = signal(STAGE_HEIGHT);
  const observer = new ResizeObserver((entries) => {
    const measured = Math.floor(entries.at(-1)?.contentRect.width ?? 0);
    if (measured > 0) width.value = measured;
    const window = doc.defaultView?.innerHeight ?? Number.POSITIVE_INFINITY;
    tallest.value = Math.max(LEAST, Math.min(STAGE_HEIGHT, Math.floor(window * SHARE)));
  });
  observer.observe(stage);
  scope.add(() => observer.disconnect());

  const moments = crowds(data);
  scope.effect(() => {
    const heights = moments.map(([there, sharing]) =>
      height(arrange(width.value, there, sharing, false, tallest.value), there, sharing),
    );
    // What is below stands still while people come and go.
    stage.style.minHeight = `${Math.max(...heights)}px`;
  });
  scope.effect(() => {
    const [here, sharing] = [numbers(present.value), numbers(shared.value)];
    const plan = arrange(width.value, here.length, sharing.length, false, tallest.value);
    keepFocus(root, () => {
      peopleList.update(here.map((index) => data.people[index]!));
      screenList.update(sharing.map((index) => player.clips[index]!));
    });
    nobody.hidden = here.length > 0;
    people.hidden = here.length === 0;
    screens.hidden = plan.screens === null;
    stage.dataset.flow = plan.flow;
    for (const [list, grid] of [[people, plan.people] as const, [screens, plan.screens] as const]) {
      if (!grid) continue;
      list.style.setProperty("--rtcw-list", `${listWidth(grid)}px`);
      list.style.setProperty("--rtcw-tile", `${grid.tile}px`);
    }
  });
  return stage;
}

function indices<T>(values: readonly T[], holds: (value: T) => boolean): string {
  return values.flatMap((value, index) => (holds(value) ? [index] : [])).join();
}

function numbers(text: string): number[] {
  return text ? text.split(",").map(Number) : [];
}

/** How many are there and how many share, at every moment at which that changes. */
function crowds({ people, clips }: RecordingData): [people: number, screens: number][] {
  const screens = clips
    .filter(({ track }) => track === "screen")
    .flatMap(({ begins, shown }) =>
      shown.map(([from, to]) => [begins + from, to === null ? null : begins + to] as const),
    );
  const moments = [
    0,
    ...people.flatMap(({ here }) => here.map(([from]) => from)),
    ...screens.map(([at]) => at),
  ];
  return moments.map((time) => [
    people.filter(({ here }) => within(here, time)).length,
    screens.filter((span) => within([span], time)).length,
  ]);
}

function height(plan: Arrangement, people: number, screens: number): number {
  const tall = ({ columns, tile }: Grid, count: number) => {
    const rows = Math.ceil(count / columns);
    return (rows * (tile * 9)) / 16 + Math.max(0, rows - 1) * GAP;
  };
  const [below, above] = [tall(plan.people, people), plan.screens ? tall(plan.screens, screens) : 0];
  if (plan.flow === "row") return Math.max(above, below);
  return above + below + GAP;
}
