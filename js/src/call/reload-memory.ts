/**
 * What a page leaves for its own reload, so that the same participant comes back. It is written only when the page
 * goes and taken out when it is read: a duplicated tab finds nothing and does not take the call over.
 */
export type Memory = {
  resume: string;
  on: { audio: boolean; video: boolean };
  /** Ids of recordings out of which the person wants to be left. */
  declined: string[];
};

const PREFIX = "rtc_widget:";
const FRESH_MS = 60_000;

export function remember(owner: string, memory: Memory): void {
  try {
    sessionStorage.setItem(PREFIX + owner, JSON.stringify({ ...memory, at: Date.now() }));
  } catch {
    // Storage is denied here: a reload will show the Join button.
  }
}

/** Take the memory out, if there is a fresh one. */
export function recall(owner: string): Memory | null {
  try {
    const text = sessionStorage.getItem(PREFIX + owner);
    if (text === null) return null;
    forget(owner);
    const { at, ...memory } = JSON.parse(text) as Memory & { at: number };
    return Date.now() - at < FRESH_MS ? memory : null;
  } catch {
    return null;
  }
}

export function forget(owner: string): void {
  try {
    sessionStorage.removeItem(PREFIX + owner);
  } catch {
    // Nothing was stored either.
  }
}
