import { describe, expect, it } from "vitest";
import type { Clip, Person, RecordingData } from "../../src/protocol/replay";
import { Recording } from "../../src/replay/recording";

const ADA: Person = { id: "a", name: "Ada", kind: "browser", here: [[0, null]], declined: false };
const BOB: Person = { id: "b", name: "Bob", kind: "browser", here: [[2.387, 8]], declined: false };

function placed(clip: Partial<Clip>) {
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
  };
  return new Recording(data).clips[0]!;
}

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
