import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { now } from "../../src/signaling/clock-sync";
import { naive, perfect, settle } from "../support/negotiation-side";

const OFFER_OF_A_STREAM =
  "v=0\r\nm=video 9\r\na=msid:s t\r\na=ssrc-group:FID 1 2\r\na=ssrc:1 cname:c\r\na=ssrc:2 cname:c\r\n";
const local = (type: string) => {
  const given = { candidate: `candidate typ ${type} 192.0.2.1`, type, protocol: "udp" };
  return Object.assign(new Event("icecandidate"), { candidate: { ...given, toJSON: () => given } });
};

describe.each([
  ["perfect", () => perfect(true)],
  ["naive", () => naive()],
])("the steps of %s negotiation", (_name, make) => {
  it("are told by who offers", async () => {
    const ada = make();
    await ada.need();
    await ada.receiveDescription("answer", "m1");
    expect(ada.steps).toEqual([
      { step: "negotiationneeded" },
      { step: "createOffer" },
      { step: "setLocalDescription", description: "offer" },
      { step: "setRemoteDescription", description: "answer", message: "m1" },
    ]);
    expect(ada.events).toEqual(["offer"]);
  });

  it("say when a call was made and how long it took, whenever that is reported", async () => {
    const bob = make();
    const set = bob.pc.setRemoteDescription.bind(bob.pc);
    let called = 0;
    bob.pc.setRemoteDescription = async (description) => {
      called = now();
      await new Promise((resolve) => setTimeout(resolve, 20));
      await set(description);
    };
    await bob.receiveDescription("offer", "m1");
    await vi.waitFor(() => expect(bob.stepNames).toContain("setLocalDescription"));
    expect(Math.abs((bob.began.setRemoteDescription ?? 0) - called)).toBeLessThan(15);
    expect(bob.durations.setRemoteDescription).toBeGreaterThan(15);
    expect(bob.durations.setLocalDescription).toBeLessThan(15);
  });

  it("are told by who answers", async () => {
    const bob = make();
    await bob.receiveDescription("offer", "m1");
    expect(bob.steps).toEqual([
      { step: "setRemoteDescription", description: "offer", message: "m1" },
      { step: "createAnswer" },
      { step: "setLocalDescription", description: "answer" },
    ]);
    expect(bob.events).toEqual(["answer"]);
  });

  it("are told of candidates, without what they say", async () => {
    const bob = make();
    await bob.receiveCandidate("m1");
    await bob.receiveDescription("offer", "m2");
    await bob.receiveCandidate("m3");
    await bob.receiveCandidate("m4", "u", "nonsense");
    bob.pc.dispatchEvent(local("srflx"));
    bob.pc.dispatchEvent(Object.assign(new Event("icecandidate"), { candidate: null }));
    const steps = bob.steps.filter(({ step }) => !/Description|Answer/.test(step));
    expect(steps).toEqual([
      { step: "queued", message: "m1" },
      { step: "added", message: "m1" },
      { step: "added", message: "m3" },
      { step: "refused", message: "m4", error: "OperationError" },
      { step: "gathered", kind: "srflx", protocol: "udp" },
      { step: "gathered", kind: null, protocol: null },
    ]);
    expect(JSON.stringify(bob.steps)).not.toMatch(/192\.0\.2|ufrag/);
  });

  it("are told of an offer that is taken back for another", async () => {
    const ada = make();
    await ada.need();
    ada.pc.gather();
    await ada.receiveDescription("offer", "m1");
    expect(ada.stepNames.slice(4)).toEqual([
      "rollback",
      "setRemoteDescription",
      "createAnswer",
      "setLocalDescription",
    ]);
  });

  it("are told of what fails, by the error's name", async () => {
    const ada = make();
    ada.pc.setLocalDescription = () => Promise.reject(new DOMException("v=0 secret", "OperationError"));
    await ada.need();
    expect(ada.steps.at(-1)).toMatchObject({
      step: "failed",
      operation: "setLocalDescription",
      error: "OperationError",
    });
    expect(ada.sent).toEqual([]);
  });

  it("end with the connection", async () => {
    const ada = make();
    ada.negotiator.close();
    await ada.need();
    await ada.receiveDescription("answer", "m1");
    expect(ada.steps).toEqual([]);
    expect(ada.sent).toEqual([]);
  });
});

