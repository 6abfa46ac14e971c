// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { mount } from "../../src/ui/view";
import { type FakeCall, fakeCall } from "../support/fake-call";

let el: HTMLElement;
let call: FakeCall;
let unmount: () => void;

const one = (selector: string) => el.querySelector<HTMLElement>(selector)!;
const named = (name: string) =>
  [...el.querySelectorAll("button")].find(
    (button) => (button.getAttribute("aria-label") ?? button.textContent) === name,
  )!;
const shown = (element: HTMLElement) => element.isConnected && element.closest("[hidden]") === null;
const disabled = (name: string) => named(name).getAttribute("aria-disabled") === "true";
const said = () => [...one("[role=status]").children].map(({ textContent }) => textContent);

/** A diagram as the kernel's, with a message for each id; of several connections, one for each name. */
function diagram(ids: string[], pairs: string[] = []): string {
  const messages = ids.map(
    (id) => `<details class="rtcd-m" data-key="${id}"><summary tabindex="0"></summary></details>`,
  );
  const picks = pairs.map(
    (name, index) =>
      `<label><input type="radio" name="pair" class="rtcd-pick" value="${index}"${index ? "" : " checked"}>${name}</label>`,
  );
  const band = `<details class="rtcd-band" open><summary>1 Ada makes an offer</summary>${messages.join("")}</details>`;
  return (
    `<div class="rtcd-page"><style>${pairs.length}</style><form><div class="rtcd-bar">` +
    `${picks.length ? `<fieldset class="rtcd-choice">${picks.join("")}</fieldset>` : ""}<input class="rtcd-show-calls" type="checkbox"></div>` +
    `<div class="rtcd-scroll"><section class="rtcd-pair" data-pair="0">${band}</section></div>` +
    `<div class="rtcd-panel" tabindex="-1">open</div></form><div class="rtcd-glossary">${ids}</div>` +
    `<details><pre class="rtcd-words">${ids.join()}</pre></details>` +
    "</div>"
  );
}

function news(change: Partial<NonNullable<FakeCall["panel"]["content"]["value"]>> = {}): void {
  call.panel.content.value = {
    html: diagram(["a", "b"]),
    watching: true,
    paused: false,
    held: [],
    breaks: [],
    faults: [],
    ...change,
  };
}

const OFFER = { ids: ["1"], text: "offer of Ada to Bob", carries: "audio, video", seconds: 3 };
const ANSWER = { ids: ["2"], text: "answer of Bob to Ada", carries: "", seconds: 0 };

beforeEach(() => {
  el = document.createElement("div");
  document.body.append(el);
  call = fakeCall();
  unmount = mount(el, call);
});

afterEach(() => {
  unmount();
  el.remove();
});

describe("the signaling diagram", () => {
  it("is asked for only while it is open and this tab is in the call", () => {
    const toggle = named("Signaling");
    expect(toggle.getAttribute("aria-pressed")).toBe("false");
    expect(shown(one(".rtcw-below"))).toBe(false);
    expect(call.asked).toEqual([]);
    toggle.click();
    expect(toggle.getAttribute("aria-pressed")).toBe("true");
    expect(shown(one(".rtcw-below"))).toBe(true);
    expect(one(".rtcw-pending").textContent).toContain("Waiting for the kernel");
    call.phase.value = "left";
    call.phase.value = "joined";
    toggle.click();
    expect(call.asked).toEqual([["open"], ["shut"], ["open"], ["shut"]]);
    toggle.click();
    unmount();
    expect(call.asked.slice(4)).toEqual([["open"], ["shut"]]);
  });

  it("is replaced, and not what was opened, folded, filtered or has the focus", () => {
    named("Signaling").click();
    news();
    const [opened, words] = [one(".rtcd-panel"), one(".rtcd-words").parentElement as HTMLDetailsElement];
    words.open = true;
    (one(".rtcd-show-calls") as HTMLInputElement).checked = true;
    (one(".rtcd-band") as HTMLDetailsElement).open = false;
    el.querySelectorAll<HTMLElement>(".rtcd-m summary")[1]?.focus();
    const events: Event[] = [];
    one(".rtcd-page").addEventListener("rtcd-drawn", (event) => events.push(event));
    news({ html: diagram(["a b", "c"]) });
    expect([...el.querySelectorAll<HTMLElement>(".rtcd-m")].map(({ dataset }) => dataset.key)).toEqual([
      "a b",
      "c",
    ]);
    expect(one(".rtcd-words").textContent).toBe("a b,c");
    expect(one(".rtcd-glossary").textContent).toBe("a b,c");
    expect(one(".rtcd-panel")).toBe(opened);
    expect(words.open && words.isConnected).toBe(true);
    expect((one(".rtcd-show-calls") as HTMLInputElement).checked).toBe(true);
    expect((one(".rtcd-band") as HTMLDetailsElement).open).toBe(false);
    expect(document.activeElement?.closest<HTMLElement>(".rtcd-m")?.dataset.key).toBe("a b");
    expect(events).toHaveLength(1);
  });

  it("keeps the connection that was chosen when somebody comes", () => {
    const chosen = () => one(".rtcd-choice :checked").parentElement?.textContent;
    named("Signaling").click();
    news();
    expect(el.querySelector(".rtcd-choice")).toBeNull();
    news({ html: diagram(["a"], ["Ada–Bob", "Ada–Carol"]) });
    expect(chosen()).toBe("Ada–Bob");
    el.querySelectorAll<HTMLInputElement>(".rtcd-pick")[1]!.checked = true;
    news({ html: diagram(["a"], ["Ada–Bob", "Bob–Carol", "Ada–Carol"]) });
    expect(chosen()).toBe("Ada–Carol");
    expect(one(".rtcd-page style").textContent).toBe("3");
    news();
    expect(el.querySelector(".rtcd-choice")).toBeNull();
  });

  it("leaves the keyboard where a connection was chosen", () => {
    named("Signaling").click();
    news({ html: diagram(["a"], ["Ada–Bob", "Ada–Carol"]) });
    const pick = () => one(".rtcd-pick:checked") as HTMLInputElement;
    pick().focus();
    news({ html: diagram(["a", "b"], ["Ada–Bob", "Ada–Carol"]) });
    expect(document.activeElement).toBe(pick());
  });
});

