import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { selectedPair } from "../../src/room/candidate-pairs";
import { measure } from "../../src/room/connection-stats";

type Entry = { id: string; type: string; [field: string]: unknown };

const report = (...entries: Entry[]) => new Map(entries.map((entry) => [entry.id, entry]));

/** As Chromium 156 reports a call: a transport entry names the pair. */
const chromium = (
  more: Partial<Record<"packets" | "lost" | "bytes" | "frames" | "sent" | "dropped", number>> = {},
) =>
  report(
    { id: "T01", type: "transport", selectedCandidatePairId: "CP1", dtlsState: "connected" },
    {
      id: "CP0",
      type: "candidate-pair",
      state: "failed",
      nominated: false,
      localCandidateId: "I3",
      remoteCandidateId: "I2",
    },
    {
      id: "CP2",
      type: "candidate-pair",
      state: "waiting",
      localCandidateId: "I1",
      remoteCandidateId: "gone",
    },
    {
      id: "CP1",
      type: "candidate-pair",
      state: "succeeded",
      nominated: true,
      localCandidateId: "I1",
      remoteCandidateId: "I2",
      currentRoundTripTime: 0.0123,
    },
    {
      id: "I1",
      type: "local-candidate",
      candidateType: "host",
      address: "192.0.2.2",
      ip: "192.0.2.2",
      port: 1,
      protocol: "udp",
    },
    {
      id: "I2",
      type: "remote-candidate",
      candidateType: "prflx",
      address: "192.0.2.3",
      port: 2,
      protocol: "udp",
      priority: 1_845_501_695,
    },
    {
      id: "I3",
      type: "local-candidate",
      candidateType: "srflx",
      address: "192.0.2.9",
      port: 3,
      protocol: "udp",
    },
    { id: "OT1V", type: "outbound-rtp", kind: "video", bytesSent: more.sent ?? 5_000 },
    {
      id: "IT1A",
      type: "inbound-rtp",
      kind: "audio",
      bytesReceived: 1_000,
      packetsReceived: 10,
      packetsLost: 0,
      jitter: 0.5,
    },
    {
      id: "IT1V",
      type: "inbound-rtp",
      kind: "video",
      bytesReceived: more.bytes ?? 10_000,
      packetsReceived: more.packets ?? 90,
      packetsLost: more.lost ?? 0,
      framesDecoded: more.frames ?? 20,
      framesDropped: more.dropped ?? 2,
      freezeCount: 1,
      jitter: 0.0213,
      frameWidth: 1280,
      frameHeight: 720,
    },
  );

/** As Firefox 153 does: no transport entry, the pair itself is marked. */
const firefox = () =>
  report(
    { id: "a", type: "candidate-pair", state: "succeeded", nominated: true, selected: false },
    {
      id: "b",
      type: "candidate-pair",
      state: "succeeded",
      nominated: true,
      selected: true,
      localCandidateId: "l",
      remoteCandidateId: "r",
      currentRoundTripTime: 0.004,
    },
    { id: "l", type: "local-candidate", candidateType: "host", address: "x.local", protocol: "udp" },
    { id: "r", type: "remote-candidate", candidateType: "srflx", address: "198.51.100.1", protocol: "udp" },
    { id: "v", type: "inbound-rtp", kind: "video", bytesReceived: 5, packetsReceived: 1, packetsLost: -1 },
  );

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the figures of a connection", () => {
  it("have no rates at first", () => {
    expect(measure(chromium(), null).stats).toBeNull();
  });

  it("are the differences between two moments", () => {
    const { sample } = measure(chromium(), null);
    vi.advanceTimersByTime(2_000);
    const later = { bytes: 260_000, packets: 165, lost: 25, frames: 70, sent: 30_000, dropped: 12 };
    const { stats } = measure(chromium(later), sample);
    expect(stats).toEqual({
      bitrate: 1_000_000,
      sent_bitrate: 100_000,
      fps: 25,
      width: 1280,
      height: 720,
      loss: 0.25,
      rtt: 12.3,
      jitter: 21.3,
      frames_dropped: 5,
      freeze_count: 1,
    });
  });

  it("are of the time between two readings, however late a busy page gets them", () => {
    const read = (timestamp: number, bytes: number) =>
      report({ id: "v", type: "inbound-rtp", kind: "video", bytesReceived: bytes, timestamp });
    const { sample } = measure(read(1_000, 0), null);
    vi.advanceTimersByTime(5_000);
    const late = measure(read(2_000, 50_000), sample);
    expect(late.stats?.bitrate).toBe(400_000);
    vi.advanceTimersByTime(1);
    expect(measure(read(3_000, 100_000), late.sample).stats?.bitrate).toBe(400_000);
    expect(measure(read(2_000, 50_000), late.sample)).toEqual({ stats: null, sample: late.sample });
  });

  it("are not known while counters begin anew, and are afterwards", () => {
    const { sample } = measure(chromium(), null);
    vi.advanceTimersByTime(1_000);
    const anew = measure(chromium({ bytes: 100 }), sample);
    expect(anew.stats).toBeNull();
    vi.advanceTimersByTime(1_000);
    expect(measure(chromium({ bytes: 200 }), anew.sample).stats?.bitrate).toBe(800);
  });

  it("count no loss below zero and no rate out of nothing", () => {
    const { sample } = measure(chromium({ lost: 5 }), null);
    vi.advanceTimersByTime(1_000);
    const { stats } = measure(chromium({ lost: 3, packets: 100 }), sample);
    expect(stats).toMatchObject({ bitrate: 0, fps: 0, loss: 0 });
  });

  it("are there without a picture and without a measured round trip", () => {
    const { sample } = measure(report(), null);
    vi.advanceTimersByTime(1_000);
    expect(measure(report(), sample).stats).toEqual({
      bitrate: 0,
      fps: 0,
      width: 0,
      height: 0,
      loss: 0,
      rtt: null,
      sent_bitrate: 0,
      jitter: null,
      frames_dropped: 0,
      freeze_count: null,
    });
  });

  it("have the sound's jitter where there is no picture", () => {
    const sound = report({ id: "a", type: "inbound-rtp", kind: "audio", packetsReceived: 3, jitter: 0.004 });
    const { sample } = measure(report(), null);
    vi.advanceTimersByTime(1_000);
    expect(measure(sound, sample).stats?.jitter).toBe(4);
  });

  it("come from Firefox too", () => {
    const { sample } = measure(firefox(), null);
    vi.advanceTimersByTime(1_000);
    expect(measure(firefox(), sample).stats).toMatchObject({ rtt: 4, loss: 0 });
  });

  it.each([
    ["Chromium", chromium()],
    ["Firefox", firefox()],
  ])("hold no address of %s's", (_browser, given) => {
    const { sample } = measure(given, null);
    vi.advanceTimersByTime(1_000);
    const told = JSON.stringify([measure(given, sample), selectedPair(given)]);
    expect(told).not.toMatch(/192\.0|198\.51|local"?:"?x|\.local|port/);
  });
});

