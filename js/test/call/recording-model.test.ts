import { signal } from "@preact/signals-core";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RecordingModel } from "../../src/call/recording-model";
import type { Notice } from "../../src/call/types";
import type { RecordedBy } from "../../src/room/types";

beforeEach(() => vi.stubGlobal("navigator", {}));
afterEach(() => vi.unstubAllGlobals());

describe("what the person sees of recordings", () => {
  function shown() {
    const notices = new Map<string, Notice>();
    const model = new RecordingModel((key, notice) =>
      notice ? notices.set(key, notice) : notices.delete(key),
    );
    return { notices, model, texts: () => [...notices.values()].map(({ title }) => title) };
  }

  it("names those who record, with a way to be left out, until they stop", () => {
    const { notices, model, texts } = shown();
    const list = signal<readonly RecordedBy[]>([]);
    const decline = vi.fn();
    model.follow(list, decline);

    list.value = [{ id: "r1", name: "Grace", declined: false }];
    expect(texts()).toEqual(["Grace records this call"]);
    [...notices.values()][0]?.actions?.[0]?.run?.();
    expect(decline).toHaveBeenCalledWith("r1");

    list.value = [];
    expect(texts()).toEqual([]);
  });

  it("shows the time and size of the own one, and no notice of that", () => {
    const { model, texts } = shown();
    const list = signal<readonly RecordedBy[]>([]);
    model.follow(list, () => undefined);

    model.receive({ kind: "recording", on: true, id: "r1", text: "0:01, 0.1 MB", full: false });
    list.value = [{ id: "r1", name: "Ada", declined: false }];

    expect(model.own.value).toEqual({ text: "0:01, 0.1 MB", full: false });
    expect(texts()).toEqual([]);
    model.receive({ kind: "recording", on: true, id: "r1", text: "9:59, 9 MB", full: true });
    expect(texts()).toEqual(["The recording will soon stop"]);
  });

  const FINISHED = { kind: "recording", on: false, id: "r1", file: "demo.rtcw.zip" } as const;

  it("says where the own one is when it is over, or why there is none", () => {
    const { notices, model } = shown();
    model.receive(FINISHED);
    expect([...notices.values()][0]?.text).toContain('Recording.open("demo.rtcw.zip")');

    model.receive({
      kind: "recording",
      on: false,
      error: { code: "recording_failed", message: "The disk is full." },
    });
    expect([...notices.values()][0]).toMatchObject({ level: "error", text: "The disk is full." });
  });

  function finished() {
    const { notices, model, texts } = shown();
    const press = (label: string) =>
      [...notices.values()][0]?.actions?.find((action) => action.label === label)?.run?.();
    const asked = vi.fn();
    model.onPlay = asked;
    model.receive(FINISHED);
    const labels = () => [...notices.values()][0]?.actions?.map(({ label }) => label);
    return { model, texts, press, labels, asked };
  }

  it("plays the own one where it was made, and offers it again when that is closed", () => {
    const { model, texts, press, asked } = finished();
    press("Play here");
    expect(asked).toHaveBeenCalledWith("r1");
    expect(texts()).toEqual(["Preparing the replay…"]);

    model.receiveReplay({ kind: "replay", html: "<p>replay</p>" });
    expect(texts()).toEqual([]);
    expect(model.replay.value).toBe("<p>replay</p>");

    model.closeReplay();
    expect(model.replay.value).toBeNull();
    expect(texts()).toEqual(["Recorded"]);
  });

  it("copies the cell that keeps the replay, where the page has a clipboard", async () => {
    const writeText = vi.fn(async () => undefined);
    vi.stubGlobal("navigator", { clipboard: { writeText } });
    const { texts, press } = finished();

    await press("Copy the code");
    expect(writeText).toHaveBeenCalledWith('import rtc_widget\nrtc_widget.Recording.open("demo.rtcw.zip")');
    expect(texts()).toEqual(["Copied: paste it into a cell"]);

    writeText.mockRejectedValueOnce(new DOMException("no", "NotAllowedError"));
    const refused = finished();
    await refused.press("Copy the code");
    expect(refused.texts()).toEqual(["Recorded"]);

    vi.stubGlobal("navigator", {});
    expect(finished().labels()).toEqual(["Play here", "Close"]);
  });

  it("takes the offer away when it is closed, and shows nothing that was no longer waited for", () => {
    const { model, texts, press } = finished();
    press("Play here");
    press("Close");
    model.receiveReplay({ kind: "replay", html: "<p>replay</p>" });
    expect(texts()).toEqual([]);
    expect(model.replay.value).toBeNull();
  });

  it("says why the own one cannot be played", () => {
    const { model, texts, press } = finished();
    press("Play here");
    model.receiveReplay({ kind: "replay", error: { code: "bad_recording", message: "It is gone." } });
    expect(texts()).toEqual(["It cannot be played"]);
  });
});
