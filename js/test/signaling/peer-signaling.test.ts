import { beforeEach, describe, expect, it, vi } from "vitest";
import { RtcError } from "../../src/protocol/errors";
import type { Report } from "../../src/protocol/negotiation-events";
import { now } from "../../src/signaling/clock-sync";
import { NegotiationClock } from "../../src/signaling/negotiation-clock";
import { PeerSignaling } from "../../src/signaling/peer-signaling";

let reports: Report[];
let sent: [event: string, content: object][];
/** How many messages had been sent whenever reports were to go at once. */
let flushes: number[];

beforeEach(() => {
  reports = [];
  sent = [];
  flushes = [];
});

function signaling(endOfCandidates = true, answer: () => Promise<{ id?: string }> = async () => ({})) {
  return new PeerSignaling({
    clock: new NegotiationClock(),
    room: "demo",
    peer: "bob",
    session: "now",
    endOfCandidates,
    connection: {
      request: <T>(event: string, payload: object) => {
        sent.push([event, payload]);
        return answer() as Promise<T>;
      },
    },
    reporter: { add: (entry) => reports.push(entry), flush: () => flushes.push(sent.length) },
  });
}

const OFFER = { type: "offer", sdp: "v=0\r\n" } as const;
const ANSWER = { type: "answer", sdp: "v=0\r\n" } as const;
const settle = () => new Promise((resolve) => setTimeout(resolve));

describe("the signaling with a participant", () => {
  it("addresses everything to that participant", () => {
    const peer = signaling();
    const candidate = { candidate: "one" };
    peer.sendDescription(OFFER);
    peer.sendDescription(ANSWER);
    peer.sendCandidate(candidate);
    peer.requestOffer();
    expect(sent).toEqual([
      ["offer", { roomId: "demo", to: "bob", session: "now", offer: OFFER }],
      ["answer", { roomId: "demo", to: "bob", session: "now", answer: ANSWER }],
      ["ice_candidate", { roomId: "demo", to: "bob", session: "now", candidate }],
      ["request_offer", { roomId: "demo", to: "bob", session: "now" }],
    ]);
  });

  it("has what this side did to make a description reported before that is sent", () => {
    const peer = signaling();
    peer.sendDescription(OFFER);
    peer.sendCandidate({ candidate: "one" });
    peer.sendDescription(ANSWER);
    expect(flushes).toEqual([0, 2]);
  });

  it("sends the end of candidates only to who understands it: others throw", () => {
    signaling(false).sendCandidate(null);
    expect(sent).toEqual([]);
    signaling(true).sendCandidate(null);
    expect(sent).toEqual([["ice_candidate", { roomId: "demo", to: "bob", session: "now", candidate: null }]]);
  });

  it("answers by the event by which the other side offers", () => {
    const peer = signaling();
    peer.receive("description", { description: OFFER }, 0);
    peer.sendDescription(ANSWER);
    peer.receive("offer", { offer: OFFER }, 0);
    peer.sendDescription(ANSWER);
    expect(sent.map(([event]) => event)).toEqual(["description", "answer"]);
  });

  it("hands on what comes, with the relay's id of it, and leaves the rest alone", () => {
    const peer = signaling();
    peer.onDescription = vi.fn();
    peer.onCandidate = vi.fn();
    peer.onOfferRequested = vi.fn();
    peer.receive("answer", { answer: ANSWER, id: "m1" }, 0);
    peer.receive("ice_candidate", { candidate: null }, 0);
    peer.receive("request_offer", { id: "m3" }, 0);
    peer.receive("user_back", {}, 0);
    expect(peer.onDescription).toHaveBeenCalledExactlyOnceWith(ANSWER, "m1");
    expect(peer.onCandidate).toHaveBeenCalledExactlyOnceWith(null, undefined);
    expect(peer.onOfferRequested).toHaveBeenCalledOnce();
  });
});

describe("what the signaling with a participant reports", () => {
  it("is which message the relay made of what was sent, and when that was", async () => {
    const before = now();
    signaling(true, async () => {
      await settle();
      return { id: "m1" };
    }).sendDescription(OFFER);
    await settle();
    await settle();
    expect(reports).toEqual([
      { type: "step", step: "sent", peer: "bob", event: "offer", message: "m1", at: expect.any(Number) },
    ]);
    expect(reports[0]!.at).toBeCloseTo(before, 0);
  });

  it("is nothing of what the relay refused, and has no id where an older relay gives none", async () => {
    signaling(true, () => Promise.reject(new RtcError("unknown_participant", ""))).sendDescription(ANSWER);
    signaling().requestOffer();
    await settle();
    expect(reports).toMatchObject([{ step: "sent", event: "request_offer", message: undefined }]);
  });

  it("is every signal that comes, with the time at which it came", () => {
    signaling().receive("offer", { offer: OFFER, id: "m7" }, 12);
    expect(reports).toEqual([
      { type: "step", step: "received", peer: "bob", event: "offer", message: "m7", at: 12 },
    ]);
  });
});
