import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { SelfRecorder } from "../../src/recording/self-recorder";
import { FakeRecorder, fakeTrack, runningRecorders, stubMediaRecorder } from "../support/fake-media-recorder";
import { fakeTransport } from "../support/fake-transport";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("a participant of a room that is recorded", () => {
  beforeEach(stubMediaRecorder);

  function participant() {
    const told: object[] = [];
    const declined = new Set<string>();
    const recordings = new SelfRecorder({ room: "demo", declined, onAbandoned: (id) => abandoned.push(id) });
    const abandoned: string[] = [];
    recordings.use(fakeTransport("direct", (payload) => told.push(payload)));
    recordings.setTracks({ video: fakeTrack("video"), audio: fakeTrack("audio"), screen: null });
    return { told, recordings, declined, abandoned };
  }

  it("records itself from the announcement to the end, in what its browser can", () => {
    const { recordings } = participant();
    expect(FakeRecorder.made).toEqual([]);

    recordings.announced("r1", true);
    expect(runningRecorders()).toHaveLength(1);
    expect(runningRecorders()[0]?.options.mimeType).toBe("video/webm;codecs=vp8,opus");

    recordings.announced("r1", false);
    expect(runningRecorders()).toEqual([]);
  });

  it("begins another segment when its tracks change, and one more for the screen", () => {
    const { recordings } = participant();
    recordings.announced("r1", true);

    recordings.setTracks({ video: null, audio: fakeTrack("audio"), screen: fakeTrack("video") });

    expect(FakeRecorder.made).toHaveLength(3);
    expect(runningRecorders()).toHaveLength(2);
  });

  it("says that it is done when all of it has been received", async () => {
    const { told, recordings } = participant();
    recordings.announced("r1", true);
    const number = (told: object[]) =>
      (told[0] as { piece: { number: number } } | undefined)?.piece.number ?? 0;
    FakeRecorder.made[0]?.started();
    FakeRecorder.made[0]?.ondataavailable?.({ data: new Blob(["abc"]) });
    await vi.advanceTimersByTimeAsync(0);
    recordings.announced("r1", false);
    await vi.advanceTimersByTimeAsync(0);
    const done = { roomId: "demo", recording: "r1", piece: { done: true } };
    expect(told).not.toContainEqual(done);

    recordings.received("r1", [{ track: "camera", number: number(told), offset: 4 }]);

    expect(told).toContainEqual(done);
  });

  it("is done although its tracks changed before its first recorder had started", async () => {
    const { told, recordings } = participant();
    recordings.announced("r1", true);
    recordings.setTracks({ video: fakeTrack("video"), audio: null, screen: null });
    FakeRecorder.made[1]?.started();
    recordings.announced("r1", false);
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([{ roomId: "demo", recording: "r1", piece: { done: true } }]);
  });

  it("says at once that it is done where there was nothing to record", async () => {
    const { told, recordings } = participant();
    recordings.setTracks({ video: null, audio: null, screen: null });
    recordings.announced("r1", true);
    recordings.announced("r1", false);
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toEqual([{ roomId: "demo", recording: "r1", piece: { done: true } }]);
  });

  it("is left out when it declines, and says so again wherever it comes back", async () => {
    const { told, recordings } = participant();
    recordings.announced("r1", true);
    FakeRecorder.made[0]?.started();
    FakeRecorder.made[0]?.ondataavailable?.({ data: new Blob(["abc"]) });
    recordings.decline("r1");
    await vi.runAllTimersAsync();

    expect(runningRecorders()).toEqual([]);
    const declined = { roomId: "demo", recording: "r1", piece: { declined: true } };
    expect(told).toEqual([declined]);
    recordings.announced("r1", true);
    expect(told).toEqual([declined, declined]);
    expect(runningRecorders()).toEqual([]);
  });

  it("stays left out after its page was loaded again", () => {
    const { recordings, declined } = participant();
    declined.add("r1");
    recordings.announced("r1", true);
    expect(runningRecorders()).toEqual([]);
  });

  it("gives who records the time to come back to a new relay, and then stops", () => {
    const { recordings, abandoned } = participant();
    recordings.announced("r1", true);
    recordings.use(null);
    recordings.use(fakeTransport("tunnel"), []);
    expect(runningRecorders()).toHaveLength(1);

    vi.advanceTimersByTime(5_000);

    expect(runningRecorders()).toEqual([]);
    expect(abandoned).toEqual(["r1"]);
  });

  describe("and leaves", () => {
    const chunk = (told: object[]) => told[0] as { piece: { number: number } };

    async function leaving() {
      const made = participant();
      made.recordings.announced("r1", true);
      FakeRecorder.made[0]?.started();
      FakeRecorder.made[0]?.ondataavailable?.({ data: new Blob(["abc"]) });
      await vi.advanceTimersByTimeAsync(0);
      const finished = vi.fn();
      void made.recordings.finish().then(finished);
      expect(runningRecorders()).toEqual([]);
      await vi.advanceTimersByTimeAsync(200);
      expect(finished).not.toHaveBeenCalled();
      return { ...made, finished };
    }

    it("waits until the end of its last segment has arrived", async () => {
      const { recordings, told, finished } = await leaving();
      expect(told.at(-1)).toMatchObject({ piece: { last: true } });
      recordings.received("r1", [{ track: "camera", number: chunk(told).piece.number, offset: 4 }]);
      await vi.advanceTimersByTimeAsync(0);
      expect(finished).toHaveBeenCalledOnce();
    });

    it("waits no longer than 5 s", async () => {
      const { finished } = await leaving();
      await vi.advanceTimersByTimeAsync(4_700);
      expect(finished).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(100);
      expect(finished).toHaveBeenCalledOnce();
    });

    it.each([
      ["there is nothing of it", () => undefined],
      ["there is no path", (recordings: SelfRecorder) => recordings.use(null)],
      ["it has declined", (recordings: SelfRecorder) => recordings.decline("r1")],
    ])("does not wait where %s", async (_why, prepare) => {
      const { recordings } = participant();
      recordings.setTracks({ video: null, audio: null, screen: null });
      recordings.announced("r1", true);
      prepare(recordings);
      const finished = vi.fn();
      void recordings.finish().then(finished);
      await vi.advanceTimersByTimeAsync(0);
      expect(finished).toHaveBeenCalledOnce();
    });
  });
});
