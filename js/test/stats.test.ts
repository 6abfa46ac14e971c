import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { measure, selectedPair } from "../src/room/stats";

type Entry = { id: string; type: string; [field: string]: unknown };

const report = (...entries: Entry[]) =>
  new Map(entries.map((entry) => [entry.id, entry])) as unknown as RTCStatsReport;

/** As Chromium 156 reports a call: a transport entry names the pair. */
const chromium = (more: { packets?: number; lost?: number; bytes?: number; frames?: number } = {}) =>
  report(
    { id: "T01", type: "transport", selectedCandidatePairId: "CP1", dtlsState: "connected" },
    { id: "CP0", type: "candidate-pair", state: "succeeded", nominated: false, currentRoundTripTime: 9 },
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
    },
    {
      id: "IT1A",
      type: "inbound-rtp",
      kind: "audio",
      bytesReceived: 1_000,
      packetsReceived: 10,
      packetsLost: 0,
    },
    {
      id: "IT1V",
      type: "inbound-rtp",
      kind: "video",
      bytesReceived: more.bytes ?? 10_000,
      packetsReceived: more.packets ?? 90,
      packetsLost: more.lost ?? 0,
      framesDecoded: more.frames ?? 20,
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
    const { stats } = measure(chromium({ bytes: 260_000, packets: 165, lost: 25, frames: 70 }), sample);
    expect(stats).toEqual({ bitrate: 1_000_000, fps: 25, width: 1280, height: 720, loss: 0.25, rtt: 12.3 });
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
    });
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
    expect(selectedPair(chromium())).toEqual({ local: "host", remote: "prflx", protocol: "udp" });
  });

  it("is the one that Firefox marks as selected, not any that was nominated", () => {
    expect(selectedPair(firefox())).toEqual({ local: "host", remote: "srflx", protocol: "udp" });
  });

  it("is none before there is one", () => {
    expect(selectedPair(report())).toBeNull();
    expect(
      selectedPair(report({ id: "p", type: "candidate-pair", state: "in-progress", nominated: true })),
    ).toBeNull();
  });
});
