/**
 * The person's own sources: what is wanted, what is on, and the tracks that carry it.
 *
 * Off means released: the track is stopped and the camera's light goes out.
 */
import { batch, type ReadonlySignal, type Signal, signal } from "@preact/signals-core";
import { RtcError } from "../protocol/errors";
import type { Media } from "../protocol/signaling";
import { insecureContext, mediaError } from "./errors";
import { patternStream, type Size } from "./pattern";
import { toneStream } from "./tone";

export type VideoSource = "camera" | "screen" | "pattern" | false;
export type AudioSource = "microphone" | "tone" | false;
/** What to send, and how large a frame. */
export type WantedSources = { video: VideoSource; audio: AudioSource; size: Size };
type Kind = "audio" | "video";
type Device = { id: string; label: string };

/** A running source of one kind, and the id of the device that it is, null when it is none. */
type Source = { track: MediaStreamTrack; device: string | null; stop(): void };

const FPS = 30;
const AUDIO: MediaTrackConstraints = { echoCancellation: true, noiseSuppression: true };

export type LocalMediaOptions = {
  name(): string;
  /** Called after any change of tracks or of what is on. */
  changed(): void;
  failed(kind: Kind | "screen", error: RtcError): void;
  /** A source that had failed is on now. */
  recovered(kind: Kind | "screen"): void;
};

export class LocalMedia {
  readonly #options: LocalMediaOptions;
  readonly #sources: Record<Kind | "screen", Source | null> = { audio: null, video: null, screen: null };
  /** Counts requests per kind, so that a device that opens late for an outdated request is closed again. */
  readonly #turn: Record<Kind | "screen", number> = { audio: 0, video: 0, screen: 0 };
  readonly #listeners = new AbortController();
  #wanted: WantedSources;
  readonly #media = signal<Media>({ audio: false, video: false, screen: false });
  readonly #preview = signal<MediaStream | null>(null);
  readonly #screen = signal<MediaStream | null>(null);
  readonly #devices = signal<{ cameras: Device[]; microphones: Device[] }>({ cameras: [], microphones: [] });
  readonly #camera = signal<string | null>(null);
  readonly #microphone = signal<string | null>(null);
  /** The ids that were asked for, until their devices are gone. */
  readonly #chosen: Record<Kind, string | null> = { audio: null, video: null };

