import { expect, it } from "vitest";
import { initials, listed, STRINGS } from "../../src/ui/strings";

it("explains a way that signaling goes, and only names one that it does not know", () => {
  expect(STRINGS.path("tunnel")).toBe(
    "Signaling: tunnel, to the signaling server through the notebook's kernel",
  );
  expect(STRINGS.path("constructor")).toBe("Signaling: constructor");
});

it("names are listed as people do", () => {
  expect([[], ["Ada"], ["Ada", "Bob"], ["Ada", "Bob", "Eve"]].map(listed)).toEqual([
    "",
    "Ada",
    "Ada and Bob",
    "Ada, Bob and Eve",
  ]);
});

it("initials tell apart who has a number", () => {
  expect(
    ["Ada", "Ada (2)", "ada lovelace king", "Guest (10)", "Guest (14)", "Guest 4f2a", "😀 Bo", "…"].map(
      initials,
    ),
  ).toEqual(["A", "A2", "AK", "G10", "G14", "G4", "B", "?"]);
});
