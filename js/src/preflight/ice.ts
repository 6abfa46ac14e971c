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
  const turn = isTurn(server.urls);
  const wanted = turn ? "relay" : "srflx";
  let pc: RTCPeerConnection;
  try {
    pc = new RTCPeerConnection({ iceServers: [server], iceTransportPolicy: turn ? "relay" : "all" });
  } catch {
    return Promise.resolve([
      "problem",
      "The browser refuses this server's description.",
      turn
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
    const late = () => settle(unreached(server, errors));
    const timer = setTimeout(late, GATHER_MS);
    signal.addEventListener("abort", late, { once: true });
    pc.addEventListener("icecandidateerror", (event) => errors.push(event.errorCode));
    pc.addEventListener("icecandidate", ({ candidate }) => {
      if (candidate?.type !== wanted) return;
      const given = turn ? "gave a relayed address" : "answered";
      settle(["good", `The server ${given} after ${Math.round(performance.now() - began)} ms.`]);
    });
    pc.addEventListener("icegatheringstatechange", () => {
      if (pc.iceGatheringState !== "complete") return;
      // A STUN server that sees the very address of this machine adds no candidate, and there is no error.
      if (!turn && errors.length === 0 && hasErrors()) {
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

function isTurn(urls: RTCIceServer["urls"]): boolean {
  return /^turns?:/i.test(String(urls));
}

/** Whether this browser says what went wrong; one that does not is silent either way. */
function hasErrors(): boolean {
  return "onicecandidateerror" in RTCPeerConnection.prototype;
}

function unreached({ urls }: RTCIceServer, errors: readonly number[]): Result {
  // The errors' own texts hold addresses.
  if (errors.some((code) => code === 401 || code === 403)) {
    return [
      "problem",
      "The server refuses the credentials.",
      "If the server is yours, compare its secret with the one in use, and the two clocks; else ask its owner for a username and credential that are current.",
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
  const turn = isTurn(urls);
  let next = "Check its address; where UDP is blocked, name a TURN server as turns:host:443?transport=tcp.";
  if (turn) next = "Check address and credentials; where UDP is blocked, use turns:host:443?transport=tcp.";
  if (/^turns:/i.test(String(urls)))
    next =
      "Check its address and port, whether its certificate is one that browsers trust, and the credentials.";
  return [
    "problem",
    `The server ${turn ? "gave no relayed address" : "did not answer this browser"}${why}.`,
    next,
  ];
}