  constructor(wanted: WantedSources, options: LocalMediaOptions) {
    this.#wanted = wanted;
    this.#options = options;
    navigator.mediaDevices?.addEventListener("devicechange", () => void this.#listDevices(), {
      signal: this.#listeners.signal,
    });
  }

  get media(): ReadonlySignal<Media> {
    return this.#media;
  }

  get preview(): ReadonlySignal<MediaStream | null> {
    return this.#preview;
  }

  get screen(): ReadonlySignal<MediaStream | null> {
    return this.#screen;
  }

  get devices(): ReadonlySignal<{ cameras: Device[]; microphones: Device[] }> {
    return this.#devices;
  }

  get camera(): ReadonlySignal<string | null> {
    return this.#camera;
  }

  get microphone(): ReadonlySignal<string | null> {
    return this.#microphone;
  }

  get tracks(): Record<Kind | "screen", MediaStreamTrack | null> {
    const { audio, video, screen } = this.#sources;
    return { audio: audio?.track ?? null, video: video?.track ?? null, screen: screen?.track ?? null };
  }

  /** Open what is wanted, camera and microphone with one prompt. Failures are reported, never thrown. */
  async open(on: { audio: boolean; video: boolean }): Promise<void> {
    const wanted = this.#wanted;
    const video = on.video && wanted.video === "camera";
    const audio = on.audio && wanted.audio === "microphone";
    if (video && audio) {
      const turns = [this.#next("video"), this.#next("audio")] as const;
      try {
        const stream = await this.#devicesOf({
          video: this.#constraints("video"),
          audio: this.#constraints("audio"),
        });
        this.#take("video", turns[0], sourceOf(stream.getVideoTracks()[0]));
        this.#take("audio", turns[1], sourceOf(stream.getAudioTracks()[0]));
        this.#publish();
      } catch (error) {
        const denied = mediaErrorOf(error, "camera and microphone");
        if (denied.code === "permission_denied" || denied.code === "insecure_context") {
          this.#options.failed("video", denied);
        } else {
          // One of the two is missing or busy: the other may still open.
          await Promise.all([this.set("video", true), this.set("audio", true)]);
        }
      }
    } else {
      await Promise.all([
        on.video && wanted.video && this.set("video", true),
        on.audio && wanted.audio && this.set("audio", true),
      ]);
    }
    void this.#listDevices();
  }

  /** Turn camera or microphone (or what stands for it) on or off. */
  async set(kind: Kind, on: boolean): Promise<void> {
    if (kind === "video" && this.#wanted.video === "screen") return await this.setScreen(on);
    const turn = this.#next(kind);
    if (!on) {
      this.#stop(kind);
      this.#publish();
      return;
    }
    const { [kind]: source, size } = this.#wanted;
    try {
      if (source === "pattern" || source === "tone") {
        const { stream, stop } =
          source === "pattern" ? patternStream(this.#options.name(), size) : toneStream();
        const track = stream.getTracks()[0];
        if (track) this.#accept(kind, turn, { track, device: null, stop });
      } else {
        const stream = await this.#devicesOf({ [kind]: this.#constraints(kind) });
        this.#accept(kind, turn, sourceOf(stream.getTracks()[0]));
      }
    } catch (error) {
      if (turn !== this.#turn[kind]) return;
      this.#stop(kind);
      this.#publish();
      this.#options.failed(kind, mediaErrorOf(error, kind === "video" ? "camera" : "microphone"));
    }
  }

  /**
   * Share the screen or stop; starting needs a user gesture (W3C screen-capture, section 5.1).
   *
   * @param pattern - share a test picture in its place, which needs none
   */
  async setScreen(on: boolean, pattern = false): Promise<void> {
    const turn = this.#next("screen");
    if (!on) {
      this.#stop("screen");
      this.#publish();
      return;
    }
    if (pattern) {
      const { stream, stop } = patternStream(`${this.#options.name()}'s screen`, this.#wanted.size);
      const track = stream.getTracks()[0];
      if (track) this.#accept("screen", turn, { track, device: null, stop });
      return;
    }
    try {
      if (!navigator.mediaDevices?.getDisplayMedia) throw insecureContext();
      const stream = await navigator.mediaDevices.getDisplayMedia({ video: true, audio: false });
      this.#accept("screen", turn, sourceOf(stream.getVideoTracks()[0]));
    } catch (error) {
      const message = "The screen was not shared. Press the screen button and choose what to share.";
      this.#options.failed(
        "screen",
        error instanceof RtcError ? error : new RtcError("screen_denied", message),
      );
    }
  }

  /** Use another source when it is opened next. */
  prefer(wanted: WantedSources): void {
    this.#wanted = wanted;
  }

  /** Use another source or size; takes effect at once if that kind is on. */
  async apply(wanted: WantedSources): Promise<void> {
    const before = this.#wanted;
    const changed = (["video", "audio"] as const).filter((kind) => wanted[kind] !== before[kind]);
    this.prefer(wanted);
    if (!changed.includes("video") && String(wanted.size) !== String(before.size)) await this.#resize();
    if (changed.includes("video")) {
      // What was sent in its place ends; a screen that was shared beside the camera goes on.
      if (before.video === "screen") await this.setScreen(false);
      else if (wanted.video === "screen") {
        this.#end("video");
        this.#publish();
      }
    }
    for (const kind of changed) await this.set(kind, wanted[kind] !== false);
  }

  /** Name the device to open next, in place of what stood for it. */
  choose(kind: Kind, id: string): void {
    this.#chosen[kind] = id;
    this.#wanted = { ...this.#wanted, [kind]: kind === "video" ? "camera" : "microphone" };
  }

  /** Release everything. It can be opened again. */
  close(): void {
    for (const kind of ["audio", "video", "screen"] as const) this.#end(kind);
    this.#publish();
  }

  /** Release everything for good. */
  dispose(): void {
    this.#listeners.abort();
    this.close();
  }

  #next(kind: Kind | "screen"): number {
    this.#turn[kind] += 1;
    return this.#turn[kind];
  }

  #constraints(kind: Kind): MediaTrackConstraints {
    const id = this.#chosen[kind];
    const [width, height] = this.#wanted.size;
    const video = { width: { ideal: width }, height: { ideal: height }, frameRate: { ideal: FPS } };
    const base = kind === "video" ? video : AUDIO;
    return id ? { ...base, deviceId: { exact: id } } : base;
  }

  async #devicesOf(constraints: MediaStreamConstraints): Promise<MediaStream> {
    if (!navigator.mediaDevices) throw insecureContext();
    const { size } = this.#wanted;
    const stream = await navigator.mediaDevices.getUserMedia(constraints);
    const [camera] = stream.getVideoTracks();
    if (camera && size !== this.#wanted.size) await this.#fit(camera); // another size is wanted since the person was asked
    return stream;
  }

  /** Bring the video that is on to the wanted size. */
  async #resize(): Promise<void> {
    const source = this.#sources.video;
    if (!source) return;
    if (this.#wanted.video === "pattern") await this.set("video", true);
    else await this.#fit(source.track);
  }

  /** Ask an open camera for another size: opened again, it might ask the person again. */
  async #fit(camera: MediaStreamTrack): Promise<void> {
    // Refused, it goes on as it was: a size is a preference.
    await camera.applyConstraints(this.#constraints("video")).catch(() => undefined);
  }

  #accept(kind: Kind | "screen", turn: number, source: Source | null): void {
    this.#take(kind, turn, source);
    this.#publish();
  }

  #take(kind: Kind | "screen", turn: number, source: Source | null): void {
    if (!source) return;
    if (turn !== this.#turn[kind]) {
      source.stop();
      return;
    }
    this.#stop(kind);
    this.#sources[kind] = source;
    // Unplugged, or sharing ended from the browser's own bar.
    source.track.addEventListener("ended", () => {
      if (this.#sources[kind] !== source) return;
      this.#stop(kind);
      this.#publish();
      if (kind !== "screen") {
        this.#chosen[kind] = null;
        const what = kind === "video" ? "camera" : "microphone";
        this.#options.failed(kind, new RtcError("no_device", `The ${what} was unplugged or removed.`));
      }
    });
    this.#options.recovered(kind);
  }

  /** Stop a kind, also one that is only about to open. */
  #end(kind: Kind | "screen"): void {
    this.#next(kind);
    this.#stop(kind);
  }

  #stop(kind: Kind | "screen"): void {
    this.#sources[kind]?.stop();
    this.#sources[kind] = null;
  }

  #publish(): void {
    const { audio, video, screen } = this.#sources;
    batch(() => {
      this.#media.value = { audio: audio !== null, video: video !== null, screen: screen !== null };
      this.#camera.value = video?.device ?? null;
      this.#microphone.value = audio?.device ?? null;
      show(this.#preview, video);
      show(this.#screen, screen);
    });
    this.#options.changed();
  }

  async #listDevices(): Promise<void> {
    const all = (await navigator.mediaDevices?.enumerateDevices().catch(() => [])) ?? [];
    const pick = (kind: MediaDeviceKind) =>
      all
        .filter((device) => device.kind === kind && device.deviceId)
        .map((device) => ({ id: device.deviceId, label: device.label || "Unnamed device" }));
    this.#devices.value = { cameras: pick("videoinput"), microphones: pick("audioinput") };
  }
}

/** Another stream would begin the picture anew, also of the same track. */
function show(stream: Signal<MediaStream | null>, source: Source | null): void {
  if (stream.peek()?.getTracks()[0] === source?.track) return;
  stream.value = source && new MediaStream([source.track]);
}

function sourceOf(track: MediaStreamTrack | undefined): Source | null {
  return track ? { track, device: track.getSettings().deviceId ?? null, stop: () => track.stop() } : null;
}

function mediaErrorOf(error: unknown, what: Parameters<typeof mediaError>[1]): RtcError {
  return error instanceof RtcError ? error : mediaError(error, what);
}
