import { beforeEach, describe, expect, it, vi } from "vitest";
import type { Waiting } from "../../src/negotiation/candidate";
import { NaiveNegotiation } from "../../src/negotiation/naive";
import { Negotiation, type Signal } from "../../src/negotiation/perfect";
import type { Negotiator } from "../../src/negotiation/strategy";
import type { Step } from "../../src/protocol/negotiation-events";
import { FakePeerConnection } from "../support/fake-peer-connection";

type Side = { pc: FakePeerConnection; negotiation: Negotiator; steps: Step[]; said: Signal[] };

function side(make: (pc: RTCPeerConnection, options: Side) => Negotiator): Side {
  const pc = new FakePeerConnection();
  const made = { pc, steps: [], said: [] } as unknown as Side;
  made.negotiation = make(pc as unknown as RTCPeerConnection, made);
  return made;
}

const perfect = (polite: boolean) =>
  side(
    (pc, { steps, said }) =>
      new Negotiation(pc, { polite, send: (signal) => said.push(signal), step: (step) => steps.push(step) }),
  );
const naive = (queue: Waiting[] = []) =>
  side(
    (pc, { steps, said }) =>
      new NaiveNegotiation(
        pc,
        { polite: true, send: (signal) => said.push(signal), step: (step) => steps.push(step) },
        queue,
      ),
  );

const rest = () => new Promise((resolve) => setTimeout(resolve));
const need = async ({ pc }: Side) => {
  pc.dispatchEvent(new Event("negotiationneeded"));
  await rest();
};
const names = ({ steps }: Side) => steps.map(({ step }) => step);
const types = ({ said }: Side) =>
  said.map((one) => (one.type === "description" ? one.description.type : one.type));
const offer = (id: string, ufrag = "u"): Signal => ({
  type: "description",
  description: { type: "offer", sdp: `v=0\r\na=ice-ufrag:${ufrag}\r\n` },
  id,
});
const OFFER_OF_A_STREAM =
  "v=0\r\nm=video 9\r\na=msid:s t\r\na=ssrc-group:FID 1 2\r\na=ssrc:1 cname:c\r\na=ssrc:2 cname:c\r\n";
const answer = (id: string, ufrag = "u"): Signal => ({
  type: "description",
  description: { type: "answer", sdp: `v=0\r\na=ice-ufrag:${ufrag}\r\n` },
  id,
});
const candidate = (id: string, ufrag = "u", text = "one"): Signal => ({
  type: "candidate",
  candidate: { candidate: text, usernameFragment: ufrag },
  id,
});
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
    await need(ada);
    await ada.negotiation.receive(answer("m1"));
    expect(ada.steps).toEqual([
      { step: "negotiationneeded" },
      { step: "createOffer" },
      { step: "setLocalDescription", description: "offer" },
      { step: "setRemoteDescription", description: "answer", message: "m1" },
    ]);
    expect(types(ada)).toEqual(["offer"]);
  });

  it("are told by who answers", async () => {
    const bob = make();
    await bob.negotiation.receive(offer("m1"));
    expect(bob.steps).toEqual([
      { step: "setRemoteDescription", description: "offer", message: "m1" },
      { step: "createAnswer" },
      { step: "setLocalDescription", description: "answer" },
    ]);
    expect(types(bob)).toEqual(["answer"]);
  });

  it("are told of candidates, without what they say", async () => {
    const bob = make();
    await bob.negotiation.receive(candidate("m1"));
    await bob.negotiation.receive(offer("m2"));
    await bob.negotiation.receive(candidate("m3"));
    await bob.negotiation.receive(candidate("m4", "u", "nonsense"));
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
    await need(ada);
    ada.pc.gather();
    await ada.negotiation.receive(offer("m1"));
    expect(names(ada).slice(4)).toEqual([
      "rollback",
      "setRemoteDescription",
      "createAnswer",
      "setLocalDescription",
    ]);
  });

  it("are told of what fails, by the error's name", async () => {
    const ada = make();
    ada.pc.setLocalDescription = () => Promise.reject(new DOMException("v=0 secret", "OperationError"));
    await need(ada);
    expect(ada.steps.at(-1)).toMatchObject({
      step: "failed",
      operation: "setLocalDescription",
      error: "OperationError",
    });
    expect(ada.said).toEqual([]);
  });

  it("end with the connection", async () => {
    const ada = make();
    ada.negotiation.close();
    await need(ada);
    await ada.negotiation.receive(answer("m1"));
    expect(ada.steps).toEqual([]);
    expect(ada.said).toEqual([]);
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
    const received = ada.negotiation.receive(offer("m1"));
    await vi.advanceTimersByTimeAsync(4_000);
    return { ada, received };
  };

  it("takes the other one with streams that it does not know first, when there is a call: they would freeze", async () => {
    const ada = perfect(true);
    const set = vi.spyOn(ada.pc, "setRemoteDescription");
    const crossing = { ...offer("m3"), description: { type: "offer", sdp: OFFER_OF_A_STREAM } } as Signal;
    for (const calls of [1, 3]) {
      ada.pc.dispatchEvent(new Event("negotiationneeded"));
      await vi.advanceTimersByTimeAsync(0);
      ada.pc.gather();
      await ada.negotiation.receive(crossing);
      expect(set).toHaveBeenCalledTimes(calls);
      ada.pc.currentRemoteDescription = ada.pc.remoteDescription;
    }
    expect(set.mock.calls.map(([{ sdp }]) => sdp)).toEqual([
      OFFER_OF_A_STREAM,
      "v=0\r\nm=video 9\r\na=msid:s t\r\n",
      OFFER_OF_A_STREAM,
    ]);
  });

  it("is not taken back before its first candidate: Chromium might never gather again", async () => {
    const { ada, received } = await crossed();
    expect(ada.pc.signalingState).toBe("have-local-offer");
    ada.pc.gather();
    await received;
    expect(types(ada)).toEqual(["offer", "candidate", "answer"]);
  });

  it("is taken back all the same when no candidate comes", async () => {
    const { ada, received } = await crossed();
    await vi.advanceTimersByTimeAsync(2_000);
    await received;
    expect(types(ada)).toEqual(["offer", "answer"]);
  });

  it("is left as it is when the connection is closed meanwhile", async () => {
    const { ada, received } = await crossed();
    ada.negotiation.close();
    await vi.advanceTimersByTimeAsync(2_000);
    await received;
    expect(ada.pc.remoteDescription).toBeNull();
    expect(types(ada)).toEqual(["offer"]);
  });
});

