/** Which ways lead from this page to the relay, how fast each is, and how the clocks agree. */
import type { Target } from "../protocol/comm";
import { RtcError } from "../protocol/errors";
import { measureOffset, type Offset } from "../signaling/clock-sync";
import type { SignalingTransport } from "../signaling/transport";
import type { TunnelLink } from "../signaling/tunnel";
import { LOOPBACK, namedWaysTo } from "../signaling/ways";
import { listed, type Result, sentence, within } from "./finding";

/** Where the relay is. `token` may be empty: then it is only seen whether it answers. */
type RelayTarget = NonNullable<Target["relay"]>;

type Path = SignalingTransport["path"];
type Trial = { path: Path; ms: number | null; offset: Offset | null };

const TRY_MS = 6_000;
const CLOCK_MS = 3_000;
const FAR_MS = 5_000;

const PATH_NAMES: Record<Path, string> = {
  direct: "directly",
  proxy: "by the Jupyter server's proxy",
  tunnel: "through the kernel",
};

/** What the notebook's own connection needs of a browser. */
const CODECS = ["VideoEncoder", "VideoDecoder", "AudioEncoder", "AudioDecoder"];

const NAMED =
  "Ask its owner whether browsers reach it: by https:// from https:// pages, and with this page's address as --origin.";
const BESIDE =
  "For a way beside the kernel: pip install jupyter-server-proxy where a Jupyter server serves this page, and start that anew. marimo and Voila have no such way.";

/** Try every way for itself, one after the other so that none slows another down. */
export async function tryWays(
  target: RelayTarget,
  link: TunnelLink | null,
  signal: AbortSignal,
): Promise<Trial[]> {
  const trials: Trial[] = [];
  for (const [path, way] of namedWaysTo(target, target.room, link ?? NO_LINK)) {
    if (path === "tunnel" && !link) continue;
    if (signal.aborted) break;
    const end = new AbortController();
    const stop = () => end.abort();
    signal.addEventListener("abort", stop, { once: true });
    const began = performance.now();
    const handlers = { event: () => {}, closed: () => {} };
    const connected = way
      .connect({ token: target.token }, handlers, end.signal)
      .catch((error: unknown) => (answered(error) ? "answered" : null));
    const transport = await within(connected, TRY_MS, null, signal);
    const ms = transport ? performance.now() - began : null;
    let offset: Offset | null = null;
    if (transport && transport !== "answered") {
      offset = await within(
        clockOf(transport).catch(() => null),
        CLOCK_MS,
        null,
        signal,
      );
      transport.close();
    } else end.abort();
    signal.removeEventListener("abort", stop);
    trials.push({ path, ms, offset });
  }
  return trials;
}

/** @param local - whether it is the kernel's own, and not one that was named */
export function ways(trials: readonly Trial[], local: boolean): Result {
  const good = trials.filter(({ ms }) => ms !== null);
  const reached = good.map(({ path, ms }) => `${PATH_NAMES[path]} in ${Math.round(ms ?? 0)} ms`);
  const bad = trials.filter(({ ms }) => ms === null).map(({ path }) => PATH_NAMES[path]);
  if (good.length === 0) {
    return [
      "problem",
      `The relay is not reached from this page${bad.length ? `, neither ${bad.join(" nor ")}` : ""}.`,
      local ? "Run the cell again; if it stays so, restart the kernel and see its line on the relay." : NAMED,
    ];
  }
  const text = `${sentence(`reached ${listed(reached)}`)}${bad.length ? `; not ${listed(bad)}` : ""}.`;
  if (good.some(({ path }) => path !== "tunnel")) return ["good", text];
  return [
    "warning",
    `${text} Joining may wait while a cell runs; calls that are on do not.`,
    local ? BESIDE : NAMED,
  ];
}

/** How media go between this page and its kernel's Peers where ICE finds no way; the proxy that leads to the relay leads to them, too. */
export function media(trials: readonly Trial[], local: boolean): Result {
  const lacking = CODECS.filter((name) => !(name in globalThis));
  if (lacking.length) {
    return [
      "warning",
      `This browser lacks ${listed(lacking)}, so media reach this kernel's Peers by ICE alone.`,
      "Where room.frame brings nothing, open the notebook by https or on localhost, in a current Chromium or Firefox.",
    ];
  }
  const reaches = (path: Path) => trials.some((trial) => trial.path === path && trial.ms !== null);
  const where = "Where ICE finds no way to this kernel's Peers, media go";
  if (local && reaches("proxy")) return ["good", `${where} ${PATH_NAMES.proxy}.`];
  if (!reaches("tunnel")) return ["not checked", `${where} through the kernel, which has not answered.`];
  return [
    "warning",
    `${where} through the kernel, at fewer frames a second; a cell that runs may hold them up.`,
    BESIDE,
  ];
}

export function clock(trials: readonly Trial[]): Result {
  const offsets = trials.flatMap(({ offset }) => offset ?? []).sort((one, other) => one.error - other.error);
  const [best] = offsets;
  if (!best) return ["not checked", "No way to the relay led to its clock."];
  const text = `The relay's clock is ${signed(best.offset)} ms from this browser's (± ${best.error.toFixed(1)} ms).`;
  if (Math.abs(best.offset) - best.error < FAR_MS) return ["good", text];
  return ["warning", text, "Let both machines set their clocks by the network (NTP)."];
}

export function machine(target: RelayTarget, trials: readonly Trial[]): Result {
  if (!target.local)
    return ["not checked", "The relay is somebody else's, so it does not tell where the kernel is."];
  if (!LOOPBACK.test(location.hostname)) {
    return [
      "good",
      "The page came from another machine, so the kernel is taken to be there: nothing is sent to localhost.",
    ];
  }
  if (trials.some(({ path, ms }) => path === "direct" && ms !== null)) {
    return [
      "good",
      "The kernel's relay answers on localhost: browser and kernel share a machine, or its ports.",
    ];
  }
  return [
    "good",
    "The page is on localhost, but the kernel's relay is not: a tunnel (ssh, a container) leads to the kernel's machine.",
  ];
}

// A relay that refuses the token is there; whether it would take a right one is its owner's matter.
function answered(error: unknown): boolean {
  return error instanceof RtcError && ["bad_token", "token_expired", "wrong_room"].includes(error.code);
}

function clockOf(transport: SignalingTransport): Promise<Offset> {
  return measureOffset(async () => (await transport.request<{ time: number }>("clock", {})).time);
}

function signed(ms: number): string {
  const whole = Math.round(ms);
  return whole === 0 ? "0" : `${whole < 0 ? "−" : "+"}${Math.abs(whole)}`;
}

const NO_LINK: TunnelLink = { send: () => {}, onTunnel: () => {} };
