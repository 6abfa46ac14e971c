/** Notices: what is wrong, and what to do about it. */
import type { RtcError } from "../protocol/errors";
import { ownValue } from "../protocol/own-value";
import type { SourceKind } from "./local-sources";
import type { Modules } from "./modules";
import type { Notice, NoticeAction } from "./types";

export const ABSENT: Notice = {
  code: "kernel_absent",
  level: "warning",
  title: "Not connected to a kernel",
  text: "This is a saved output. Run its cell to join the call; until then no camera opens.",
};
export const SILENT: Notice = {
  code: "kernel_silent",
  level: "warning",
  title: "The kernel does not answer",
  text: "It is busy or has ended. The call continues; it ends here if the kernel stays silent for a minute.",
};
export const RELAY_AWAY: Notice = {
  code: "relay_away",
  level: "warning",
  title: "The signaling server cannot be reached",
  text: "Audio and video continue. Newcomers can join once it is back; this page keeps trying.",
};
export const PAUSED: Notice = {
  code: "paused",
  level: "info",
  title: "Signaling is paused",
  text: "Offers, answers and candidates are held until somebody resumes it, under Signaling in a notebook or with room.resume(). Timers stand still: nothing fails meanwhile.",
};

/** The notice of somebody whose name another one had before. */
export function called(label: string, close: NoticeAction): Notice {
  return {
    code: "name",
    level: "info",
    title: `The others see you as ${label}`,
    text: "Somebody who came before you has the same name.",
    actions: [close],
  };
}

const TITLES: Record<string, string> = {
  permission_denied: "Camera or microphone refused",
  blocked_by_page: "This page may not use a camera",
  no_device: "No camera or microphone",
  device_busy: "Camera or microphone is in use",
  insecure_context: "This page may not use a camera",
  screen_denied: "The screen is not shared",
  kernel_gone: "The kernel has ended",
  removed: "You were removed from the room",
  taken_over: "The call moved to another page",
  room_full: "The room is full",
};

/** Of a page that may not use a camera, and will not at the next attempt. */
const FINAL = ["insecure_context", "blocked_by_page"];

/** What to do where neither camera nor microphone can be used, and for the same reason. */
const NEITHER: Record<string, string> = {
  no_device: "Plug one in and try again, or send a test picture.",
  device_busy: "Another program holds both. Close it, then try again.",
};

/** The notice of an error, with buttons for what can be done at once. */
export function noticeOf(error: RtcError, ...actions: readonly NoticeAction[]): Notice {
  const title = ownValue(TITLES, error.code) ?? "The call could not be joined";
  const level = error.code === "kernel_gone" ? "info" : "error";
  return { code: error.code, level, title, text: error.message, actions };
}

/** What this tab's sources can do about a failure. */
export type SourceActions = {
  /** Open a camera or microphone again. */
  retry(...kinds: SourceKind[]): void;
  /** What can be done in place of a camera that cannot be opened, and without a microphone that cannot either. */
  instead: readonly NoticeAction[];
};

/**
 * The notices of sources that cannot be opened, by kind: one for camera and microphone where the reason is the same.
 *
 * @param failed - why, for each kind that failed
 */
export function sourceNotices(
  failed: ReadonlyMap<SourceKind, RtcError>,
  { retry, instead }: SourceActions,
): Record<SourceKind, Notice | null> {
  const [audio, video, screen] = [failed.get("audio"), failed.get("video"), failed.get("screen")];
  const again = (...kinds: SourceKind[]) => ({
    label: "Try again",
    run: () => retry(...kinds),
  });
  const text = video && video.code === audio?.code ? ownValue(NEITHER, video.code) : undefined;
  const of = (error: RtcError | undefined, ...actions: NoticeAction[]) =>
    error ? noticeOf(error, ...(FINAL.includes(error.code) ? actions.slice(1) : actions)) : null;
  const both =
    video && text !== undefined ? { ...noticeOf(video, again("video", "audio"), ...instead), text } : null;
  const isSame = both !== null || (video && FINAL.includes(video.code) && audio?.code === video.code);
  return {
    video: both ?? of(video, again("video"), ...instead),
    audio: isSame ? null : of(audio, again("audio")),
    screen: of(screen, again("screen")),
  };
}

const MODULE_TITLES: Record<keyof Modules, string> = {
  "trace-panel": "The signaling diagram is not loaded yet",
  preflight: "The check is not loaded yet",
  "media-channel": "Python is not reached yet",
};

/** The notice of a module that the kernel has not sent yet. */
export function moduleLate(name: keyof Modules, retry: () => void): Notice {
  return {
    code: "kernel_silent",
    level: "warning",
    title: MODULE_TITLES[name],
    text: "The kernel, which sends it, does not answer: it is busy or has ended.",
    actions: [{ label: "Try again", run: retry }],
  };
}

/** The notice of a module that cannot be used. */
export function moduleBroken(name: keyof Modules): Notice {
  return {
    code: "bad_request",
    level: "error",
    title: MODULE_TITLES[name],
    text: "This page refused the code that the kernel sent. Reload the page, and run the cell again.",
  };
}

/** The notice of somebody who sends more than the kernel could take. */
export function messagesDropped(name: string): Notice {
  return {
    code: "rate_limited",
    level: "warning",
    title: `Messages from ${name} are dropped`,
    text: "They come faster than a kernel can take them. Send fewer or smaller ones; those of others still arrive.",
  };
}
