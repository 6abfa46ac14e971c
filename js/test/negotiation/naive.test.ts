import { describe, expect, it } from "vitest";
import type { QueuedCandidate } from "../../src/negotiation/candidate";
import { naive, settle } from "../support/negotiation-side";

describe("naive negotiation", () => {
  it("answers whatever its state, and fails when offers have crossed", async () => {
    const [ada, bob] = [naive(), naive()];
    await ada.need();
    await bob.need();
    await ada.receiveDescription("offer", "m1");
    await bob.receiveDescription("offer", "m1");
    expect([ada.events, bob.events]).toEqual([
      ["offer", "answer"],
      ["offer", "answer"],
    ]);
    await ada.receiveDescription("answer", "m2");
    await bob.receiveDescription("answer", "m2");
    const failure = { step: "failed", operation: "setRemoteDescription", error: "InvalidStateError" };
    expect(ada.steps.at(-1)).toMatchObject(failure);
    expect(bob.steps.at(-1)).toMatchObject(failure);
  });

  it("offers when it is asked to, also while an offer is pending", async () => {
    const ada = naive();
    ada.negotiator.offer();
    ada.negotiator.offer();
    await settle();
    expect(ada.events).toEqual(["offer", "offer"]);
  });

  it("gives all waiting candidates to the first connection that gets a description", async () => {
    const queue: QueuedCandidate[] = [];
    const [toBob, toCleo] = [naive(queue), naive(queue)];
    await toCleo.receiveCandidate("of Cleo's");
    await toBob.receiveDescription("offer", "of Bob's");
    await toCleo.receiveDescription("offer", "of Cleo's");
    expect([toBob.pc.candidates.length, toCleo.pc.candidates.length]).toEqual([1, 0]);
    expect(toBob.steps).toContainEqual({ step: "added", message: "of Cleo's" });
  });

  it("has nothing to say again", async () => {
    const ada = naive();
    await ada.need();
    ada.negotiator.resend();
    expect(ada.events).toEqual(["offer"]);
  });
});
