/** Candidate pairs out of an RTCStatsReport: what was tried, and what won. No addresses leave this file. */
import { LIMITS } from "../protocol/limits";

/** An RTCStats dictionary, whose members differ between browsers. */
export type Entry = Record<string, unknown> & { id: string; type: string };

/** What an RTCStatsReport holds, by id. */
export type Stats = ReadonlyMap<string, Entry>;

/** Measure a connection. Chromium makes an entry anew whenever a report is asked for it, so each is taken out once. */
export async function statsOf(pc: RTCPeerConnection): Promise<Stats> {
  return new Map(await pc.getStats());
}

/** One pair, by the names of RTCIceCandidatePairStats and RTCIceCandidateStats. */
export type Pair = {
  local: string;
  remote: string;
  protocol: string;
  state: string;
  nominated: boolean;
  selected: boolean;
  /** In milliseconds, null until measured. */
  rtt: number | null;
  local_priority: number | null;
  remote_priority: number | null;
};

/** The pair in use, and those that it has won over. */
export type SelectedPair = Pick<Pair, "local" | "remote" | "protocol" | "nominated" | "rtt"> & {
  /** How many pairs were tried at all, and how many of them worked. */
  checked: number;
  succeeded: number;
  pairs: Pair[];
};

const CHECKED = ["in-progress", "succeeded", "failed"];

export function selectedPair(report: Stats): SelectedPair | null {
  const active = activePair(report);
  const selected = active && describe(report, active, true);
  if (!selected) return null;
  const current = fragment(report, active);
  const others = [];
  for (const entry of report.values()) {
    if (entry.type !== "candidate-pair" || entry.id === active.id) continue;
    // After an ICE restart a browser tells of the pairs before it for a while: they were no rivals.
    const own = fragment(report, entry);
    if (own && current && own !== current) continue;
    const other = describe(report, entry, false);
    if (other) others.push(other);
  }
  const all = [selected, ...others.sort((a, b) => rank(a) - rank(b))];
  const { local, remote, protocol, nominated, rtt } = selected;
  return {
    local,
    remote,
    protocol,
    nominated,
    rtt,
    checked: all.filter(({ state }) => CHECKED.includes(state)).length,
    succeeded: all.filter(({ state }) => state === "succeeded").length,
    pairs: all.slice(0, LIMITS.candidate_pairs),
  };
}

/** Which generation of ICE the pair in use is of (RFC 8445, 9); always the same where the browser does not say. */
export function generation(report: Stats): string {
  return fragment(report, activePair(report));
}

function fragment(report: Stats, pair: Entry | undefined): string {
  const local = report.get(String(pair?.localCandidateId));
  return String(local?.usernameFragment ?? "");
}

/** A pair's round-trip time in milliseconds. */
export function roundTrip(pair: Entry | undefined): number | null {
  const seconds = pair?.currentRoundTripTime;
  return typeof seconds === "number" ? Math.round(seconds * 10_000) / 10 : null;
}

/** The pair in use. */
export function activePair(report: Stats): Entry | undefined {
  let nominated: Entry | undefined;
  for (const entry of report.values()) {
    if (entry.type === "transport" && entry.selectedCandidatePairId) {
      return report.get(String(entry.selectedCandidatePairId));
    }
    if (
      entry.type === "candidate-pair" &&
      (entry.selected || (entry.nominated && entry.state === "succeeded"))
    ) {
      nominated = entry;
    }
  }
  return nominated;
}

function describe(report: Stats, pair: Entry, selected: boolean): Pair | null {
  const local = report.get(String(pair.localCandidateId));
  const remote = report.get(String(pair.remoteCandidateId));
  if (!local || !remote) return null;
  return {
    local: String(local.candidateType),
    remote: String(remote.candidateType),
    protocol: String(local.protocol),
    state: String(pair.state),
    nominated: pair.nominated === true,
    selected,
    rtt: roundTrip(pair),
    local_priority: priority(local),
    remote_priority: priority(remote),
  };
}

function priority({ priority }: Entry): number | null {
  return typeof priority === "number" ? priority : null;
}

/** Those that came furthest first. */
function rank({ state }: Pair): number {
  return ["succeeded", "in-progress", "failed", "waiting", "frozen"].indexOf(state);
}
