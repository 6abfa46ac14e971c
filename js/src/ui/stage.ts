import { computed, type ReadonlySignal, signal } from "@preact/signals-core";
import type { RemoteParticipant } from "../call/types";
import { h, keepFocus, type Ui } from "./dom";
import { icon } from "./icons";
import { arrange, listWidth } from "./layout";
import { KeyedList } from "./list";
import { STRINGS } from "./strings";
import { createTile, type Tile } from "./tile";
import { localScreenTile, localTile, remoteTile, screenTile } from "./tiles";

/** Where a stage is shown. */
export type StageOptions = {
  /** How high it may be, in pixels; as low as a notebook wants it when left out. */
  tallest?: ReadonlySignal<number>;
  /** What to do as long as nobody else is there; by default, run a cell. */
  invitation?: readonly string[];
};

/** The people and the shared screens, laid out to fit the width there is. */
export function createStage(ui: Ui, { tallest, invitation }: StageOptions = {}): HTMLElement {
  const { doc, call, scope, root } = ui;
  const screens = h(doc, "div", { class: "rtcw-list", role: "list", "aria-label": STRINGS.screens });
  const people = h(doc, "div", { class: "rtcw-list", role: "list", "aria-label": STRINGS.people });
  const card = createCard(ui, invitation);
  const stage = h(doc, "div", { class: "rtcw-stage" }, screens, people, card);

  const own = localTile(call);
  const ownScreen = localScreenTile(call);
  const remote = (create: (participant: RemoteParticipant) => Tile) => {
    const tiles = new WeakMap<RemoteParticipant, Tile>();
    return (participant: RemoteParticipant) => {
      const tile = tiles.get(participant) ?? create(participant);
      tiles.set(participant, tile);
      return tile;
    };
  };
  const remoteTiles = remote(remoteTile);
  const screenTiles = remote(screenTile);

  const shownPeople = computed(() => [
    own,
    ...(call.local.screen.value ? [ownScreen] : []),
    ...call.participants.value.map(remoteTiles),
  ]);
  const shownScreens = computed(() =>
    call.participants.value.filter(({ screen }) => screen.value).map(screenTiles),
  );
  const peopleList = new KeyedList<Tile>(people, (tile) => createTile(ui, tile));
  const screenList = new KeyedList<Tile>(screens, (tile) => createTile(ui, tile));
  scope.add(() => peopleList.dispose());
  scope.add(() => screenList.dispose());
  scope.effect(() => {
    const [now, shared] = [shownPeople.value, shownScreens.value];
    keepFocus(root, () => {
      peopleList.update(now);
      screenList.update(shared);
    });
  });

  const width = measure(ui, stage);
  scope.effect(() => {
    const alone = call.participants.value.length === 0;
    const plan = arrange(
      width.value,
      shownPeople.value.length,
      shownScreens.value.length,
      alone,
      tallest?.value,
    );
    stage.dataset.flow = plan.flow;
    card.hidden = !alone;
    screens.hidden = plan.screens === null;
    for (const [list, grid] of [[people, plan.people] as const, [screens, plan.screens] as const]) {
      if (!grid) continue;
      list.style.setProperty("--rtcw-list", `${listWidth(grid)}px`);
      list.style.setProperty("--rtcw-tile", `${grid.tile}px`);
      list.dataset.columns = String(grid.columns);
    }
    stage.style.setProperty("--rtcw-card", `${listWidth(plan.people)}px`);
  });
  return stage;
}

/** The width of `element`; a hidden or detached one keeps its last. */
function measure({ scope }: Ui, element: HTMLElement) {
  const width = signal(640);
  const observer = new ResizeObserver((entries) => {
    const measured = Math.floor(entries.at(-1)?.contentRect.width ?? 0);
    if (measured > 0) width.value = measured;
  });
  observer.observe(element);
  scope.add(() => observer.disconnect());
  return width;
}

/** What stands beside the own picture as long as nobody else is there. */
function createCard({ doc, call, scope }: Ui, invitation: readonly string[] | undefined): HTMLElement {
  const title = h(doc, "strong");
  const text = h(doc, "span");
  const card = h(doc, "div", { class: "rtcw-card" }, icon(doc, "people"), title, text);
  scope.effect(() => {
    const room = call.room.value;
    if (call.phase.value === "connecting") {
      const joining = STRINGS.joining(room);
      title.textContent = joining.title;
      text.textContent = joining.text;
      return;
    }
    const alone = STRINGS.alone(room);
    title.textContent = alone.title;
    text.replaceChildren(...(invitation ?? [alone.before, h(doc, "code", {}, alone.code), alone.after]));
  });
  return card;
}
