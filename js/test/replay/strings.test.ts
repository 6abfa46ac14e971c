import { describe, expect, it } from "vitest";
import { decode } from "../../src/replay/base64";
import { clock, spoken } from "../../src/replay/strings";

describe("times", () => {
  it("are written short", () => {
    expect([0, 9.99, 65, 3605].map((time) => clock(time))).toEqual(["0:00", "0:09", "1:05", "1:00:05"]);
    expect([0, 2.3, 2.37, 59.96, 65.12].map((time) => clock(time, 1))).toEqual([
      "0:00.0",
      "0:02.3",
      "0:02.4",
      "1:00.0",
      "1:05.1",
    ]);
    expect([1.002, 3.749].map((time) => clock(time, 2))).toEqual(["0:01.00", "0:03.75"]);
  });

  it("are read out in full", () => {
    expect(spoken(61)).toBe("1 minute 1 second");
    expect(spoken(7322)).toBe("2 hours 2 minutes 2 seconds");
  });
});

it("media are the bytes that they were, however long they are", () => {
  const bytes = Uint8Array.from({ length: 1_500_001 }, (_, index) => (index * 7919) % 256);
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  const parts = decode(text);
  let start = 0;
  for (const part of parts) {
    // A comparison element by element would take seconds.
    expect(firstDifference(part, bytes.subarray(start, start + part.length))).toBe(-1);
    start += part.length;
  }
  expect(start).toBe(bytes.length);
  expect(() => decode("no base64!")).toThrow();
});

/** Where two sequences of bytes differ first, -1 where they do not. */
function firstDifference(one: Uint8Array, other: Uint8Array): number {
  return one.findIndex((byte, index) => byte !== other[index]);
}
