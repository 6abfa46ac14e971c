import { describe, expect, it } from "vitest";
import { isDisplacedBy, isRenewed } from "../../src/negotiation/renewal";

const sdp = (certificate: string, ufrag = "u") =>
  `v=0\r\na=fingerprint:sha-256 ${certificate}\r\na=ice-ufrag:${ufrag}\r\nm=audio 9\r\n`;

describe("a certificate", () => {
  const known = { type: "offer", sdp: sdp("AA:BB") } as const;

  it.each([
    ["another", sdp("AA:CC"), true],
    ["the same one, an ICE restart", sdp("AA:BB", "other"), false],
    ["the same one in lower case", sdp("aa:bb"), false],
    ["the same one with more hashes", `v=0\r\na=fingerprint:sha-512 00\r\n${sdp("AA:BB")}`, false],
    ["none, which is no offer at all", "v=0\r\nnonsense", false],
  ])("tells a new connection: %s", (_what, text, renewed) => {
    expect(isRenewed(known, { type: "offer", sdp: text })).toBe(renewed);
  });

  it("is new to nobody who has heard of none", () => {
    expect(isRenewed(null, known)).toBe(false);
  });
});

describe("a first offer of ours", () => {
  const lines = (...kinds: string[]) => ({
    type: "offer" as const,
    sdp: `v=0\r\n${kinds.map((kind) => `m=${kind} 9\r\n`).join("")}`,
  });
  const pending = (directions: string[], localDescription: object | null) =>
    ({
      getTransceivers: () => directions.map((direction) => ({ direction })),
      localDescription,
    }) as unknown as RTCPeerConnection;
  const both = ["sendrecv", "sendrecv"];
  const usual = lines("audio", "video", "application");

  it.each([
    ["has what theirs has", both, usual, usual, false],
    ["has nothing yet", [], null, usual, false],
    ["is still in the making", both, null, usual, true],
    ["has the data channel elsewhere", both, lines("audio", "application", "video"), usual, true],
    ["has no data channel", both, lines("audio", "video"), usual, true],
    ["has a screen, which theirs has no m-line for", [...both, "sendonly"], usual, usual, true],
  ])(
    "is taken back by a new connection when it cannot be rolled back: it %s",
    (_what, directions, ours, theirs, is) => {
      expect(isDisplacedBy(pending(directions, ours), theirs)).toBe(is);
    },
  );
});