describe("the overview", () => {
  const matrix = (figure: string) =>
    `<p><button class="rtcd-open">1</button><button class="rtcd-open">${figure}</button></p>`;
  const withOverview = (figure: string) =>
    diagram(["a"], ["Everybody", "Ada–Bob"])
      .replace('value="0"', 'value="all"')
      .replace('<section class="rtcd-pair"', `<section class="rtcd-everybody">${matrix(figure)}</section>$&`);

  it("has the newest figures, and the keyboard where it was", () => {
    named("Signaling").click();
    news({ html: withOverview("400 kbit/s") });
    expect(call.asked.at(-1)).toEqual(["showEverybody", true]);
    el.querySelectorAll<HTMLElement>(".rtcd-open")[1]!.focus();
    const [diagramOf] = [one(".rtcd-m")];
    call.panel.overview.value = matrix("437 kbit/s");
    expect(document.activeElement?.textContent).toBe("437 kbit/s");
    expect(one(".rtcd-m")).toBe(diagramOf);
    news({ html: withOverview("500 kbit/s") });
    expect(document.activeElement?.textContent).toBe("500 kbit/s");
  });

  it("is asked for only while it is shown", () => {
    named("Signaling").click();
    news({ html: withOverview("400 kbit/s") });
    const [everybody, pick] = el.querySelectorAll<HTMLInputElement>(".rtcd-pick");
    // A browser does this by itself.
    everybody!.checked = false;
    pick!.checked = true;
    pick!.dispatchEvent(new Event("change", { bubbles: true }));
    expect(call.asked.at(-1)).toEqual(["showEverybody", false]);
  });
});

