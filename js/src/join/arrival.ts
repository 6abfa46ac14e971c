/**
 * What a link brings: the room, in its path, and the token, behind the `#`, which browsers send nowhere. The token is
 * taken out of the address bar at once, and kept for this tab alone, so that a reload finds it.
 */
export type Arrival = { room: string; token: string | null };

const LINK = "rtc_widget.link:";
const RETURN = "rtc_widget.return:";

export function arrive(): Arrival {
  const { pathname, search, hash } = location;
  const token = hash.slice(1);
  const room = decoded(pathname.slice(pathname.lastIndexOf("/") + 1));
  if (!token) return { room, token: kept(LINK + room) };
  history.replaceState(null, "", pathname + search);
  if (token !== kept(LINK + room)) forget(RETURN + room);
  // Where storage is denied, a reload needs the link once more.
  keep(LINK + room, token);
  return { room, token };
}

/**
 * Whether who has this token waits to be let in, as its claims say, which are its first part: the relay decides, and the page
 * says beforehand what will be.
 */
export function waits(token: string): boolean {
  try {
    const [claims = ""] = token.replaceAll("-", "+").replaceAll("_", "/").split(".");
    return (JSON.parse(atob(claims)) as { wait?: unknown }).wait === true;
  } catch {
    return false;
  }
}

/** A reload is not to try the link again. */
export function forgetLink(room: string): void {
  forget(LINK + room);
  forget(RETURN + room);
}

/** Keep what brings back who has left, also after a reload: the link may have admitted as many as it was made for. */
export function keepReturn(room: string, resume: string): void {
  keep(RETURN + room, resume);
}

/** What brings back who has left; null where nobody has. */
export function keptReturn(room: string): string | null {
  return kept(RETURN + room);
}

/** Whoever is back leaves nothing for a duplicated tab, which would take the call over. */
export function forgetReturn(room: string): void {
  forget(RETURN + room);
}

function keep(key: string, token: string): void {
  try {
    sessionStorage.setItem(key, token);
  } catch {
    // Storage is denied here.
  }
}

function kept(key: string): string | null {
  try {
    return sessionStorage.getItem(key);
  } catch {
    return null;
  }
}

function forget(key: string): void {
  try {
    sessionStorage.removeItem(key);
  } catch {
    // Storage is denied here, and nothing was kept.
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
