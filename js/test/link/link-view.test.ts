// @vitest-environment happy-dom
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { LinkModel } from "../../src/link/link-model";
import { showLink } from "../../src/link/link-view";
import { FakeModel } from "../support/fake-model";

let model: FakeModel;
let el: HTMLElement;
let hide: () => void;

const LINK = {
  kind: "link",
  to: "*",
  url: "https://192.0.2.7:6000/join/demo#secret",
  qr: "data:image/svg+xml,x",
  room: "demo",
  uses: 30,
  fingerprint: "AB:CD",
  onlyHere: false,
  wait: false,
};

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel();
  el = document.createElement("div");
  hide = showLink(el, new LinkModel(model));
});

afterEach(() => {
  hide();
  vi.useRealTimers();
});

function receive(more: object = {}): void {
  model.receive({ ...LINK, expires: Date.now() + 60_000, ...more });
}

it("asks for the link, and says what to do in a notebook that was saved", () => {
  expect(model.sent.map(({ kind }) => kind)).toEqual(["hello"]);
  expect(el.textContent).toContain("run its cell for a new one");
});

it("shows the link and its QR code, and the token in no text", () => {
  receive();
  expect(el.querySelector("a")?.href).toBe(LINK.url);
  expect(el.querySelector<HTMLElement>(".rtcl")?.dir).toBe("ltr");
  expect(el.querySelector("img")?.alt).toBe("QR code of the link to demo");
  expect(el.textContent).toContain("https://192.0.2.7:6000/join/demo");
  expect(el.textContent).toContain("Made for 30 people, until ");
  expect(el.textContent).toContain("AB:CD");
  expect(el.textContent).not.toContain("secret");
  expect(el.textContent).not.toContain("share=True");
});

it("says that a link to this machine leads nowhere else", () => {
  receive({ onlyHere: true, fingerprint: null });
  expect(el.textContent).toContain("Relay.local(share=True)");
  expect(el.textContent).not.toContain("SHA-256");
});

it("says that who comes by it waits, where they do", () => {
  receive();
  expect(el.textContent).not.toContain("waits");
  receive({ wait: true });
  expect(el.textContent).toContain("waits until you let them in");
});

it("says by this page's clock until when it admits people, and on which day if not today", () => {
  const noon = new Date(2026, 10, 28, 12);
  vi.setSystemTime(noon);
  const time = { timeStyle: "short" } as const;
  receive({ expires: new Date(2026, 10, 28, 13).getTime() });
  expect(el.textContent).toContain(
    `until ${new Date(2026, 10, 28, 13).toLocaleTimeString(undefined, time)}.`,
  );
  const tomorrow = new Date(2026, 10, 29, 1);
  receive({ expires: tomorrow.getTime() });
  expect(el.textContent).toContain(
    `until ${tomorrow.toLocaleString(undefined, { dateStyle: "medium", ...time })}.`,
  );
});

it("is gone when it has expired", () => {
  receive();
  vi.advanceTimersByTime(60_000);
  expect(el.textContent).toContain("has expired");
  expect(el.querySelector("a")).toBeNull();
});

it("copies the link, and says so only where the page may", async () => {
  const writeText = vi.fn(async () => undefined);
  vi.stubGlobal("navigator", { clipboard: { writeText } });
  receive();
  const copy = el.querySelector<HTMLElement>(".rtcl-copy")!;

  writeText.mockRejectedValueOnce(new DOMException("no", "NotAllowedError"));
  copy.click();
  await vi.advanceTimersByTimeAsync(0);
  expect(copy.textContent).toBe("Copy link");

  copy.click();
  await vi.advanceTimersByTimeAsync(0);
  expect(writeText).toHaveBeenLastCalledWith(LINK.url);
  expect(copy.textContent).not.toBe("Copy link");
  vi.unstubAllGlobals();
});
