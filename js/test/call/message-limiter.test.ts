import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { MessageLimiter } from "../../src/call/message-limiter";
import { NoticeBoard } from "../../src/call/notice-board";

let notices: NoticeBoard;
let limiter: MessageLimiter;

const admitted = (from: string, count: number, data: string | ArrayBuffer = "x") =>
  Array.from({ length: count }, () => limiter.admits(from, data)).filter(Boolean).length;
const titles = () => notices.list.value.map(({ title }) => title);

beforeEach(() => {
  vi.useFakeTimers();
  notices = new NoticeBoard();
  limiter = new MessageLimiter(notices, (id) => `the one called ${id}`);
});

afterEach(() => vi.useRealTimers());

it("passes on what a lively sender sends, for as long as it likes", () => {
  for (let second = 0; second < 60; second++) {
    expect(admitted("ada", 120, new ArrayBuffer(16_384))).toBe(120);
    vi.advanceTimersByTime(1_000);
  }
  expect(titles()).toEqual([]);
});

it("drops what is too much of one sender, and nothing of the others", () => {
  expect(admitted("eve", 50_000)).toBe(1_000);
  expect(admitted("ada", 100)).toBe(100);
});

it("counts bytes as well as messages", () => {
  expect(admitted("eve", 500, new ArrayBuffer(262_144))).toBe(64);
});

it("says once whose messages are dropped, until they no longer are", () => {
  const shown = vi.spyOn(notices, "show");
  admitted("eve", 5_000);
  expect(titles()).toEqual(["Messages from the one called eve are dropped"]);
  expect(shown).toHaveBeenCalledTimes(1);
  vi.advanceTimersByTime(4_000);
  admitted("eve", 5_000);
  vi.advanceTimersByTime(4_000);
  expect(titles().length).toBe(1);
  vi.advanceTimersByTime(1_000);
  expect(titles()).toEqual([]);
  expect(admitted("eve", 1)).toBe(1);
});

it("leaves no timer behind", () => {
  admitted("eve", 5_000);
  limiter.close();
  expect(vi.getTimerCount()).toBe(0);
});
