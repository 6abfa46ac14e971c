/** Which ways lead from this page to the relay, best first. */
import { direct } from "./direct";
import type { SignalingTransport, Way } from "./transport";
import { type TunnelLink, tunnel } from "./tunnel";

export const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const DIRECT_HEAD_START_MS = 300;
const PROXY_HEAD_START_MS = 1_500;

/**
 * @param relay - the address that the kernel uses
 * @param local - whether that is a loopback address of the kernel's machine, which may not be this browser's
 */
export function waysTo(relay: string, local: boolean, room: string, link: TunnelLink): Way[] {
  return namedWaysTo(relay, local, room, link).map(([, way]) => way);
}

/** The same with their names, for who tries each of them. */
export function namedWaysTo(
  relay: string,
  local: boolean,
  room: string,
  link: TunnelLink,
): [SignalingTransport["path"], Way][] {
  const ways: [SignalingTransport["path"], Way][] = [];
  // From any other page a loopback address would be the visitor's own machine.
  if (!local || LOOPBACK.test(location.hostname)) {
    ways.push(["direct", direct("direct", relay, room, DIRECT_HEAD_START_MS)]);
  }
  const base = local ? jupyterBase() : null;
  if (base) {
    const url = `${base}proxy/${new URL(relay).port}/`;
    ways.push(["proxy", direct("proxy", url, room, PROXY_HEAD_START_MS)]);
  }
  ways.push(["tunnel", tunnel(link)]);
  return ways;
}

/** Where the Jupyter server of this page has its root, null outside Jupyter. */
function jupyterBase(): string | null {
  const config = document.getElementById("jupyter-config-data")?.textContent;
  if (!config) return null;
  try {
    return new URL((JSON.parse(config) as { baseUrl?: string }).baseUrl ?? "/", location.href).href;
  } catch {
    return null;
  }
}
