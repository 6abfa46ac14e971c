import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RecordingModel } from "../../src/call/recording-model";
import type { Notice } from "../../src/call/types";
import { LIMITS } from "../../src/protocol/limits";
import { Recordings } from "../../src/recording/self-recorder";
import { type Head, Outbox, type Piece } from "../../src/recording/upload-queue";
import type { SignalingTransport } from "../../src/signaling/transport";

const HEAD: Head = { at: 1, mime: "video/webm", video: true, audio: true };
const MIB = 1024 * 1024;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("what waits to be received", () => {
  function outbox() {
    const sent: Piece[] = [];
    const emptied = vi.fn();
    return { sent, emptied, box: new Outbox((piece) => sent.push(piece), emptied) };
  }

  const bytes = (length: number) => new Uint8Array(length);

  it("waits until somebody takes it, and then goes in order, a window at a time", () => {
    const { sent, box } = outbox();
    box.add("camera", 1, 0, bytes(3 * LIMITS.piece_bytes), HEAD, false);
    expect(sent).toEqual([]);

    box.begin(2);

    expect(sent.map(({ offset }) => offset)).toEqual([0, LIMITS.piece_bytes]);
    box.received({ track: "camera", number: 1, offset: LIMITS.piece_bytes });
    expect(sent.map(({ offset }) => offset)).toEqual([0, LIMITS.piece_bytes, 2 * LIMITS.piece_bytes]);
  });

  it("says what a segment is with its first piece only, and marks its last", () => {
    const { sent, box } = outbox();
    box.begin(4);
    box.add("camera", 1, 0, bytes(10), HEAD, false);
    box.add("camera", 1, 10, bytes(0), HEAD, true);

    expect(sent[0]).toMatchObject({ ...HEAD, offset: 0, last: false });
    expect(sent[1]).toEqual({ track: "camera", number: 1, offset: 10, data: "", last: true });
  });

  it("keeps the end of a segment until that has been received, which counts as a byte", () => {
    const { box } = outbox();
    box.begin(4);
    box.add("camera", 1, 0, bytes(10), HEAD, true);

    box.received({ track: "camera", number: 1, offset: 10 });
    expect(box.empty).toBe(false);
    box.received({ track: "camera", number: 1, offset: 11 });
    expect(box.empty).toBe(true);
  });

  it("is sent again from the first piece on, when a path is back or nobody answers", () => {
    const { sent, box } = outbox();
    box.begin(1);
    box.add("camera", 1, 0, bytes(10), HEAD, false);
    box.pause();
    vi.advanceTimersByTime(60_000);
    expect(sent).toHaveLength(1);

    box.begin();
    expect(sent).toHaveLength(2);
    vi.advanceTimersByTime(5_000);
    expect(sent).toHaveLength(3);
  });

  it("is sent again also while more is added, when nobody answers", () => {
    const { sent, box } = outbox();
    box.begin(1);
    for (let second = 0; second < 6; second += 1) {
      box.add("camera", 1, second * 10, bytes(10), HEAD, false);
      vi.advanceTimersByTime(1_000);
    }
    expect(sent.map(({ offset }) => offset)).toEqual([0, 0]);
  });

  it("is bounded, and says when there is room again", () => {
    const { box, emptied } = outbox();
    box.begin(1_000);
    box.add("camera", 1, 0, bytes(16 * MIB), HEAD, false);
    expect(box.full).toBe(true);

    box.received({ track: "camera", number: 1, offset: 16 * MIB });

    expect(box.full).toBe(false);
    expect(emptied).toHaveBeenCalledOnce();
  });
});

class FakeRecorder {
  static made: FakeRecorder[] = [];
  static isTypeSupported = (type: string) => type.includes("vp8");
  state: "inactive" | "recording" = "inactive";
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  onstop: (() => void) | null = null;
  constructor(
    readonly stream: MediaStream,
    readonly options: MediaRecorderOptions,
  ) {
    FakeRecorder.made.push(this);
  }
  start() {
    this.state = "recording";
  }
  stop() {
    this.state = "inactive";
    this.onstop?.();
  }
}

class FakeStream {
  constructor(readonly tracks: MediaStreamTrack[]) {}
}