describe("the pair of candidates in use", () => {
  it("is the one that Chromium's transport names", () => {
    expect(selectedPair(chromium())).toMatchObject({
      local: "host",
      remote: "prflx",
      protocol: "udp",
      rtt: 12.3,
    });
  });

  it("comes with those that it has won over, as far as both candidates are known", () => {
    const won = {
      local: "host",
      remote: "prflx",
      protocol: "udp",
      state: "succeeded",
      nominated: true,
      selected: true,
      rtt: 12.3,
      local_priority: null,
      remote_priority: 1_845_501_695,
    };
    const lost = { ...won, local: "srflx", state: "failed", nominated: false, selected: false, rtt: null };
    expect(selectedPair(chromium())).toMatchObject({ checked: 2, succeeded: 1, pairs: [won, lost] });
  });

  it("comes without those of before an ICE restart", () => {
    const generations = (chosen: string, other: string) => {
      const entries = [...chromium().values()] as Entry[];
      const fragments: Record<string, string> = { I1: chosen, I3: other };
      return report(...entries.map((entry) => ({ ...entry, usernameFragment: fragments[entry.id] })));
    };

    expect(selectedPair(generations("new", "old"))?.pairs).toHaveLength(1);
    expect(selectedPair(generations("new", "new"))?.pairs).toHaveLength(2);
    expect(selectedPair(generations("new", ""))?.pairs).toHaveLength(2);
  });

  it("comes with twenty pairs at most, those that came furthest first", () => {
    const given = chromium() as unknown as Map<string, Entry>;
    for (let count = 0; count < 40; count += 1) {
      const state = count === 39 ? "succeeded" : "frozen";
      const candidates = { localCandidateId: "I3", remoteCandidateId: "I2" };
      given.set(`N${count}`, { id: `N${count}`, type: "candidate-pair", state, ...candidates });
    }
    const pair = selectedPair(given);
    expect(pair?.pairs).toHaveLength(20);
    expect(pair?.pairs.slice(0, 4).map(({ state }) => state)).toEqual([
      "succeeded",
      "succeeded",
      "failed",
      "frozen",
    ]);
    expect(pair).toMatchObject({ checked: 3, succeeded: 2 });
  });

  it("is the one that Firefox marks as selected, not any that was nominated", () => {
    expect(selectedPair(firefox())).toMatchObject({ local: "host", remote: "srflx", protocol: "udp" });
  });

  it("is none before there is one", () => {
    expect(selectedPair(report())).toBeNull();
    expect(
      selectedPair(report({ id: "p", type: "candidate-pair", state: "in-progress", nominated: true })),
    ).toBeNull();
  });
});
