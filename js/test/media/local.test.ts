// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { LocalMedia, type WantedSources } from "../../src/media/local";
import { patternStream, type Size } from "../../src/media/pattern";

/** The part of a track that own sources need. */
class FakeTrack extends EventTarget {
  readyState = "live";
  contentHint = "";
  readonly asked: MediaTrackConstraints[] = [];

  constructor(
    readonly kind: string,
    readonly size?: Size,
  ) {
    super();
  }

  getSettings(): MediaTrackSettings {
    return this.size ? {} : { deviceId: "a device" };
  }

  async applyConstraints(constraints: MediaTrackConstraints): Promise<void> {
    this.asked.push(constraints);
  }

  stop(): void {
    this.readyState = "ended";
  }
}

class FakeStream {
  constructor(readonly tracks: FakeTrack[]) {}
  getTracks = () => this.tracks;
  getVideoTracks = () => this.tracks.filter(({ kind }) => kind === "video");
  getAudioTracks = () => this.tracks.filter(({ kind }) => kind === "audio");
}

/** Where on a canvas something was drawn, in pixels. */
type Mark = { x: number; y: number };

/** Notes the corners of what is filled, the middle of what is written or round. */
class FakeContext {
  readonly covered: Mark[] = [];
  readonly written: Mark[] = [];
  images = 0;
  #scale = 1;
  scale = (factor: number) => {
    this.#scale *= factor;
  };
  #at = (x: number, y: number): Mark => ({ x: x * this.#scale, y: y * this.#scale });
  fillRect = (x: number, y: number, width: number, height: number) =>
    this.covered.push(this.#at(x, y), this.#at(x + width, y + height));
  drawImage = (_image: unknown, _x: number, _y: number, width: number, height: number) =>
    this.covered.push({ x: 0, y: 0 }, this.#at(width, height));
  fillText = (_text: string, x: number, y: number) => this.written.push(this.#at(x, y));
  arc = (x: number, y: number) => this.written.push(this.#at(x, y));
  strokeText = () => undefined;
  beginPath = () => undefined;
  fill = () => undefined;
}

let contexts: FakeContext[];
let patterns: FakeTrack[];
let cameras: FakeTrack[];
const getUserMedia = vi.fn(async (wanted: MediaStreamConstraints) => {
  const tracks = (["video", "audio"] as const)
    .filter((kind) => wanted[kind])
    .map((kind) => new FakeTrack(kind));
  cameras.push(...tracks.filter(({ kind }) => kind === "video"));
  return new FakeStream(tracks);
});

beforeEach(() => {
  vi.useFakeTimers();
  [contexts, patterns, cameras] = [[], [], []];
  getUserMedia.mockClear();
  vi.stubGlobal("MediaStream", FakeStream);
  vi.stubGlobal("navigator", {
    mediaDevices: Object.assign(new EventTarget(), { getUserMedia, enumerateDevices: async () => [] }),
  });
  const canvas = HTMLCanvasElement.prototype as unknown as Record<string, unknown>;
  canvas.getContext = () => {
    contexts.push(new FakeContext());
    return contexts.at(-1);
  };
  canvas.captureStream = function (this: HTMLCanvasElement) {
    patterns.push(new FakeTrack("video", [this.width, this.height]));
    return new FakeStream(patterns.slice(-1));
  };
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe("the pattern", () => {
  it.each<Size>([
    [640, 360],
    [1280, 720],
    [854, 480],
    [360, 640],
    [4096, 16],
    [16, 16],
  ])("fills %i by %i pixels, with everything inside", (width, height) => {
    const { stop } = patternStream("Ada", [width, height]);
    vi.advanceTimersByTime(2_000);
    stop();
    for (const { covered, written } of contexts) {
      const [xs, ys] = [covered.map(({ x }) => x), covered.map(({ y }) => y)];
      expect([Math.min(...xs), Math.min(...ys)]).toEqual([0, 0]);
      expect(Math.max(...xs)).toBeGreaterThanOrEqual(width - 0.001);
      expect(Math.max(...ys)).toBeGreaterThanOrEqual(height - 0.001);
      expect(written.length).toBeGreaterThan(0);
      for (const { x, y } of written) {
        expect(x > 0 && x < width && y > 0 && y < height, `${x}, ${y}`).toBe(true);
      }
    }
    expect(patterns[0]?.size).toEqual([width, height]);
  });

  it("asks the encoder to keep its frame rate rather than its size", () => {
    patternStream("Ada", [1280, 720]).stop();
    expect(patterns[0]?.contentHint).toBe("motion");
  });
});

describe("a screen", () => {
  it("may be a pattern, for which nobody is asked", async () => {
    const failed = vi.fn();
    const options = { name: () => "Ada", changed: () => undefined, failed, recovered: () => undefined };
    const media = new LocalMedia({ video: false, audio: false, size: [640, 360] }, options);

    await media.setScreen(true, true);
    expect(media.media.value.screen).toBe(true);
    expect(media.tracks.screen).toBe(patterns[0]);

    await media.setScreen(false);
    expect(media.media.value.screen).toBe(false);
    expect(patterns[0]?.readyState).toBe("ended");
    expect(failed).not.toHaveBeenCalled();
    media.dispose();
  });
});

describe("camera and microphone", () => {
  it("are told of once when both open, and the own picture goes on when the microphone changes", async () => {
    const changed = vi.fn();
    const options = { name: () => "Ada", changed, failed: vi.fn(), recovered: () => undefined };
    const media = new LocalMedia({ video: "camera", audio: "microphone", size: [640, 360] }, options);

    await media.open({ audio: true, video: true });
    expect(changed).toHaveBeenCalledTimes(1);
    expect(media.media.value).toEqual({ audio: true, video: true, screen: false });
    const picture = media.preview.value;

    await media.set("audio", false);
    expect(media.media.value).toEqual({ audio: false, video: true, screen: false });
    expect(media.preview.value).toBe(picture);
    expect(picture?.getTracks()).toEqual(cameras);
    media.dispose();
  });
});

describe("the size that is wished for", () => {
  const wanted: WantedSources = { video: "camera", audio: "microphone", size: [640, 360] };
  const large: Size = [1280, 720];
  const changed = vi.fn();
  const failed = vi.fn();
  let media: LocalMedia;

  function start(more: Partial<WantedSources> = {}): Promise<void> {
    const options = { name: () => "Ada", changed, failed, recovered: () => undefined };
    media = new LocalMedia({ ...wanted, ...more }, options);
    return media.open({ audio: true, video: true });
  }

  const sizeOf = ({ width, height }: MediaTrackConstraints) => [
    (width as ConstrainULongRange).ideal,
    (height as ConstrainULongRange).ideal,
  ];
  const asked = () =>
    getUserMedia.mock.calls.map(([{ video }]) => video && sizeOf(video as MediaTrackConstraints));

  beforeEach(() => {
    changed.mockClear();
    failed.mockClear();
  });

  afterEach(() => media.dispose());

  it("is what a camera is asked for", async () => {
    await start({ size: large });
    expect(asked()).toEqual([large]);
  });

  it("is asked of the open camera, which stays the one it is", async () => {
    await start();
    changed.mockClear();
    await media.apply({ ...wanted, size: large });
    expect(cameras.map(({ asked }) => asked.map(sizeOf))).toEqual([[large]]);
    expect(getUserMedia).toHaveBeenCalledOnce();
    expect(cameras[0]?.readyState).toBe("live");
    expect(changed).not.toHaveBeenCalled();
  });

  it("keeps the camera that was chosen by hand", async () => {
    await start();
    media.choose("video", "another");
    await media.apply({ ...wanted, size: large });
    expect(cameras[0]?.asked[0]).toMatchObject({ deviceId: { exact: "another" } });
  });

  it("may be refused by the camera, which goes on", async () => {
    await start();
    const [camera] = cameras;
    camera!.applyConstraints = () => Promise.reject(new Error("OverconstrainedError"));
    await media.apply({ ...wanted, size: large });
    expect(media.media.value.video).toBe(true);
    expect(failed).not.toHaveBeenCalled();
  });

  it("holds for a camera that opens after it has changed", async () => {
    let allow = () => {};
    const prompt = new Promise<void>((resolve) => {
      allow = resolve;
    });
    const open = getUserMedia.getMockImplementation()!;
    getUserMedia.mockImplementationOnce(async (wanted) => {
      await prompt;
      return await open(wanted);
    });
    const opened = start();
    await media.apply({ ...wanted, size: large });
    allow();
    await opened;
    expect(cameras.map(({ asked }) => asked.map(sizeOf))).toEqual([[large]]);
  });

  it("opens nothing that is off", async () => {
    await start();
    await media.set("video", false);
    await media.apply({ ...wanted, size: large });
    expect(getUserMedia).toHaveBeenCalledOnce();
    await media.set("video", true);
    expect(asked()).toEqual([[640, 360], large]);
  });

  it("makes the pattern anew", async () => {
    await start({ video: "pattern", audio: false });
    await media.apply({ video: "pattern", audio: false, size: large });
    expect(patterns.map(({ size, readyState }) => [size, readyState])).toEqual([
      [[640, 360], "ended"],
      [large, "live"],
    ]);
    expect(media.tracks.video).toBe(patterns[1]);
  });

  it("changes nothing where it is the same", async () => {
    await start();
    await media.apply({ ...wanted, size: [640, 360] });
    expect(cameras[0]?.asked).toEqual([]);
  });
});

describe("a screen that is sent as the video", () => {
  const screens: FakeTrack[] = [];
  const getDisplayMedia = vi.fn(async () => {
    screens.push(new FakeTrack("video"));
    return new FakeStream(screens.slice(-1));
  });
  const wanted: WantedSources = { video: "screen", audio: false, size: [640, 360] };
  let media: LocalMedia;

  beforeEach(async () => {
    screens.length = 0;
    Object.assign(navigator.mediaDevices, { getDisplayMedia });
    const nothing = () => undefined;
    media = new LocalMedia(wanted, {
      name: () => "Ada",
      changed: nothing,
      failed: nothing,
      recovered: nothing,
    });
    await media.open({ audio: true, video: true });
    expect(media.media.value).toEqual({ audio: false, video: false, screen: true });
  });

  it.each(["camera", "pattern", false] as const)("ends when what is wanted is %s", async (video) => {
    await media.apply({ ...wanted, video });
    expect(screens.map(({ readyState }) => readyState)).toEqual(["ended"]);
    expect(media.media.value).toEqual({ audio: false, video: video !== false, screen: false });
  });

  it("is what the video's switch turns off and on, and no camera", async () => {
    await media.set("video", false);
    expect(media.media.value.screen).toBe(false);
    await media.set("video", true);
    expect(media.media.value).toEqual({ audio: false, video: false, screen: true });
    expect(cameras).toEqual([]);
  });

  it("goes on where it was shared beside a camera that is turned off", async () => {
    await media.apply({ ...wanted, video: "camera" });
    await media.setScreen(true);
    await media.apply({ ...wanted, video: false });
    expect(media.media.value).toEqual({ audio: false, video: false, screen: true });
  });

  it("takes the camera's place at once, also where the person does not let it be shared", async () => {
    await media.apply({ ...wanted, video: "camera" });
    getDisplayMedia.mockRejectedValueOnce(new Error("denied"));
    await media.apply(wanted);
    expect(media.media.value).toEqual({ audio: false, video: false, screen: false });
    expect(cameras.map(({ readyState }) => readyState)).toEqual(["ended"]);
  });
});
