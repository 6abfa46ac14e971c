/** Runs the browser's checks and keeps what they found, in the order in which they are shown. */
import type { Target } from "../protocol/comm";
import type { TunnelLink } from "../signaling/tunnel";
import { devices, tryDevices } from "./devices";
import type { Finding, Result } from "./finding";
import { host } from "./host";
import { eachServer, nameOf, reach } from "./ice";
import { permission, policy, secure } from "./page";
import { clock, machine, media, tryWays, ways } from "./relay";
import { observers, router } from "./router";
import { codecs, pair } from "./webrtc";

/** What is to be reached; `relay` is null where the kernel has none. */
export type Reach = Omit<Target, "kind">;

const DEVICES = "Camera and microphone";
const NETWORK = ["Way to the relay", "Media without UDP", "Kernel's machine", "Browser's clock"] as const;
const SILENT: Result = [
  "not checked",
  "The kernel does not say where the relay is: it has ended, or is busy with a cell.",
  "Run the cell again; while a cell runs, wait for its end.",
];
const NO_RELAY: Result = ["not checked", "The kernel has no relay that could be reached; see its own lines."];

export class Examination {
  readonly #page: Document;
  readonly #findings = new Map<string, Finding>();
  readonly #listeners = new Set<() => void>();
  readonly #life = new AbortController();
  #reaching = new AbortController();

  constructor(page: Document) {
    this.#page = page;
  }

  get findings(): Finding[] {
    return [...this.#findings.values()];
  }

  /** Whether every check has come to its end. */
  get done(): boolean {
    return this.findings.every(({ state }) => state !== "checking");
  }

  /** Call `listener` at every change; the returned function ends that. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Check what needs nobody else. What is to be reached waits for `reach`. */
  begin(): void {
    const page = this.#page;
    const { signal } = this.#life;
    this.#run("Secure page", secure);
    this.#run("Page's policy", () => policy(page));
    this.#run("Permission", permission);
    this.#run(DEVICES, devices);
    this.#run("WebRTC", () => pair(signal));
    this.#run("Codecs", codecs);
    this.#run("Notebook program", () => host(page));
    this.awaitKernel();
  }

  /** Show that the kernel was asked where the relay is. */
  awaitKernel(): void {
    this.#stopReaching();
    for (const check of NETWORK) this.#set(check, "checking", "The kernel is asked where the relay is.");
  }

  /** Settle what only the kernel could have answered. */
  kernelIsSilent(): void {
    for (const check of NETWORK) this.#set(check, ...SILENT);
  }

  /** Try every way to the relay and every STUN and TURN server. */
  reach({ relay, iceServers }: Reach, link: TunnelLink | null): void {
    const { signal } = this.#stopReaching();
    for (const [url, server] of eachServer(iceServers)) {
      this.#run(nameOf(url), () => reach(server, signal), signal);
    }
    const seeing = observers(iceServers);
    if (seeing.length > 1) this.#run("Router", () => router(seeing, signal), signal);
    if (relay) {
      const trials = tryWays(relay, link, signal);
      const [way, channel, place, time] = NETWORK;
      this.#run(way, async () => ways(await trials, relay.local), signal);
      this.#run(channel, async () => media(await trials, relay.local), signal);
      this.#run(place, async () => machine(relay, await trials), signal);
      this.#run(time, async () => clock(await trials), signal);
    } else for (const check of NETWORK) this.#set(check, ...NO_RELAY);
  }

  /** Open camera and microphone, and close them at once; from a button of the person's only. */
  async tryDevices(): Promise<void> {
    await this.#run(DEVICES, () => tryDevices(this.#life.signal));
    await this.#run("Permission", permission);
  }

  dispose(): void {
    this.#listeners.clear();
    this.#reaching.abort();
    this.#life.abort();
  }

  #stopReaching(): AbortController {
    this.#reaching.abort();
    this.#reaching = new AbortController();
    return this.#reaching;
  }

  async #run(
    check: string,
    examine: () => Result | Promise<Result>,
    signal: AbortSignal = this.#life.signal,
  ): Promise<void> {
    this.#set(check, "checking", "");
    let result: Result;
    try {
      result = await examine();
    } catch (error) {
      // Only the kind: an error's text may hold addresses.
      const kind = error instanceof Error ? error.name : "unknown";
      result = ["not checked", `The check itself failed (${kind}).`];
    }
    if (!signal.aborted) this.#set(check, ...result);
  }

  #set(check: string, state: Finding["state"], text: string, advice = ""): void {
    this.#findings.set(check, { check, state, text, advice });
    for (const listener of [...this.#listeners]) listener();
  }
}