describe("the signaling's buttons", () => {
  beforeEach(() => named("Signaling").click());

  it("does not say that messages pass while the kernel is not told of them", () => {
    news({ watching: false });
    expect(one(".rtcw-signaling").textContent).toBe("Waiting for the signaling server");
    expect(named("Pause").getAttribute("aria-disabled")).toBe("true");
    expect((one('[aria-label="Stop at…"]') as HTMLSelectElement).disabled).toBe(true);
    news();
    expect(one(".rtcw-signaling").textContent).toBe("Messages pass freely");
    expect(named("Pause").getAttribute("aria-disabled")).not.toBe("true");
    expect((one('[aria-label="Stop at…"]') as HTMLSelectElement).disabled).toBe(false);
  });

  it("wait for the kernel, and step only when something is held", () => {
    expect(disabled("Pause")).toBe(true);
    named("Pause").click();
    news();
    expect(disabled("Pause")).toBe(false);
    expect(disabled("Step")).toBe(true);
    expect(named("Step").title).toMatch(/^No message is held/);
    named("Step").click();
    named("Pause").click();
    news({ paused: true, held: [OFFER] });
    named("Step").click();
    named("Resume").click();
    expect(call.asked.slice(1)).toEqual([["pause"], ["step"], ["resume"]]);
    expect(one(".rtcw-signaling").textContent).toBe("Paused: 1 message waits");
  });

  it("let a held message of choice go, and the keyboard stays with the list", () => {
    news({ paused: true, held: [OFFER, ANSWER] });
    const release = named("Release offer of Ada to Bob");
    release.focus();
    release.click();
    expect(call.asked.slice(1)).toEqual([["release", ["1"]]]);
    news({ paused: true, held: [ANSWER] });
    expect(document.activeElement).toBe(named("Release answer of Bob to Ada"));
    news({ paused: true });
    expect(document.activeElement).toBe(named("Step"));
    expect(shown(one(".rtcw-held"))).toBe(false);
  });

  it("show for each what it carries and for how long it has waited, and drop or duplicate it", () => {
    news({ paused: true, held: [OFFER, { ...ANSWER, ids: ["2", "3"] }] });
    const rows = [...el.querySelectorAll(".rtcw-held li")].map(({ textContent }) => textContent);
    expect(rows[0]).toMatch(/^offer of Ada to Bob audio, video3 s/);
    expect(rows[1]).toMatch(/^2 × answer of Bob to Ada0 s/);
    named("Drop offer of Ada to Bob").click();
    named("Duplicate 2 × answer of Bob to Ada").click();
    expect(call.asked.slice(1)).toEqual([
      ["drop", ["1"]],
      ["duplicate", ["2", "3"]],
    ]);
    expect(one(".rtcw-signaling").textContent).toBe("Paused: 3 messages wait");
  });

  it("step over candidates while one is next, and to the next offer or answer", () => {
    news({ paused: true, held: [OFFER] });
    expect(disabled("Step over candidates")).toBe(true);
    named("To next offer or answer").click();
    news({ paused: true, held: [{ ...OFFER, text: "ICE candidate of Ada to Bob" }, ANSWER] });
    named("Step over candidates").click();
    expect(call.asked.slice(1)).toEqual([["stepTo"], ["stepOver"]]);
  });

  it("list breakpoints apart from faults, and remove one", () => {
    news({ breaks: [{ id: "b1", text: "break on answer" }] });
    expect(el.querySelector(".rtcw-fault")).toBeNull();
    expect(shown(named("Clear"))).toBe(false);
    named("Remove “break on answer”").click();
    expect(call.asked.slice(1)).toEqual([["clearBreak", "b1"]]);
    news();
    expect(el.querySelector(".rtcw-break")).toBeNull();
  });

  it("stop at the next message of a kind, and forget the choice", () => {
    news();
    const choice = one(".rtcw-head select") as HTMLSelectElement;
    choice.value = "answer";
    choice.dispatchEvent(new Event("change"));
    expect(call.asked.slice(1)).toEqual([["breakOn", "answer"]]);
    expect(choice.value).toBe("");
  });

  it("list what is broken on purpose, and end it", () => {
    news();
    expect(shown(named("Clear"))).toBe(false);
    news({ faults: ["drop offer; 0 so far"] });
    expect(one(".rtcw-fault").textContent).toBe("drop offer; 0 so far");
    named("Clear").click();
    expect(call.asked.slice(1)).toEqual([["clear"]]);
  });

  it("say why a wish was refused", () => {
    call.panel.notices.value = [{ code: "forbidden", level: "error", title: "No", text: "Teachers only." }];
    expect(one(".rtcw-below [role=alert]").textContent).toBe("NoTeachers only.");
  });

  it("show names as text, never as markup", () => {
    news({ paused: true, held: [{ ...OFFER, text: "<img src=x>" }], faults: ["<b>fault</b>"] });
    expect(el.querySelector("img, b b, .rtcw-fault *")).toBeNull();
  });

  it("are heard: what is held, let go and broken, and many alike only once", () => {
    news({ paused: true, held: [OFFER] });
    expect(said()).toEqual([]);
    news({ paused: true, held: [ANSWER] });
    expect(said()).toEqual(["Message held: answer of Bob to Ada", "Message released: offer of Ada to Bob"]);
    news({ faults: ["drop; 0 so far"] });
    news({ faults: ["drop; 1 so far"] });
    expect(said().slice(2)).toEqual(["Signaling is resumed", "1 fault is injected"]);
    const candidates = [{ ...OFFER, ids: ["3", "4", "5", "6"], text: "ICE candidate of Bob to Ada" }];
    news({ paused: true, held: [OFFER, ...candidates], faults: ["drop; 1 so far"] });
    expect(said().slice(-2)).toEqual([
      "Message held: offer of Ada to Bob",
      "4 messages held: ICE candidate of Bob to Ada",
    ]);
  });
});
