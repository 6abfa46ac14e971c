import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { DeferredRecorder, type RecordingModule } from "../../src/recording/deferred-recorder";
import { SelfRecorder } from "../../src/recording/self-recorder";
import { FakeRecorder, fakeTrack, runningRecorders, stubMediaRecorder } from "../support/fake-media-recorder";
import { fakeTransport } from "../support/fake-transport";

const MODULE: RecordingModule = { createRecorder: (options) => new SelfRecorder(options) };

let posted: { recording: string; piece: Record<string, unknown> }[];
let arrive: (module: RecordingModule) => void;

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
  const load = vi.fn(
    () =>
      new Promise<RecordingModule>((resolve) => {
        arrive = resolve;
      }),
  );
  const recorder = new DeferredRecorder({ room: "demo", declined, load });
  recorder.use(fakeTransport("direct", (payload) => posted.push(payload as (typeof posted)[number])));
  recorder.setTracks({ video: fakeTrack("video"), audio: null, screen: null });
  return { recorder, load };
}

const loaded = async () => {
  arrive(MODULE);
  await vi.advanceTimersByTimeAsync(0);
};
const pieces = () => posted.map(({ piece }) => piece);

describe("the recorder of a participant", () => {
  it("is loaded when somebody records, or before, and once", () => {
    const { recorder, load } = participant();
    expect(load).not.toHaveBeenCalled();
    recorder.announced("r1", "Grace", true);
    recorder.prepare();
    recorder.announced("r2", "Alan", true);
    expect(load).toHaveBeenCalledOnce();
  });

  it("names those who record before it is there, and records for them as soon as it is", async () => {
    const { recorder } = participant();
    recorder.announced("r1", "Grace", true);
    expect(recorder.list.value).toEqual([{ id: "r1", name: "Grace", declined: false }]);
    expect(runningRecorders()).toEqual([]);
    await loaded();
    expect(runningRecorders()).toHaveLength(1);
    recorder.announced("r1", "Grace", false);
    expect(runningRecorders()).toEqual([]);
    expect(recorder.list.value).toEqual([]);
  });

  it("is begun also where the path was lost while it was loaded", async () => {
    const { recorder } = participant();
    recorder.announced("r1", "Grace", true);
    recorder.use(null);
    await loaded();
    expect(runningRecorders()).toHaveLength(1);
  });

  it("is not waited for by a recording that ends before it is there", async () => {
    const { recorder } = participant();
    recorder.announced("r1", "Grace", true);
    recorder.announced("r1", "Grace", false);
    expect(pieces()).toEqual([{ done: true }]);
    await loaded();
    expect(FakeRecorder.made).toEqual([]);
  });

  it("is loaded again when that failed", async () => {
    const { recorder, load } = participant();
    load.mockImplementationOnce(() => Promise.reject(new Error("refused")));
    recorder.prepare();
    await vi.advanceTimersByTimeAsync(0);
    recorder.prepare();
    expect(load).toHaveBeenCalledTimes(2);
  });

  it("leaves out who has declined, before it is there and after", async () => {
    const { recorder } = participant(["r0"]);
    recorder.announced("r0", "Alan", true);
    recorder.announced("r1", "Grace", true);
    recorder.decline("r1");
    expect(recorder.list.value.map(({ declined }) => declined)).toEqual([true, true]);
    expect(pieces()).toEqual([{ declined: true }, { declined: true }]);
    await loaded();
    expect(runningRecorders()).toEqual([]);
    expect(recorder.declined).toEqual(["r0", "r1"]);
  });

  it("forgets those who are not on a new relay", async () => {
    const { recorder } = participant();
    recorder.announced("r1", "Grace", true);
    await loaded();
    recorder.use(null);
    recorder.use(fakeTransport("direct"), []);
    expect(recorder.list.value).toHaveLength(1);
    vi.advanceTimersByTime(5_000);
    expect(recorder.list.value).toEqual([]);
  });

  it("is over when the participant leaves: what comes later begins nothing", async () => {
    const { recorder } = participant();
    recorder.prepare();
    await loaded();
    await recorder.finish();
    recorder.announced("r1", "Grace", true);
    expect(runningRecorders()).toEqual([]);
    expect(recorder.list.value).toEqual([]);
  });
});
