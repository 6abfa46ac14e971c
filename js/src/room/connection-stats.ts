/** Stats of a connection out of its RTCStatsReport (W3C webrtc-stats). */

import { activePair, roundTrip, type Stats } from "./candidate-pairs";
import type { ConnectionStats } from "./types";

/** Counters of one moment, to take differences from. */
export type Sample = {
  at: number;
  bytes: number;
  sent: number;
  packets: number;
  lost: number;
  frames: number;
  dropped: number;
};

function number(value: unknown): number {
  return typeof value === "number" ? value : 0;
}

function numberOrNull(value: unknown): number | null {
  return typeof value === "number" ? value : null;
}

/** When counters were read. A page that is busy gets one report late, and the next right after it. */
function readAt(report: Stats): number {
  const here = [...report.values()].filter(({ type }) => !type.startsWith("remote-"));
  return Math.max(0, ...here.map(({ timestamp }) => number(timestamp))) || performance.now();
}

/** Compare two moments; the first has no rates yet. */
export function measure(
  report: Stats,
  before: Sample | null,
): { stats: ConnectionStats | null; sample: Sample } {
  const now: Sample = {
    at: readAt(report),
    bytes: 0,
    sent: 0,
    packets: 0,
    lost: 0,
    frames: 0,
    dropped: 0,
  };
  let width = 0;
  let height = 0;
  let freezes: number | null = null;
  const jitter: Record<string, number> = {};
  for (const entry of report.values()) {
    if (entry.type === "outbound-rtp") now.sent += number(entry.bytesSent);
    if (entry.type !== "inbound-rtp") continue;
    now.bytes += number(entry.bytesReceived);
    now.packets += number(entry.packetsReceived);
    now.lost += number(entry.packetsLost);
    if (number(entry.packetsReceived) > 0 && typeof entry.jitter === "number") {
      jitter[String(entry.kind)] ??= Math.round(entry.jitter * 10_000) / 10;
    }
    if (entry.kind === "video") {
      now.frames += number(entry.framesDecoded);
      now.dropped += number(entry.framesDropped);
      const count = numberOrNull(entry.freezeCount);
      if (count !== null) freezes = (freezes ?? 0) + count;
      if (number(entry.frameWidth) > width) {
        width = number(entry.frameWidth);
        height = number(entry.frameHeight);
      }
    }
  }
  // The same report again, which browsers keep for a moment.
  if (before?.at === now.at) return { stats: null, sample: before };
  // Counters begin anew where an offer was taken back.
  if (before === null || now.bytes < before.bytes || now.at < before.at) return { stats: null, sample: now };
  const seconds = (now.at - before.at) / 1000;
  const packets = now.packets - before.packets;
  const lost = Math.max(0, now.lost - before.lost);
  const perSecond = (count: number) => Math.round((count / seconds) * 10) / 10;
  return {
    stats: {
      bitrate: Math.round(((now.bytes - before.bytes) * 8) / seconds),
      sent_bitrate: Math.round(((now.sent - before.sent) * 8) / seconds),
      fps: perSecond(now.frames - before.frames),
      width,
      height,
      loss: packets + lost > 0 ? Math.round((lost / (packets + lost)) * 1000) / 1000 : 0,
      rtt: roundTrip(activePair(report)),
      jitter: jitter.video ?? jitter.audio ?? null,
      frames_dropped: perSecond(now.dropped - before.dropped),
      freeze_count: freezes,
    },
    sample: now,
  };
}
