import { describe, expect, it } from "vitest";
import { isRenewed } from "../../src/negotiation/renewal";

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