describe("an offer that gives way in perfect negotiation", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    return () => vi.useRealTimers();
  });

  const crossed = async () => {
    const ada = perfect(true);
    ada.pc.dispatchEvent(new Event("negotiationneeded"));
    await vi.advanceTimersByTimeAsync(0);
    await ada.receiveDescription("offer", "m1");
    await vi.advanceTimersByTimeAsync(4_000);
    return ada;
  };

  it("takes the other one with streams that it does not know first, when there is a call: they would freeze", async () => {
    const ada = perfect(true);
    const set = vi.spyOn(ada.pc, "setRemoteDescription");
    for (const calls of [1, 3]) {
      const crossing = { offer: { type: "offer", sdp: `${OFFER_OF_A_STREAM}a=ice-ufrag:${calls}\r\n` } };
      ada.pc.dispatchEvent(new Event("negotiationneeded"));
      await vi.advanceTimersByTimeAsync(0);
      ada.pc.gather();
      await ada.receive("offer", crossing, "m3");
      expect(set).toHaveBeenCalledTimes(calls);
      ada.pc.currentRemoteDescription = ada.pc.remoteDescription;
    }
    expect(set.mock.calls.map(([{ sdp }]) => sdp)).toEqual([
      `${OFFER_OF_A_STREAM}a=ice-ufrag:1\r\n`,
      "v=0\r\nm=video 9\r\na=msid:s t\r\na=ice-ufrag:3\r\n",
      `${OFFER_OF_A_STREAM}a=ice-ufrag:3\r\n`,
    ]);
  });

  it("is not taken back before its first candidate: Chromium might never gather again", async () => {
    const ada = await crossed();
    expect(ada.pc.signalingState).toBe("have-local-offer");
    ada.pc.gather();
    await settle();
    expect(ada.events).toEqual(["offer", "ice_candidate", "answer"]);
  });

  it("is taken back all the same when no candidate comes", async () => {
    const ada = await crossed();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ada.events).toEqual(["offer", "answer"]);
  });

  it("is left as it is when the connection is closed meanwhile", async () => {
    const ada = await crossed();
    ada.negotiator.close();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ada.pc.remoteDescription).toBeNull();
    expect(ada.events).toEqual(["offer"]);
  });
});

describe("perfect negotiation", () => {
  it("adds the other candidates after one that is refused", async () => {
    const bob = perfect(true);
    await bob.receiveCandidate("m1", "u", "nonsense");
    await bob.receiveCandidate("m2");
    await bob.receiveDescription("offer", "m3");
    expect(bob.stepNames.slice(-2)).toEqual(["refused", "added"]);
    expect(bob.pc.candidates).toHaveLength(1);
  });

  it("adds all candidates that have waited at once: the connection itself has them wait for one another", async () => {
    const bob = perfect(true);
    const add = vi.spyOn(bob.pc, "addIceCandidate").mockReturnValue(new Promise(() => undefined));
    await bob.receiveCandidate("m1");
    await bob.receiveCandidate("m2");

    void bob.receiveDescription("offer", "m3");
    await settle();

    expect(add).toHaveBeenCalledTimes(2);
  });
});

describe("a stream that begins again after an own offer was taken back in a call", () => {
  const described = (...directions: string[]) =>
    directions.map((direction, i) => `m=video 9\r\na=${direction}\r\na=ssrc:${i} cname:c\r\n`).join("");
  const stripped = (sdp: string) => sdp.replace("a=ssrc:1 cname:c\r\n", "");
  const before = described("sendrecv", "inactive");
  const now = described("sendrecv", "sendonly");

  async function rolledBack() {
    const ada = perfect(true);
    ada.pc.currentRemoteDescription = { type: "offer", sdp: before };
    await ada.need();
    ada.pc.gather();
    await ada.receive("offer", { offer: { type: "offer", sdp: before } }, "m1");
    ada.pc.currentRemoteDescription = { type: "offer", sdp: before };
    const set = vi.spyOn(ada.pc, "setRemoteDescription");
    return { ada, applied: () => set.mock.calls.map(([{ type, sdp }]) => [type, sdp]) };
  }

  it("is made known twice by an offer, or it would not be shown", async () => {
    const { ada, applied } = await rolledBack();
    await ada.receive("offer", { offer: { type: "offer", sdp: now } }, "m2");
    expect(applied()).toEqual([
      ["offer", stripped(now)],
      ["offer", now],
    ]);
  });

  it("is made known twice by an answer too", async () => {
    const { ada, applied } = await rolledBack();
    await ada.need();
    await ada.receive("answer", { answer: { type: "answer", sdp: now } }, "m2");
    expect(applied()).toEqual([
      ["pranswer", stripped(now)],
      ["answer", now],
    ]);
  });

  it("leaves alone what goes on, and what sends nothing", async () => {
    const { ada, applied } = await rolledBack();
    const again = `${before}a=ice-ufrag:new\r\n`;
    await ada.receive("offer", { offer: { type: "offer", sdp: again } }, "m2");
    expect(applied()).toEqual([["offer", again]]);
  });
});

