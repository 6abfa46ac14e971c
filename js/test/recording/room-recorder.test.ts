import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { RoomRecorder } from "../../src/recording/room-recorder";
import { FakeRecorder, fakeTrack, runningRecorders, stubMediaRecorder } from "../support/fake-media-recorder";
import { fakeTransport } from "../support/fake-transport";

let posted: { recording: string; piece: Record<string, unknown> }[];

beforeEach(() => {
  posted = [];
  vi.useFakeTimers();
  stubMediaRecorder();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function participant(declined: string[] = []) {
  const recorder = new RoomRecorder({ room: "demo", declined });
  recorder.use(fakeTransport("direct", (payload) => posted.push(payload as (typeof posted)[number])));
  recorder.setTracks({ video: fakeTrack("video"), audio: null, screen: null });
  return recorder;
}

const pieces = () => posted.map(({ piece }) => piece);

describe("the recorder of a participant", () => {
  it("names those who record, and records for them at once and until they end", () => {
    const recorder = participant();
    expect(FakeRecorder.made).toEqual([]);
    recorder.announced({ recording: "r1", name: "Grace" }, true);
    expect(recorder.list.value).toEqual([{ id: "r1", name: "Grace", declined: false }]);
    expect(runningRecorders()).toHaveLength(1);
    recorder.announced({ recording: "r1", name: "Grace" }, false);
    expect(runningRecorders()).toEqual([]);
    expect(recorder.list.value).toEqual([]);
  });

  it("goes on where the path is lost", () => {
    const recorder = participant();
    recorder.announced({ recording: "r1", name: "Grace" }, true);
    recorder.use(null);
    expect(runningRecorders()).toHaveLength(1);
  });

  it("is not waited for by a recording that ends before there is anything to record", async () => {
    const recorder = participant();
    recorder.setTracks({ video: null, audio: null, screen: null });
    recorder.announced({ recording: "r1", name: "Grace" }, true);
    recorder.announced({ recording: "r1", name: "Grace" }, false);
    await vi.advanceTimersByTimeAsync(0);
    expect(pieces()).toEqual([{ done: true }]);
    expect(FakeRecorder.made).toEqual([]);
  });

  it("leaves out who has declined, before and while it is recorded", async () => {
    const recorder = participant(["r0"]);
    recorder.announced({ recording: "r0", name: "Alan" }, true);
    recorder.announced({ recording: "r1", name: "Grace" }, true);
    recorder.decline("r1");
    expect(recorder.list.value.map(({ declined }) => declined)).toEqual([true, true]);
    expect(pieces()).toEqual([{ declined: true }, { declined: true }]);
    expect(runningRecorders()).toEqual([]);
    expect(recorder.declined).toEqual(["r0", "r1"]);
  });

  it("forgets those who are not on a new relay", async () => {
    const recorder = participant();
    recorder.announced({ recording: "r1", name: "Grace" }, true);
    recorder.use(null);
    recorder.use(fakeTransport("direct"), []);
    expect(recorder.list.value).toHaveLength(1);
    vi.advanceTimersByTime(5_000);
    expect(recorder.list.value).toEqual([]);
  });

  it("is over when the participant leaves: what comes later begins nothing", async () => {
    const recorder = participant();
    await recorder.finish();
    recorder.announced({ recording: "r1", name: "Grace" }, true);
    expect(runningRecorders()).toEqual([]);
    expect(recorder.list.value).toEqual([]);
  });
});
