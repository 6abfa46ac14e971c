/** Is a STUN or TURN server reached, and how fast: a connection that knows no other server gathers candidates. */
import type { Result } from "./finding";

const GATHER_MS = 5_000;

/** The addresses of `servers`, each with what a connection needs to try it alone. */
export function eachServer(servers: readonly RTCIceServer[]): [url: string, server: RTCIceServer][] {
  const found = new Map<string, RTCIceServer>();
  for (const server of servers) {
    for (const url of [server.urls].flat()) if (!found.has(url)) found.set(url, { ...server, urls: url });
  }
  return [...found];
}

/** Only what is an address is shown: others could hold a password. */
export function nameOf(url: string): string {
  return /^(stun|turn)s?:(\[[0-9a-f:]+\]|[\w.-]+)(:\d+)?(\?transport=\w+)?$/i.test(url) ? url : "ICE server";
}

export function reach(server: RTCIceServer, signal: AbortSignal): Promise<Result> {
  const isTurn = /^turns?:/i.test(String(server.urls));
  const wanted = isTurn ? "relay" : "srflx";
  let pc: RTCPeerConnection;
  try {
    pc = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: isTurn ? "relay" : "all" });
  } catch {
    return Promise.resolve([
      "problem",
      "The browser refuses this server's description.",
      isTurn
        ? "Give urls, username and credential: {'urls': 'turn:host:port', 'username': …, 'credential': …}."
        : "Write it as {'urls': 'stun:host:port'}.",
    ]);
  }
  const began = performance.now();
  const errors: number[] = [];
  return new Promise<Result>((resolve) => {
    const settle = (result: Result) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", late);
      pc.close();
      resolve(result);
    };
    const late = () => settle(unreached(isTurn, errors));
    const timer = setTimeout(late, GATHER_MS);
    signal.addEventListener("abort", late, { once: true });
    pc.addEventListener("icecandidateerror", (event) => errors.push(event.errorCode));
    pc.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.type !== wanted) return;
      const given = isTurn ? "gave a relayed address" : "answered";
      settle(["good", `The server ${given} after ${Math.round(performance.now() - began)} ms.`]);
    });
    pc.addEventListener("icegatheringstatechange", () => {
      if (pc.iceGatheringState !== "complete") return;
      // A STUN server that sees the very address of this machine adds no candidate, and there is no error.
      if (!isTurn && errors.length === 0 && hasErrors()) {
        settle([
          "good",
          "The server was asked without error; it sees this machine as it is, without a NAT between.",
        ]);
      } else late();
    });
    pc.createDataChannel("preflight");
    pc.setLocalDescription().catch(late);
  });
}

/** Whether this browser says what went wrong; one that does not is silent either way. */
function hasErrors(): boolean {
  return "onicecandidateerror" in RTCPeerConnection.prototype;
}

function unreached(isTurn: boolean, errors: readonly number[]): Result {
  // The errors' own texts hold addresses.
  if (errors.some((code) => code === 401 || code === 403)) {
    return [
      "problem",
      "The server refuses the credentials.",
      "Ask its owner for a username and credential that are current.",
    ];
  }
  if (errors.some((code) => code === 486 || code === 508)) {
    return [
      "problem",
      "The server is full, or this user's share of it is.",
      "Try later, or use another server.",
    ];
  }
  const code = errors.at(-1);
  const why = code ? ` (ICE error ${code})` : "";
  return [
    "problem",
    `The server ${isTurn ? "gave no relayed address" : "did not answer this browser"}${why}.`,
    isTurn
      ? "Check address and credentials; where UDP is blocked, use turns:host:443?transport=tcp."
      : "Check its address; where UDP is blocked, name a TURN server as turns:host:443?transport=tcp.",
  ];
}
