/** Who waits to be let into the room, as notices: each with what may become of them. */
import type { Answer, WaitingContent } from "../protocol/comm";
import type { NoticeBoard } from "./notice-board";

/** @returns takes what the kernel says */
export function waitingNotices(
  board: NoticeBoard,
  send: (answer: Answer) => void,
): (content: WaitingContent) => void {
  let shown: string[] = [];
  return ({ rows }) => {
    const keys = rows.map(({ ids }) => `waiting:${ids}`);
    for (const key of shown) if (!keys.includes(key)) board.show(key, null);
    shown = keys;
    for (const { ids, title, text } of rows) {
      const act = (label: string, admit: boolean) => ({
        label,
        run: () => send({ kind: "answer", ids, admit }),
      });
      const actions = [act("Let in", true), act("Decline", false)];
      board.show(`waiting:${ids}`, { code: "waiting", level: "info", title, text, actions });
    }
  };
}
