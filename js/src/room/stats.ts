/** Figures of a connection out of its RTCStatsReport (W3C webrtc-stats). No addresses leave this file. */
import type { ConnectionStats } from "./types";

/** Counters of one moment, to take differences from. */
export type Sample = { at: number; bytes: number; packets: number; lost: number; frames: number };

type Entry = Record<string, unknown> & { id: string; type: string; timestamp: number };

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

/** Compare two moments; the first has no rates yet. */
export function measure(
  report: RTCStatsReport,
  before: Sample | null,
): { stats: ConnectionStats | null; sample: Sample } {
  const now: Sample = { at: performance.now(), bytes: 0, packets: 0, lost: 0, frames: 0 };
  let width = 0;
  let height = 0;
  for (const entry of report.values() as Iterable<Entry>) {
    if (entry.type !== "inbound-rtp") continue;
    now.bytes += number(entry.bytesReceived);
    now.packets += number(entry.packetsReceived);
    now.lost += number(entry.packetsLost);
    if (entry.kind === "video") {
      now.frames += number(entry.framesDecoded);
      if (number(entry.frameWidth) > width) {
        width = number(entry.frameWidth);
        height = number(entry.frameHeight);
      }
    }
  }
  if (before === null) return { stats: null, sample: now };
  const seconds = (now.at - before.at) / 1000;
  const packets = now.packets - before.packets;
  const lost = Math.max(0, now.lost - before.lost);
  const rtt = activePair(report)?.currentRoundTripTime;
  return {
    stats: {
      bitrate: Math.round(((now.bytes - before.bytes) * 8) / seconds),
      fps: Math.round(((now.frames - before.frames) / seconds) * 10) / 10,
      width,
      height,
      loss: packets + lost > 0 ? Math.round((lost / (packets + lost)) * 1000) / 1000 : 0,
      rtt: typeof rtt === "number" ? Math.round(rtt * 10_000) / 10 : null,
    },
    sample: now,
  };
}

/** The types of the candidates in use. */
export function selectedPair(
  report: RTCStatsReport,
): { local: string; remote: string; protocol: string } | null {
  const pair = activePair(report);
  const local = pair && (report.get(String(pair.localCandidateId)) as Entry | undefined);
  const remote = pair && (report.get(String(pair.remoteCandidateId)) as Entry | undefined);
  if (!local || !remote) return null;
  return {
    local: String(local.candidateType),
    remote: String(remote.candidateType),
    protocol: String(local.protocol),
  };
}

function activePair(report: RTCStatsReport): Entry | undefined {
  let nominated: Entry | undefined;
  for (const entry of report.values() as Iterable<Entry>) {
    if (entry.type === "transport" && entry.selectedCandidatePairId) {
      return report.get(String(entry.selectedCandidatePairId)) as Entry | undefined;
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
