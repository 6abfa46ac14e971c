import { expect, it } from "vitest";
import { Chat } from "../../src/join/chat";

const texts = (chat: Chat) => chat.lines.value.map(({ from, text, own }) => [from, text, own]);

it("sends texts as Python sends them, and shows whatever comes", () => {
  const chat = new Chat();
  expect(chat.write('say "hi"')).toBe('"say \\"hi\\""');
  chat.receive("Bob", '"hello"');
  chat.receive("Bob", '{"answer": 42}');
  chat.receive("Eve", "not JSON {");
  chat.receive("Eve", new ArrayBuffer(3));
  expect(texts(chat)).toEqual([
    ["", 'say "hi"', true],
    ["Bob", "hello", false],
    ["Bob", '{"answer": 42}', false],
    ["Eve", "not JSON {", false],
    ["Eve", "(3 bytes, which this page cannot show)", false],
  ]);
});

it("counts what has not been seen", () => {
  const chat = new Chat();
  chat.receive("Bob", '"one"');
  chat.receive("Bob", '"two"');
  expect(chat.unread.value).toBe(2);
  chat.show(true);
  chat.receive("Bob", '"three"');
  expect(chat.unread.value).toBe(0);
});

it("keeps no more than it can show", () => {
  const chat = new Chat();
  for (let index = 0; index < 300; index++) chat.receive("Bob", JSON.stringify("x".repeat(5_000)));
  expect(chat.lines.value.length).toBe(200);
  expect(chat.lines.value[0]?.text.length).toBe(4_001);
  expect(new Set(chat.lines.value.map(({ id }) => id)).size).toBe(200);
});
