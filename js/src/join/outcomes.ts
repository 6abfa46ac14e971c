/** What a person without a notebook reads when something is wrong: what it is, and what to do. */
import type { Notice } from "../call/types";
import type { ErrorInfo } from "../protocol/errors";
import { ownValue } from "../protocol/own-value";

/** Why this page is not in the call. */
export type Outcome = {
  code: string;
  title: string;
  text: string;
  /** What a button that tries again says; null where that is of no use. */
  again: string | null;
};

/** Without a text, the relay's own is shown. */
type Words = { title: string; text?: string; again?: string | null };

const AGAIN = "Try again";
const ASK_AGAIN = "Ask again";
const ASK = "Ask whoever sent it to you for a new one.";

const WORDS: Record<string, Words> = {
  no_link: {
    title: "This link is not complete",
    text: "The part behind the # is missing: it leaves the address when the page opens, and whoever was removed, or has closed the tab, needs it again. Open the link from where you got it, or scan its QR code.",
    again: null,
  },
  bad_token: {
    title: "This link does not work",
    text: `It is damaged, or from another call. ${ASK}`,
    again: null,
  },
  token_expired: { title: "This link has expired", text: ASK, again: null },
  token_used: {
    title: "This link has been used up",
    text: `It has let in as many people as it was made for. ${ASK}`,
    again: null,
  },
  token_revoked: { title: "This link has been withdrawn", text: ASK, again: null },
  wrong_room: { title: "This link is for another room", text: ASK, again: null },
  forbidden: { title: "This link does not admit to a call", text: ASK, again: null },
  room_full: { title: "The room is full", text: "Wait until somebody has left, then try again." },
  removed: {
    title: "You were removed from the call",
    text: "A teacher has ended your part in it. Camera and microphone are off. If that was a mistake, ask them for a link.",
    again: null,
  },
  taken_over: {
    title: "The call moved to another tab",
    text: "This call is open in another tab of this browser. Camera and microphone are off here.",
    again: "Bring it back here",
  },
  not_admitted: {
    title: "You were not let in",
    text: "Somebody who teaches has declined. If you are expected, tell them by other means who you are, then ask again.",
    again: ASK_AGAIN,
  },
  nobody_answered: {
    title: "Nobody has answered",
    text: "You waited for ten minutes. Tell whoever sent you the link that you are here, then ask again.",
    again: ASK_AGAIN,
  },
  waiting_full: {
    title: "Too many people wait to be let in",
    text: "Wait until some of them are in, then ask again.",
    again: ASK_AGAIN,
  },
  bad_name: { title: "This name cannot be used", again: "Choose another" },
  too_many_rooms: { title: "There are too many calls", text: "Try again later." },
  rate_limited: { title: "Too many people join at once", text: "Wait a moment, then try again." },
  relay_down: {
    title: "The call is switched off for a moment",
    text: "A teacher has done that. Try again soon.",
  },
  relay_unreachable: {
    title: "The call cannot be reached",
    text: "The notebook that it belongs to may be closed, or this device is in another network. If a call is still on, be in the same network, then try again.",
  },
  timeout: { title: "The call does not answer", text: "The network may be slow. Try again." },

  permission_denied: {
    title: "Camera or microphone refused",
    text: "Allow them in the site settings beside the address (on an iPhone: aA, Website Settings), then try again. You can also stay without.",
  },
  blocked_by_page: {
    title: "This page may not use a camera",
    text: "The page that it is shown in does not allow that: open the link in a tab of its own. You can stay without: you see and hear the others.",
  },
  no_device: {
    title: "No camera or microphone",
    text: "None was found, or it was unplugged. You can stay without: you see and hear the others.",
  },
  device_busy: {
    title: "Camera or microphone is in use",
    text: "Another app or tab holds it. Close that, then try again. You can also stay without.",
  },
  insecure_context: {
    title: "This page may not use a camera",
    text: "Browsers give cameras only to https:// pages: ask for a link that begins with https://. You can stay without: you see and hear the others.",
  },
  screen_denied: {
    title: "The screen is not shared",
    text: "Press the button again, and choose what to share.",
  },
  relay_away: {
    title: "The notebook's relay cannot be reached",
    text: "You still see and hear everybody who is connected. This page keeps trying; newcomers can join once the relay is back. If the call is over, leave.",
  },
};

/** The person has left, as they wanted. */
export function left(room: string): Outcome {
  const text = "Camera and microphone are off.";
  return { code: "left", title: `You left ${room}`, text, again: "Join again" };
}

/** Say why this page is not in the call. */
export function outcomeOf({ code, message }: ErrorInfo): Outcome {
  const {
    title,
    text = message,
    again = AGAIN,
  } = ownValue(WORDS, code) ?? { title: "The call could not be joined" };
  return { code, title, text, again };
}

/** Say the same as a notebook's notice, in words for this page. */
export function worded(notice: Notice): Notice {
  const words = ownValue(WORDS, notice.code);
  return words ? { ...notice, title: words.title, text: words.text ?? notice.text } : notice;
}
