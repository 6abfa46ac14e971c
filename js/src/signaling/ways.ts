/** Which ways lead from this page to the relay, best first. */
import type { Proof } from "../protocol/comm";
import { TIMES_MS } from "../protocol/limits";
import { direct } from "./direct";
import type { SignalingTransport, Way } from "./transport";
import { type TunnelLink, tunnel } from "./tunnel";

export const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;
const REMOTE_HEAD_START_MS = 300;
/** What is on this machine answers or fails sooner, but where a firewall swallows what goes to it. */
const NEAR_HEAD_START_MS = 1_500;
/** Where this page comes from, there is an answer: a refusal, or the relay's, however busy that server is. */
const SERVED_HEAD_START_MS = TIMES_MS.connect;

/** A relay, as the kernel names it. */
export type NamedRelay = {
  /** The address that the kernel uses. */
  url: string;
  /** Whether that is a loopback address of the kernel's machine, which may not be this browser's. */
  local: boolean;
  proof?: Proof | undefined;
  /** By origin of a page, what shows the relay that the kernel vouches for it. */
  originTokens?: Record<string, string> | undefined;
};

export function waysTo(relay: NamedRelay, room: string, link: TunnelLink): Way[] {
  return namedWaysTo(relay, room, link).map(([, way]) => way);
}

/** The same with their names, for who tries each of them. */
export function namedWaysTo(
  { url, local, proof, originTokens }: NamedRelay,
  room: string,
  link: TunnelLink,
): [SignalingTransport["path"], Way][] {
  const page = { room, origin: originTokens?.[location.origin] };
  const ways: [SignalingTransport["path"], Way][] = [];
  // From any other page a loopback address would be the visitor's own machine.
  if (!local || LOOPBACK.test(location.hostname)) {
    ways.push([
      "direct",
      direct("direct", url, page, local ? NEAR_HEAD_START_MS : REMOTE_HEAD_START_MS, proof),
    ]);
  }
  const base = local ? jupyterBase() : null;
  if (base) {
    const proxied = `${base}proxy/${new URL(url).port}/`;
    ways.push(["proxy", direct("proxy", proxied, page, SERVED_HEAD_START_MS, proof)]);
  }
  ways.push(["tunnel", tunnel(link)]);
  return ways;
}

/** Where the Jupyter server of this page has its root, null outside Jupyter. */
export function jupyterBase(): string | null {
  const config = document.getElementById("jupyter-config-data")?.textContent;
  if (!config) return null;
  try {
    return new URL((JSON.parse(config) as { baseUrl?: string }).baseUrl ?? "/", location.href).href;
  } catch {
    return null;
  }
}
