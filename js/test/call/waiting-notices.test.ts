import { expect, it } from "vitest";
import { NoticeBoard } from "../../src/call/notice-board";
import { waitingNotices } from "../../src/call/waiting-notices";
import type { Answer } from "../../src/protocol/comm";

const row = (...ids: string[]) => ({ ids, title: `${ids.join(" and ")} waits`, text: "They see nothing." });

it("shows who waits until they do no longer, and what the person answers", () => {
  const board = new NoticeBoard();
  const answers: Answer[] = [];
  const receive = waitingNotices(board, (answer) => answers.push(answer));
  const shown = () => board.list.value.map(({ title }) => title);
  board.show("relay", { code: "relay_away", level: "warning", title: "Away", text: "" });

  receive({ kind: "waiting", rows: [row("Bob"), row("Eve", "Carol")] });
  expect(shown()).toEqual(["Away", "Bob waits", "Eve and Carol waits"]);
  const [, bob, others] = board.list.value;
  expect(bob?.actions?.map(({ label }) => label)).toEqual(["Let in", "Decline"]);
  bob?.actions?.[0]?.run?.();
  others?.actions?.[1]?.run?.();
  expect(answers).toEqual([
    { kind: "answer", ids: ["Bob"], admit: true },
    { kind: "answer", ids: ["Eve", "Carol"], admit: false },
  ]);

  receive({ kind: "waiting", rows: [row("Dan")] });
  expect(shown()).toEqual(["Away", "Dan waits"]);
  // Leaving the call takes all notices away; the kernel then says again who waits.
  board.clear();
  receive({ kind: "waiting", rows: [row("Dan")] });
  expect(shown()).toEqual(["Dan waits"]);
  receive({ kind: "waiting", rows: [] });
  expect(shown()).toEqual([]);
});
