import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { TIMES_MS } from "../../src/protocol/limits";
import type { TunnelLink } from "../../src/signaling/tunnel";
import { namedWaysTo } from "../../src/signaling/ways";

const link: TunnelLink = { send: () => undefined, onTunnel: () => undefined };
const RELAY = { url: "http://127.0.0.1:40001", local: true };

/** A page of a server on this machine; that of Jupyter says in an element what it is. */
function onPage(jupyter: boolean): void {
  const config = { textContent: JSON.stringify({ baseUrl: "/user/ada/" }) };
  vi.stubGlobal("document", { getElementById: () => (jupyter ? config : null) });
}

const names = (relay: typeof RELAY) => namedWaysTo(relay, "demo", link).map(([name]) => name);

beforeEach(() => vi.stubGlobal("location", new URL("http://localhost:8888/user/ada/lab")));
afterEach(() => vi.unstubAllGlobals());

describe("the ways from a page to a relay", () => {
  it("lead to the relay on this machine, by the server of the page, and through the kernel", () => {
    onPage(true);
    expect(names(RELAY)).toEqual(["direct", "proxy", "tunnel"]);
  });

  it("lead by no proxy where the page is not Jupyter's, or the relay has an address of its own", () => {
    onPage(false);
    expect(names(RELAY)).toEqual(["direct", "tunnel"]);
    onPage(true);
    expect(names({ url: "https://relay.example.org", local: false })).toEqual(["direct", "tunnel"]);
  });

  it("give the server of the page, which does answer when it is busy, as long as a connection may take", () => {
    onPage(true);
    const proxy = namedWaysTo(RELAY, "demo", link).find(([name]) => name === "proxy");
    expect(proxy?.[1].headStart).toBe(TIMES_MS.connect);
  });
});
