/**
 * What a link brings: the room, in its path, and the token, behind the `#`, which browsers send nowhere. The token is
 * taken out of the address bar at once, and kept for this tab alone, so that a reload finds it.
 */
export type Arrival = { room: string; token: string | null };

const KEY = "rtc_widget.link:";

export function arrive(): Arrival {
  const { pathname, search, hash } = location;
  const token = hash.slice(1);
  if (token) history.replaceState(null, "", pathname + search);
  const room = decoded(pathname.slice(pathname.lastIndexOf("/") + 1));
  return { room, token: token ? keep(room, token) : kept(room) };
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

/** The link is no longer any good: a reload is not to try it again. */
export function forgetLink(room: string): void {
  try {
    sessionStorage.removeItem(KEY + room);
  } catch {
    // Storage is denied here, and nothing was kept.
  }
}

function keep(room: string, token: string): string {
  try {
    sessionStorage.setItem(KEY + room, token);
  } catch {
    // Storage is denied here: a reload needs the link once more.
  }
  return token;
}

function kept(room: string): string | null {
  try {
    return sessionStorage.getItem(KEY + room);
  } catch {
    return null;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
