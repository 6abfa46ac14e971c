import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KernelLink } from "../../src/call/kernel-link";
import type { PanelRequest } from "../../src/protocol/comm";
import { LiveDiagram } from "../../src/ui/live-diagram";
import { FakeModel } from "../support/fake-model";

const CONTENT = {
  kind: "panel" as const,
  html: "<p></p>",
  watching: true,
  paused: false,
  held: [],
  breaks: [],
  faults: [],
};

function panel() {
  const sent: PanelRequest[] = [];
  return { sent, panel: new LiveDiagram((request) => sent.push(request)) };
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
    expect(sent).toEqual([{ kind: "panel", action: "open", everybody: false }]);
    vi.advanceTimersByTime(19_000);
    expect(sent).toEqual([
      { kind: "panel", action: "open", everybody: false },
      { kind: "panel", action: "open", everybody: false },
      { kind: "panel", action: "open", everybody: false },
    ]);
    shut();
    shut();
    vi.advanceTimersByTime(60_000);
    expect(sent.slice(3)).toEqual([{ kind: "panel", action: "shut" }]);
  });

  it("is open as long as one of its views is", () => {
    const { sent, panel: live } = panel();
    const [first, second] = [live.open(), live.open()];
    first();
    first();
    expect(sent).toEqual([{ kind: "panel", action: "open", everybody: false }]);
    second();
    expect(sent.at(-1)).toEqual({ kind: "panel", action: "shut" });
    live.open();
    expect(sent.at(-1)).toEqual({ kind: "panel", action: "open", everybody: false });
  });

  it("tells the kernel whether the overview is shown, and takes its figures", () => {
    const { sent, panel: live } = panel();
    live.showEverybody(true);
    expect(sent).toEqual([]);
    const shut = live.open();
    live.showEverybody(true);
    expect(sent).toEqual([{ kind: "panel", action: "open", everybody: true }]);
    live.receive({ kind: "panel", overview: "<table></table>" });
    expect(live.overview.value).toBe("<table></table>");
    expect(live.content.value).toBeNull();
    live.showEverybody(false);
    expect(sent.at(-1)).toEqual({ kind: "panel", action: "open", everybody: false });
    shut();
    expect(live.overview.value).toBeNull();
  });

  it("shows nothing that is out of date when it opens again", () => {
    const { panel: live } = panel();
    const shut = live.open();
    live.receive(CONTENT);
    expect(live.content.value).toEqual(CONTENT);
    shut();
    live.receive(CONTENT);
    expect(live.content.value).toBeNull();
  });

  it("says why a wish was refused until the next one, and keeps what it shows", () => {
    const { sent, panel: live } = panel();
    live.open();
    live.receive(CONTENT);
    live.pause();
    live.receive({ kind: "panel", error: { code: "forbidden", message: "Only a teacher's token may." } });
    expect(live.notices.value).toMatchObject([{ code: "forbidden", text: "Only a teacher's token may." }]);
    expect(live.content.value).toEqual(CONTENT);
    live.release(["7"]);
    expect(live.notices.value).toEqual([]);
    expect(sent.slice(1)).toEqual([
      { kind: "panel", action: "pause" },
      { kind: "panel", action: "release", messages: ["7"] },
    ]);
  });

  it("names a breakpoint's event in a field of its own: it is a panel's message whatever it stops at", () => {
    const model = new FakeModel();
    const link = new KernelLink(model);
    new LiveDiagram((request) => link.send(request)).breakOn("answer");
    expect(model.sent.at(-1)).toEqual({
      kind: "panel",
      action: "break_on",
      event: "answer",
      client_id: link.clientId,
    });
  });
});
