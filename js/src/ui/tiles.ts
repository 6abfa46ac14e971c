import { computed, signal } from "@preact/signals-core";
import type { Call, RemoteParticipant } from "../call/types";
import type { Media } from "../protocol/signaling";
import { type Link, STRINGS } from "./strings";
import type { Mark, Tile } from "./tile";

const never = signal(false);
const none = signal<readonly Mark[]>([]);

function marks(media: Media, overNotebook = false): Mark[] {
  const all: Mark[] = [];
  if (!media.audio) all.push("microphoneOff");
  if (!media.video) all.push("cameraOff");
  if (media.screen) all.push("sharing");
  if (overNotebook) all.push("notebook");
  return all;
}

/** This tab's own camera. */
export function localTile({ local, label }: Call): Tile {
  return {
    label: computed(() => STRINGS.you(label.value)),
    person: label,
    stream: computed(() => (local.media.value.video ? local.stream.value : null)),
    mirrored: local.mirrored,
    tag: null,
    marks: computed(() => marks(local.media.value)),
    link: null,
    stats: null,
  };
}

/** This tab's own shared screen: a small reminder of what the others see. */
export function localScreenTile({ local }: Call): Tile {
  return {
    label: signal(STRINGS.yourScreen),
    person: null,
    stream: local.screen,
    mirrored: never,
    tag: null,
    marks: none,
    link: null,
    stats: null,
  };
}

/** The state of a connection as a person should read it: trouble with the media comes before the rest. */
export function linkOf(participant: RemoteParticipant): Link {
  const state = participant.connectionState.value;
  const trouble = state === "disconnected" || state === "failed" || state === "closed";
  return participant.disconnected.value && !trouble ? "away" : state;
}

/** Somebody else: camera or avatar. */
export function remoteTile(participant: RemoteParticipant): Tile {
  return {
    label: participant.label,
    person: participant.label,
    stream: computed(() => (participant.media.value.video ? participant.stream.value : null)),
    mirrored: never,
    tag: participant.kind === "python" ? STRINGS.python : null,
    marks: computed(() => marks(participant.media.value, participant.overNotebook.value)),
    link: computed(() => linkOf(participant)),
    stats: participant.stats,
  };
}

/** Somebody else's shared screen. */
export function screenTile(participant: RemoteParticipant): Tile {
  return {
    label: computed(() => STRINGS.screenOf(participant.label.value)),
    person: null,
    stream: participant.screen,
    mirrored: never,
    tag: null,
    marks: none,
    link: computed(() => linkOf(participant)),
    stats: null,
  };
}
