import { describe, expect, it } from "vitest";
import { arrange, GAP, type Grid, listWidth, pack, STAGE_HEIGHT } from "../../src/ui/layout";
import { initials } from "../../src/ui/strings";

const height = ({ columns, tile }: Grid, count: number) => {
  const rows = Math.ceil(count / columns);
  return rows * ((tile * 9) / 16) + (rows - 1) * GAP;
};

describe("the grid", () => {
  it.each([
    [900, [1, 2, 3, 2, 3, 3, 4, 4, 3]],
    [404, [1, 1, 1, 2, 2, 2, 2, 2, 3]],
  ])("of %i pixels has these columns for 1 to 9 people", (width, columns) => {
    expect(columns.map((_, index) => pack(index + 1, width, STAGE_HEIGHT).columns)).toEqual(columns);
  });

  it("fits its box for every number of people and every width of a notebook", () => {
    for (let width = 280; width <= 1400; width += 40) {
      for (let count = 1; count <= 16; count++) {
        const grid = pack(count, width, STAGE_HEIGHT);
        expect(listWidth(grid)).toBeLessThanOrEqual(width);
        expect(height(grid, count)).toBeLessThanOrEqual(STAGE_HEIGHT);
        expect(grid.tile).toBeGreaterThan(80);
      }
    }
  });
});

describe("the stage", () => {
  it("puts the message beside the own picture, or below it where it is narrow", () => {
    expect(arrange(884, 1, 0, true)).toEqual({
      flow: "row",
      people: { columns: 1, tile: 438 },
      screens: null,
    });
    expect(arrange(404, 1, 0, true).flow).toBe("column");
  });

  it("gives a shared screen most of the room", () => {
    for (const width of [404, 884]) {
      const { people, screens } = arrange(width, 4, 1, false);
      expect(screens!.tile).toBeGreaterThan(3 * people.tile);
    }
  });

  it("puts the people beside a shared screen where it is wide, else below", () => {
    expect(arrange(884, 4, 1, false).flow).toBe("row");
    expect(arrange(404, 4, 1, false).flow).toBe("column");
  });

  it.each([404, 884])("stays within its height at %i pixels with screens and many people", (width) => {
    for (let people = 1; people <= 16; people++) {
      const plan = arrange(width, people, 1, false);
      const heights = [height(plan.people, people), height(plan.screens!, 1)];
      const total = plan.flow === "row" ? Math.max(...heights) : heights[0]! + GAP + heights[1]!;
      expect(total).toBeLessThanOrEqual(STAGE_HEIGHT);
    }
  });
});

describe("initials", () => {
  it.each([
    ["Ada", "A"],
    ["Grace Brewster Hopper", "GH"],
    ["émile zola", "ÉZ"],
    ["<script>", "S"],
    ["", "?"],
    ["🙂", "?"],
  ])("of %j are %s", (name, letters) => {
    expect(initials(name)).toBe(letters);
  });
});
