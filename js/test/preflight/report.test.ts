// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import doctor from "../../src/preflight";
import { mountPreflight } from "../../src/preflight/mount";
import { judge } from "../../src/preflight/panel";
import type { Model } from "../../src/protocol/comm";
import { FakeModel } from "../support/fake-model";

const KERNEL = [{ check: "Python", state: "good", text: "Python 3.", advice: "" }];

let model: FakeModel;
let end: AbortController;
let el: HTMLElement;

function show(): void {
  const widget = doctor();
  widget.initialize({ model: model as Model, signal: end.signal });
  widget.render({ model: model as Model, el, signal: end.signal });
}

const row = (check: string) =>
  [...el.querySelectorAll("li")].find((item) => item.querySelector("strong")?.textContent === check)!;
const press = (label: string) =>
  [...el.querySelectorAll("button")].find(({ textContent }) => textContent === label)!.click();
const said = (kind: string) => model.sent.filter((message) => message.kind === kind);
const target = (iceServers: object[] = []) => ({ kind: "target", to: "*", relay: null, iceServers });

beforeEach(() => {
  vi.useFakeTimers();
  model = new FakeModel({ kernel_findings: KERNEL, examined_at: 0 });
  end = new AbortController();
  el = document.createElement("div");
  document.body.append(el);
});
afterEach(() => {
  end.abort();
  vi.useRealTimers();
  document.body.replaceChildren();
});

describe("the report in the page", () => {
  it("does the browser's part though no kernel answers, and says how old the kernel's is", async () => {
    show();
    expect(row("Way to the relay").dataset.state).toBe("checking");
    await vi.advanceTimersByTimeAsync(7_000);
    expect(row("Way to the relay").dataset.state).toBe("not checked");
    expect(row("Way to the relay").textContent).toContain("Run the cell again");
    expect(row("WebRTC").dataset.state).toBe("problem"); // happy-dom has none
    expect(row("Python").textContent).toContain("Python 3.");
    expect(el.textContent).toContain("The kernel, as of ");
  });

  it("tries what the kernel names, once, though told twice", async () => {
    show();
    model.receive(target());
    model.receive({ ...target(), to: model.sent[0]?.client_id as string });
    await vi.advanceTimersByTimeAsync(200);
    expect(row("Way to the relay").textContent).toContain("no relay");
    await vi.advanceTimersByTimeAsync(7_000);
    expect(el.textContent).not.toContain("as of");
  });

  it("hears a kernel that spoke before it was shown, and is busy since", async () => {
    const widget = doctor();
    widget.initialize({ model: model as Model, signal: end.signal });
    expect(model.sent).toEqual([]); // what nobody sees is not checked
    model.receive(target());
    widget.render({ model: model as Model, el, signal: end.signal });
    await vi.advanceTimersByTimeAsync(200);
    expect(row("Way to the relay").dataset.state).toBe("not checked");
    expect(said("findings").at(-1)?.done).toBe(true);
  });

  it("sends what is settled, with no secret of a server's", async () => {
    show();
    model.receive(target([{ urls: "turn:t.example.org", username: "planted", credential: "planted" }]));
    await vi.advanceTimersByTimeAsync(200);
    const findings = said("findings").at(-1)?.findings as { check: string; state: string }[];
    expect(findings.map(({ check }) => check)).toContain("turn:t.example.org");
    expect(JSON.stringify(model.sent)).not.toContain("planted");
  });

  it("asks the kernel too when checked again", async () => {
    show();
    model.receive(target());
    await vi.advanceTimersByTimeAsync(200);
    press("Check again");
    expect(said("hello").map(({ again }) => again)).toEqual([false, true]);
    expect(row("Way to the relay").dataset.state).toBe("checking");
    model.receive(target());
    model.change("kernel_findings", [{ ...KERNEL[0], state: "warning", advice: "Do it." }]);
    await vi.advanceTimersByTimeAsync(200);
    expect(row("Python").dataset.state).toBe("warning");
    expect(row("Way to the relay").dataset.state).toBe("not checked");
  });

  it("changes its rows in place and is a list with words for states", async () => {
    show();
    const before = row("Codecs");
    press("Check again");
    await vi.advanceTimersByTimeAsync(7_000);
    expect(row("Codecs")).toBe(before);
    expect(el.querySelectorAll('ul[role="list"][aria-label]')).toHaveLength(2);
    expect(before.querySelector(".rtcw-doctor-state")?.textContent).toBe("not checked");
    expect(el.querySelector("[role=status]")?.textContent).toContain("what to do stands below");
  });

  it("folds what passed until it is asked for, and says how much that is", async () => {
    show();
    await vi.advanceTimersByTimeAsync(7_000);
    const good = el.querySelectorAll('li[data-state="good"]').length;
    const root = el.querySelector<HTMLElement>(".rtcw-doctor")!;
    const toggle = [...el.querySelectorAll("button")].at(-1)!;
    expect([toggle.textContent, toggle.getAttribute("aria-expanded")]).toEqual([
      `Show what passed (${good})`,
      "false",
    ]);
    expect(root.dataset.folded).toBe("true");
    press(`Show what passed (${good})`);
    expect([toggle.textContent, toggle.getAttribute("aria-expanded")]).toEqual(["Hide what passed", "true"]);
    expect(root.dataset.folded).toBe("false");
    press("Check again");
    expect(root.dataset.folded).toBe("false");
  });

  it("leaves nothing behind", async () => {
    show();
    end.abort();
    expect(model.listeners).toBe(0);
    expect(el.children).toHaveLength(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("puts texts in as texts", async () => {
    model.change("kernel_findings", [{ ...KERNEL[0], text: "<img src=x>" }]);
    show();
    expect(el.querySelector("img")).toBeNull();
  });
});

it("can be put into another page that knows its relay", async () => {
  const unmount = mountPreflight(el, { relay: null, iceServers: [], link: null });
  await vi.advanceTimersByTimeAsync(200);
  expect(row("Way to the relay").dataset.state).toBe("not checked");
  expect(el.textContent).not.toContain("The kernel,");
  unmount();
  expect(el.children).toHaveLength(0);
  expect(vi.getTimerCount()).toBe(0);
});

it("judges all of it in a sentence", () => {
  const of = (...states: ("good" | "warning" | "problem" | "checking")[]) =>
    judge(states.map((state) => ({ check: "", state, text: "", advice: "" })));
  expect(of("good", "checking")).toBe("Checking…");
  expect(of("good")).toBe("All checks passed.");
  expect(of("problem", "warning", "warning")).toMatch(/^One problem and 2 warnings;/);
});
