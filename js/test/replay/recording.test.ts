import { describe, expect, it } from "vitest";
import { type Clip, MACHINES, type Person, type RecordingData } from "../../src/protocol/replay";
import { Recording } from "../../src/replay/recording";

const ADA: Person = { id: "a", name: "Ada", kind: "browser", here: [[0, null]], declined: false };
const BOB: Person = { id: "b", name: "Bob", kind: "browser", here: [[2.387, 8]], declined: false };

function placed(clip: Partial<Clip>) {
  return recorded({ clip }).clips[0]!;
}

function recorded({ clip = {}, ...more }: { clip?: Partial<Clip> } & Partial<RecordingData>): Recording {
  const whole = {
    person: "a",
    track: "camera" as const,
    begins: 0,
    seconds: 5,
    mime: "video/webm",
    shown: [],
    heard: [],
    poster: null,
    ...clip,
  };
  const data: RecordingData = {
    room: "demo",
    began: 0,
    ended: null,
    notes: [],
    problems: [],
    chapters: [],
    said: [],
    diagram: 0,
    people: [ADA, BOB],
    clips: [whole],
    seconds: 10,
    media: [],
    away: [],
    states: [],
    stats: [],
    ...more,
  };
  return new Recording(data);
}

describe("a state", () => {
  it("that is told just after a recording was begun in a call held before, and is no news", () => {
    const eve: Person = { ...ADA, id: "e" };
    const { states } = recorded({
      people: [ADA, BOB, eve],
      states: [
        [0.12, "a", "e", 0, "connected"],
        [0.4, "a", "e", 0, "failed"],
        [0.12, "a", "b", 0, "new"],
        [0.7, "e", "a", 0, "connected"],
      ],
    });
    const track = states.of("a", "e", MACHINES[0]);
    expect([track.at(0), track.at(0.4), track.age(0)]).toEqual([
      "connected",
      "failed",
      Number.POSITIVE_INFINITY,
    ]);
    // Bob was not there, and what is told later is of then.
    expect(states.of("a", "b", MACHINES[0]).at(0)).toBe(undefined);
    expect(states.of("e", "a", MACHINES[0]).at(0)).toBe(undefined);
  });
});

describe("a clip", () => {
  it("that begins just after its person came is there from that moment", () => {
    const first = placed({ begins: 0.125, shown: [[0.002, 3]], heard: [[0.04, 5]] });
    expect(first).toMatchObject({ early: -0.125, shown: [[-0.125, 3]], heard: [[-0.125, 5]], seconds: 5 });

    const later = placed({ person: "b", begins: 2.424, shown: [[0, 3]] });
    expect(later.early + later.begins).toBeCloseTo(2.387);
    expect(later.shown[0]![0]).toBe(later.early);
  });

  it("that begins later is there when it begins, and pictures that come later come later", () => {
    expect(placed({ begins: 1, shown: [[0, 3]] })).toMatchObject({ early: 0, shown: [[0, 3]] });
    expect(placed({ begins: 0.1, shown: [[2, 3]] })).toMatchObject({ early: -0.1, shown: [[2, 3]] });
  });

  it("that goes on to nearly the end goes on to the end, and others do not", () => {
    expect(placed({ begins: 1, seconds: 8.8, shown: [[1, 8.7]] })).toMatchObject({
      seconds: 9,
      shown: [[1, null]],
    });
    expect(placed({ begins: 1, seconds: 8, shown: [[1, 8]] })).toMatchObject({ seconds: 8, shown: [[1, 8]] });
  });
});
