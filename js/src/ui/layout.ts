/** Space between tiles, the same as `--rtcw-gap` in style.css. */
export const GAP = 8;

/** The stage is never taller, so that a call leaves room for the cells around it. */
export const STAGE_HEIGHT = 460;

const RATIO = 16 / 9;
/** From this width on, the people sit beside a shared screen, not below it. */
const WIDE = 620;

/** How tiles of one size fill a box. */
export type Grid = { columns: number; tile: number };

/** What the stage looks like: its direction and the sizes of both lists. */
export type Arrangement = {
  flow: "row" | "column";
  people: Grid;
  /** The shared screens, null when nobody else shares one. */
  screens: Grid | null;
};

function tileWidth(columns: number, rows: number, width: number, height: number): number {
  const byWidth = (width - GAP * (columns - 1)) / columns;
  const byHeight = ((height - GAP * (rows - 1)) / rows) * RATIO;
  return Math.max(1, Math.floor(Math.min(byWidth, byHeight)));
}

/** The best number of columns for `count` tiles of 16:9 in a box, and the tiles' width in pixels. */
export function pack(count: number, width: number, height: number): Grid {
  let best: Grid = { columns: 1, tile: 1 };
  let bestScore = -1;
  for (let columns = 1; columns <= Math.max(1, count); columns++) {
    const rows = Math.max(1, Math.ceil(count / columns));
    const tile = tileWidth(columns, rows, width, height);
    // Large tiles are good, but height is what a notebook has least of, and holes in the last row look untidy.
    const score = (tile / Math.sqrt(rows)) * (count / (rows * columns)) ** 0.25;
    if (score > bestScore) {
      bestScore = score;
      best = { columns, tile };
    }
  }
  return best;
}

/** The width of a list that holds exactly its columns. */
export function listWidth({ columns, tile }: Grid): number {
  return columns * tile + (columns - 1) * GAP;
}

/** Lay out a stage of `width` pixels. `card` adds the message that is shown while nobody else is there. */
export function arrange(
  width: number,
  people: number,
  screens: number,
  card: boolean,
  tallest = STAGE_HEIGHT,
): Arrangement {
  if (screens > 0) {
    if (width >= WIDE) {
      const strip = Math.min(220, Math.round(width * 0.22));
      return {
        flow: "row",
        people: pack(people, strip, tallest),
        screens: pack(screens, width - strip - GAP, tallest),
      };
    }
    return {
      flow: "column",
      people: pack(people, width, people > 5 ? 132 : 96),
      screens: pack(screens, width, tallest - 140),
    };
  }
  if (!card) return { flow: "row", people: pack(people, width, tallest), screens: null };
  const all = pack(people + 1, width, tallest);
  // The message needs no picture's height, so below the tiles it takes its own.
  if (all.columns <= people) {
    return { flow: "column", people: pack(people, width, tallest - 120), screens: null };
  }
  return { flow: "row", people: { columns: people, tile: all.tile }, screens: null };
}
