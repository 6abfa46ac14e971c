import { describe, expect, it } from "vitest";
import { cuesAt, parseCues } from "../../src/replay/captions";

const VTT = `WEBVTT

00:00:01.000 --> 00:00:03.000
Ada &lt;b&gt; &amp;lt; joins.

00:00:01.500 --> 00:00:03.500
Ada sends Bob an offer.

00:00:01.510 --> 00:00:03.510
Bob sends Ada an offer.

01:02:03.250 --> 01:02:05.250
Bob leaves.
`;

describe("captions", () => {
  it("are what the kernel wrote, as text", () => {
    const cues = parseCues(VTT);
    expect(cues.map(({ text }) => text)).toEqual([
      "Ada <b> &lt; joins.",
      "Ada sends Bob an offer.",
      "Bob sends Ada an offer.",
      "Bob leaves.",
    ]);
    expect(cues[3]).toMatchObject({ from: 3723.25, to: 3725.25 });
  });

  it("are none where a page has none", () => {
    expect(parseCues("")).toEqual([]);
    expect(parseCues("WEBVTT\n")).toEqual([]);
    expect(cuesAt([], 1)).toEqual([]);
  });

  it("leave the one before the newest to be read, as long as it is meant to", () => {
    const cues = parseCues(VTT);
    expect([0.9, 1, 1.5, 2, 3.2, 3.505, 4, 3724].map((time) => cuesAt(cues, time))).toEqual([
      [],
      [0],
      [0, 1],
      [1, 2],
      [1, 2],
      [2],
      [],
      [3],
    ]);
  });

  it("have whole milliseconds, and are there at their message all the same", () => {
    expect(cuesAt(parseCues(VTT), 1.4995)).toEqual([0, 1]);
  });
});
