import { signal } from "@preact/signals-core";
import { expect, it } from "vitest";
import { labelsOf } from "../../src/room/labels";

const label = (...names: string[]) => {
  const people = names.map((name, order) => ({ id: String(order), name: signal(name), order }));
  // Whoever is asked, they count the same people, and oneself comes last in each page's own list.
  for (const me of people) {
    const seen = [...people.filter((each) => each !== me), me];
    expect(labelsOf(seen)).toEqual(labelsOf(people));
  }
  return [...labelsOf(people).values()];
};

it("numbers equal names in order of arrival, the same for everybody", () => {
  expect(label("Ada", "Bob", "Ada", "Ada")).toEqual(["Ada", "Bob", "Ada (2)", "Ada (3)"]);
});

it("makes nobody else's name", () => {
  expect(label("Ada", "Ada", "Ada (2)", "Ada")).toEqual(["Ada", "Ada (3)", "Ada (2)", "Ada (4)"]);
});
