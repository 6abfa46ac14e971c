import type { Call, Phase, RemoteParticipant } from "../call/types";
import { h } from "./dom";
import { Scope } from "./scope";
import { type Link, STRINGS } from "./strings";
import { linkOf } from "./tiles";

/** More than this many messages are not kept: they have been read out. */
const KEPT = 5;

/** The polite live region of a view. Every message is an element of its own, so that none is lost in a burst. */
export function createAnnouncer(doc: Document): {
  element: HTMLElement;
  announce: (message: string) => void;
} {
  const element = h(doc, "div", {
    class: "rtcw-hidden",
    role: "status",
    "aria-live": "polite",
    "aria-atomic": "false",
    "aria-relevant": "additions",
  });
  const announce = (message: string) => {
    element.append(h(doc, "div", {}, message));
    while (element.childElementCount > KEPT) element.firstElementChild?.remove();
  };
  return { element, announce };
}

/** Say in words what changes in the call; what holds when a view opens is not news. */
export function announceCall(call: Call, scope: Scope, announce: (message: string) => void): void {
  announcePhase(call, scope, announce);

  const known = new Map<RemoteParticipant, Scope>();
  let before: Phase | null = null;
  scope.effect(() => {
    const phase = call.phase.value;
    const now = call.participants.value;
    // Those who are there already are told together when joining, and not one by one.
    const news = before === "joined" || before === "reconnecting";
    const stays = phase === "joined" || phase === "reconnecting";
    before = phase;
    for (const [participant, watching] of known) {
      if (now.includes(participant)) continue;
      known.delete(participant);
      watching.dispose();
      if (news && stays) announce(STRINGS.announced.left(participant.label.peek()));
    }
    for (const participant of now) {
      if (known.has(participant)) continue;
      const watching = new Scope();
      known.set(participant, watching);
      if (news) announce(STRINGS.announced.joined(participant.label.peek()));
      watch(participant, watching, announce);
    }
  });
  scope.add(() => {
    for (const watching of known.values()) watching.dispose();
  });
}

function announcePhase(call: Call, scope: Scope, announce: (message: string) => void): void {
  let before: Phase = call.phase.peek();
  scope.effect(() => {
    const phase = call.phase.value;
    if (phase === before) return;
    const room = call.room.peek();
    if (phase === "joined" && before === "reconnecting") announce(STRINGS.announced.reconnected);
    else if (phase === "joined")
      announce(
        STRINGS.announced.joinedRoom(
          room,
          call.participants.peek().map((each) => each.label.peek()),
        ),
      );
    else if (phase === "reconnecting") announce(STRINGS.announced.reconnecting);
    else if (phase === "left") announce(STRINGS.announced.leftRoom(room));
    before = phase;
  });
}

function watch(participant: RemoteParticipant, scope: Scope, announce: (message: string) => void): void {
  let media = participant.media.peek();
  scope.effect(() => {
    const now = participant.media.value;
    const name = participant.label.peek();
    for (const source of ["audio", "video", "screen"] as const) {
      if (now[source] !== media[source]) announce(STRINGS.announced[source](name, now[source]));
    }
    media = now;
  });

  let link: Link | null = null;
  let trouble = false;
  scope.effect(() => {
    const now = linkOf(participant);
    const name = participant.label.peek();
    if (now !== link && link !== null) {
      if (now === "disconnected") announce(STRINGS.announced.lost(name));
      else if (now === "failed") announce(STRINGS.announced.failed(name));
      // Connecting for the first time is part of joining; only getting over trouble is news.
      else if (now === "connected" && trouble) announce(STRINGS.announced.connected(name));
    }
    if (now === "disconnected" || now === "failed") trouble = true;
    else if (now === "connected") trouble = false;
    link = now;
  });
}
