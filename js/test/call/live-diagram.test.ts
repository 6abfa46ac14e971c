import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LivePanel, type PanelWish } from "../../src/call/live-diagram";

const NEWS = { html: "<p></p>", paused: false, held: [], faults: [] };

function panel() {
  const sent: PanelWish[] = [];
  return { sent, panel: new LivePanel((wish) => sent.push(wish)) };
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("the live panel", () => {
  it("tells the kernel at once that somebody looks, and goes on telling it until nobody does", () => {
    const { sent, panel: live } = panel();
    const shut = live.open();
    expect(sent).toEqual([{ action: "open" }]);
    vi.advanceTimersByTime(19_000);
    expect(sent).toEqual([{ action: "open" }, { action: "open" }, { action: "open" }]);
    shut();
    shut();
    vi.advanceTimersByTime(60_000);
    expect(sent.slice(3)).toEqual([{ action: "shut" }]);
  });

  it("is open as long as one of its views is", () => {
    const { sent, panel: live } = panel();
    const [first, second] = [live.open(), live.open()];
    first();
    first();
    expect(sent).toEqual([{ action: "open" }]);
    second();
    expect(sent.at(-1)).toEqual({ action: "shut" });
    live.open();
    expect(sent.at(-1)).toEqual({ action: "open" });
  });

  it("shows nothing that is out of date when it opens again", () => {
    const { panel: live } = panel();
    const shut = live.open();
    live.hear(NEWS);
    expect(live.content.value).toEqual(NEWS);
    shut();
    live.hear(NEWS);
    expect(live.content.value).toBeNull();
  });

  it("says why a wish was refused until the next one, and keeps what it shows", () => {
    const { sent, panel: live } = panel();
    live.open();
    live.hear(NEWS);
    live.pause();
    live.hear({ error: { code: "forbidden", message: "Only a teacher's token may." } });
    expect(live.notices.value).toMatchObject([{ code: "forbidden", text: "Only a teacher's token may." }]);
    expect(live.content.value).toEqual(NEWS);
    live.release("7");
    expect(live.notices.value).toEqual([]);
    expect(sent.slice(1)).toEqual([{ action: "pause" }, { action: "release", message: "7" }]);
  });
});