describe("a participant of a room that is recorded", () => {
  beforeEach(() => {
    FakeRecorder.made = [];
    vi.stubGlobal("MediaRecorder", FakeRecorder);
    vi.stubGlobal("MediaStream", FakeStream);
  });

  const track = (kind: string) =>
    ({ kind, readyState: "live", getSettings: () => ({ width: 640, height: 360 }) }) as MediaStreamTrack;

  function participant() {
    const told: object[] = [];
    const recordings = new Recordings("demo");
    const transport = { path: "direct", post: (_event: string, payload: object) => told.push(payload) };
    recordings.use(transport as unknown as SignalingTransport);
    recordings.setTracks({ video: track("video"), audio: track("audio"), screen: null });
    return { told, recordings };
  }

  const running = () => FakeRecorder.made.filter(({ state }) => state === "recording");

  it("records itself from the announcement to the end, in what its browser can", () => {
    const { recordings } = participant();
    expect(FakeRecorder.made).toEqual([]);

    recordings.announced("r1", "Grace", true);
    expect(running()).toHaveLength(1);
    expect(running()[0]?.options.mimeType).toBe("video/webm;codecs=vp8,opus");
    expect(recordings.list.value).toEqual([{ id: "r1", name: "Grace", declined: false }]);

    recordings.announced("r1", "Grace", false);
    expect(running()).toEqual([]);
    expect(recordings.list.value).toEqual([]);
  });

  it("begins another segment when its tracks change, and one more for the screen", () => {
    const { recordings } = participant();
    recordings.announced("r1", "Grace", true);

    recordings.setTracks({ video: null, audio: track("audio"), screen: track("video") });

    expect(FakeRecorder.made).toHaveLength(3);
    expect(running()).toHaveLength(2);
  });

  it("says that it is done when all of it has been received", async () => {
    const { told, recordings } = participant();
    recordings.announced("r1", "Grace", true);
    const number = (told: object[]) =>
      (told[0] as { piece: { number: number } } | undefined)?.piece.number ?? 0;
    FakeRecorder.made[0]?.ondataavailable?.({ data: new Blob(["abc"]) });
    await vi.advanceTimersByTimeAsync(0);
    recordings.announced("r1", "Grace", false);
    await vi.advanceTimersByTimeAsync(0);
    const done = { roomId: "demo", recording: "r1", piece: { done: true } };
    expect(told).not.toContainEqual(done);

    recordings.received("r1", [{ track: "camera", number: number(told), offset: 4 }]);

    expect(told).toContainEqual(done);
  });

  it("says at once that it is done where there was nothing to record", async () => {
    const { told, recordings } = participant();
    recordings.setTracks({ video: null, audio: null, screen: null });
    recordings.announced("r1", "Grace", true);
    recordings.announced("r1", "Grace", false);
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([{ roomId: "demo", recording: "r1", piece: { done: true } }]);
  });

  it("is left out when it declines, and says so again wherever it comes back", async () => {
    const { told, recordings } = participant();
    recordings.announced("r1", "Grace", true);
    FakeRecorder.made[0]?.ondataavailable?.({ data: new Blob(["abc"]) });
    recordings.decline("r1");
    await vi.runAllTimersAsync();

    expect(running()).toEqual([]);
    expect(recordings.list.value[0]?.declined).toBe(true);
    const declined = { roomId: "demo", recording: "r1", piece: { declined: true } };
    expect(told).toEqual([declined]);
    recordings.announced("r1", "Grace", true);
    expect(told).toEqual([declined, declined]);
    expect(running()).toEqual([]);
  });

  it("stays left out after its page was loaded again", () => {
    const { recordings } = participant();
    recordings.declined.add("r1");
    recordings.announced("r1", "Grace", true);
    expect(running()).toEqual([]);
    expect(recordings.list.value[0]?.declined).toBe(true);
  });

  it("gives who records the time to come back to a new relay, and then stops", () => {
    const { recordings } = participant();
    recordings.announced("r1", "Grace", true);
    recordings.use(null);
    recordings.use({ path: "tunnel", post: () => undefined } as unknown as SignalingTransport, []);
    expect(running()).toHaveLength(1);

    vi.advanceTimersByTime(5_000);

    expect(running()).toEqual([]);
  });
});

describe("what the person is told of recordings", () => {
  function shown() {
    const notices = new Map<string, Notice>();
    const model = new RecordingModel((key, notice) =>
      notice ? notices.set(key, notice) : notices.delete(key),
    );
    return { notices, model, texts: () => [...notices.values()].map(({ title }) => title) };
  }

  it("names those who record, with a way to be left out, until they stop", () => {
    const { notices, model, texts } = shown();
    const recordings = new Recordings("demo");
    const decline = vi.fn();
    model.follow(recordings.list, decline);

    recordings.announced("r1", "Grace", true);
    expect(texts()).toEqual(["Grace records this call"]);
    [...notices.values()][0]?.action?.run();
    expect(decline).toHaveBeenCalledWith("r1");

    recordings.announced("r1", "Grace", false);
    expect(texts()).toEqual([]);
  });

  it("shows the time and size of the own one, and no notice of that", () => {
    const { model, texts } = shown();
    const recordings = new Recordings("demo");
    model.follow(recordings.list, () => undefined);

    model.receive({ kind: "recording", on: true, id: "r1", text: "0:01, 0.1 MB", full: false });
    recordings.announced("r1", "Ada", true);

    expect(model.own.value).toEqual({ text: "0:01, 0.1 MB", full: false });
    expect(texts()).toEqual([]);
    model.receive({ kind: "recording", on: true, id: "r1", text: "9:59, 9 MB", full: true });
    expect(texts()).toEqual(["The recording will soon stop"]);
  });

  it("says where the own one is when it is over, or why there is none", () => {
    const { notices, model } = shown();
    model.receive({ kind: "recording", on: false, file: "demo.rtcw.zip" });
    expect([...notices.values()][0]?.text).toBe('Recording.open("demo.rtcw.zip") in a cell replays it.');

    model.receive({
      kind: "recording",
      on: false,
      error: { code: "recording_failed", message: "The disk is full." },
    });
    expect([...notices.values()][0]).toMatchObject({ level: "error", text: "The disk is full." });
  });
});
