import { expect, it } from "vitest";
import { MessageQueue } from "../../src/media-channel/message-queue";
import { LIMITS } from "../../src/protocol/limits";

function queue() {
  const sent: [number, string | ArrayBuffer][] = [];
  return { sent, queue: new MessageQueue((number, data) => sent.push([number, data])) };
}

it("eight messages are under way, and the next when the first has come", () => {
  const { sent, queue: messages } = queue();
  for (let number = 1; number <= 10; number += 1) messages.add(`m${number}`);
  expect(sent.length).toBe(8);
  messages.acknowledged(1);

  expect(sent.map(([number]) => number)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(sent.at(-1)).toEqual([9, "m9"]);
});

it("one acknowledgement is for all that have come before, so that a busy receiver holds nobody up", () => {
  const { sent, queue: messages } = queue();
  for (let round = 0; round < 10; round += 1) {
    for (let number = 0; number < 4; number += 1) messages.add("text");
    messages.acknowledged(sent.length);
  }

  expect(sent.length).toBe(40);
});

it("what does not fit is not taken", () => {
  const { queue: messages } = queue();
  const taken = Array.from({ length: 8 + LIMITS.queued_messages + 1 }, () => messages.add("text"));

  expect(taken.filter((each) => !each).length).toBe(1);
});