describe("an offer without an answer", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("is sent again, until the answer comes or the connection is closed", async () => {
    const [ada, eve] = [perfect(true), perfect(false)];
    for (const side of [ada, eve]) await side.need();
    await vi.advanceTimersByTimeAsync(20_100);
    expect(ada.events).toEqual(["offer", "offer", "offer"]);
    await ada.receiveDescription("answer", "m1");
    eve.negotiator.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(ada.events).toHaveLength(3);
    expect(eve.events).toHaveLength(3);
  });
});

describe("candidates that a lost path may have swallowed", () => {
  it("are sent again while there is no connection, and not any more when there is one", async () => {
    const ada = perfect(true);
    await ada.need();
    ada.pc.dispatchEvent(local("host"));
    await ada.receiveDescription("answer", "m1");
    ada.negotiator.resend();
    expect(ada.events).toEqual(["offer", "ice_candidate", "ice_candidate"]);
    expect(ada.sent[1]).toEqual(ada.sent[2]);
    ada.pc.connectionState = "connected";
    ada.negotiator.resend();
    expect(ada.events).toHaveLength(3);
  });
});

describe("an offer that comes again", () => {
  const answered = "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\nm=audio 9 UDP 0\r\nc=IN IP4 0.0.0.0\r\n";
  const again =
    "v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\nm=audio 5000 UDP 0\r\nc=IN IP4 192.0.2.1\r\na=candidate:1\r\n";
  const offered = (sdp: string) => ({ offer: { type: "offer", sdp } });

  it("does not take back what was offered since it was answered: that may be answered by now", async () => {
    const bob = perfect(true);
    await bob.receive("offer", offered(answered), "m1");
    bob.pc.currentLocalDescription = bob.pc.localDescription;
    await bob.need();
    bob.pc.gather();
    await bob.receive("offer", offered(again), "m2");
    expect(bob.steps.at(-1)).toEqual({ step: "ignored", description: "offer", message: "m2" });
    expect(bob.events).toEqual(["answer", "offer", "ice_candidate", "answer", "offer", "ice_candidate"]);
    expect(bob.pc.signalingState).toBe("have-local-offer");
  });

  it("is answered again where nothing is pending", async () => {
    const bob = perfect(true);
    await bob.receive("offer", offered(answered), "m1");
    await bob.receive("offer", offered(again), "m2");
    expect(bob.events).toEqual(["answer", "answer"]);
  });

  it("is another one when anything but its candidates is different", async () => {
    const bob = perfect(true);
    await bob.receive("offer", offered(answered), "m1");
    bob.pc.currentLocalDescription = bob.pc.localDescription;
    await bob.need();
    bob.pc.gather();
    await bob.receive("offer", offered(again.replace("1 2", "1 3")), "m2");
    expect(bob.stepNames).toContain("rollback");
  });
});

it("tries an offer again that it could not answer, instead of sending the answer to an earlier one", async () => {
  const ada = perfect(true);
  const offer = (ufrag: string) => ({ offer: { type: "offer", sdp: `v=0\r\na=ice-ufrag:${ufrag}\r\n` } });
  await ada.receive("offer", offer("first"), "m1");
  vi.spyOn(ada.pc, "setLocalDescription").mockRejectedValueOnce(new DOMException("", "OperationError"));
  await ada.receive("offer", offer("second"), "m2");
  expect(ada.events).toEqual(["answer"]);
  const set = vi.spyOn(ada.pc, "setRemoteDescription");
  await ada.receive("offer", offer("second"), "m3");
  expect(set).toHaveBeenCalledOnce();
});