describe("perfect negotiation", () => {
  it("ignores an offer that crosses its own, and lets go of what belongs to it", async () => {
    const ada = perfect(false);
    await need(ada);
    await ada.negotiation.receive(offer("m1", "taken back"));
    await ada.negotiation.receive(candidate("m2", "taken back"));
    await ada.negotiation.receive(candidate("m3", "u"));
    await ada.negotiation.receive(answer("m4"));
    await ada.negotiation.receive(answer("m5"));
    expect(ada.steps.slice(3)).toEqual([
      { step: "ignored", description: "offer", message: "m1" },
      { step: "queued", message: "m2" },
      { step: "queued", message: "m3" },
      { step: "setRemoteDescription", description: "answer", message: "m4" },
      { step: "discarded", message: "m2", reason: "ignored" },
      { step: "added", message: "m3" },
      { step: "ignored", description: "answer", message: "m5" },
    ]);
  });

  it("adds the other candidates after one that is refused", async () => {
    const bob = perfect(true);
    await bob.negotiation.receive(candidate("m1", "u", "nonsense"));
    await bob.negotiation.receive(candidate("m2"));
    await bob.negotiation.receive(offer("m3"));
    expect(names(bob).slice(-2)).toEqual(["refused", "added"]);
    expect(bob.pc.candidates).toHaveLength(1);
  });

  it("says what still waited when the connection ends", async () => {
    const bob = perfect(true);
    await bob.negotiation.receive(candidate("m1"));
    bob.negotiation.close();
    expect(bob.steps.at(-1)).toEqual({ step: "discarded", message: "m1", reason: "closed" });
  });
});

describe("naive negotiation", () => {
  it("answers whatever its state, and fails when offers have crossed", async () => {
    const [ada, bob] = [naive(), naive()];
    await need(ada);
    await need(bob);
    await ada.negotiation.receive(bob.said[0]!);
    await bob.negotiation.receive(ada.said[0]!);
    expect([types(ada), types(bob)]).toEqual([
      ["offer", "answer"],
      ["offer", "answer"],
    ]);
    await ada.negotiation.receive(bob.said[1]!);
    await bob.negotiation.receive(ada.said[1]!);
    const failure = { step: "failed", operation: "setRemoteDescription", error: "InvalidStateError" };
    expect(ada.steps.at(-1)).toMatchObject(failure);
    expect(bob.steps.at(-1)).toMatchObject(failure);
  });

  it("offers when it is asked to, also while an offer is pending", async () => {
    const ada = naive();
    ada.negotiation.offer();
    ada.negotiation.offer();
    await rest();
    expect(types(ada)).toEqual(["offer", "offer"]);
  });

  it("gives all waiting candidates to the first connection that gets a description", async () => {
    const queue: Waiting[] = [];
    const [toBob, toCleo] = [naive(queue), naive(queue)];
    await toCleo.negotiation.receive(candidate("of Cleo's"));
    await toBob.negotiation.receive(offer("of Bob's"));
    await toCleo.negotiation.receive(offer("of Cleo's"));
    expect([toBob.pc.candidates.length, toCleo.pc.candidates.length]).toEqual([1, 0]);
    expect(toBob.steps).toContainEqual({ step: "added", message: "of Cleo's" });
  });

  it("has nothing to say again", async () => {
    const ada = naive();
    await need(ada);
    ada.negotiation.resend();
    expect(types(ada)).toEqual(["offer"]);
  });
});
