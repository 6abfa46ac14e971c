/** What a router makes of this machine's address: the same for each STUN server, or another (RFC 4787, section 4.1). */
import type { Result } from "./finding";

const GATHER_MS = 5_000;

const HIDDEN: Result = [
  "not checked",
  "The browser does not show which addresses belong together; it does once this page may use a camera or microphone.",
  "Press Try camera and microphone, then Check again.",
];
const NONE: Result = [
  "not checked",
  "No server has seen this machine at another address: no router translates it, or no server has answered.",
];

/** The servers of `servers` that say over UDP whom they see; TURN servers do, too. */
export function observers(servers: readonly RTCIceServer[]): RTCIceServer[] {
  const urls = servers
    .flatMap(({ urls }) => urls)
    .filter((url) => /^(stun|turn):[^?]*(\?transport=udp)?$/i.test(url));
  const addresses = urls.map((url) => url.replace(/^turn:/i, "stun:").replace(/\?.*/, ""));
  return [...new Set(addresses)].map((url) => ({ urls: url }));
}

/**
 * Compare what servers see of one socket.
 *
 * @param servers - at least two of `observers`
 */
export function router(servers: RTCIceServer[], signal: AbortSignal): Promise<Result> {
  const pc = new RTCPeerConnection({ iceServers: servers });
  // What servers saw of each of this machine's sockets.
  const seen = new Map<string, Set<string>>();
  let isHidden = false;
  return new Promise<Result>((resolve) => {
    const settle = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", settle);
      pc.close();
      resolve(verdict([...seen.values()], isHidden));
    };
    const timer = setTimeout(settle, GATHER_MS);
    signal.addEventListener("abort", settle, { once: true });
    pc.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.type !== "srflx") return;
      isHidden ||= !candidate.relatedPort;
      if (!candidate.relatedPort) return;
      const socket = `${candidate.relatedAddress} ${candidate.relatedPort}`;
      const known = seen.get(socket) ?? new Set();
      seen.set(socket, known.add(`${candidate.address} ${candidate.port}`));
    });
    pc.addEventListener("icegatheringstatechange", () => pc.iceGatheringState === "complete" && settle());
    pc.createDataChannel("preflight");
    pc.setLocalDescription().catch(settle);
  });
}

function verdict(sockets: readonly ReadonlySet<string>[], isHidden: boolean): Result {
  if (sockets.length === 0) return isHidden ? HIDDEN : NONE;
  if (sockets.every(({ size }) => size === 1))
    return [
      "good",
      "A router translates this machine's address, to the same one for each server that answers from beyond it: STUN leads through it.",
    ];
  return [
    "warning",
    "A router translates this machine's address to another one for each server (a symmetric NAT): what STUN finds is of no use to somebody else.",
    "Name a TURN server (turn=TurnServer(…)), by which calls go then.",
  ];
}
