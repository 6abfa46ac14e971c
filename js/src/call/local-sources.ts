/** This tab's own camera, microphone and screen: what is wished for, what the person wants, and what is on. */
import {
  computed,
  effect,
  type ReadonlySignal,
  signal,
  type Signal as ValueSignal,
} from "@preact/signals-core";
import { LocalMedia, type WantedSources } from "../media/local";
import type { LocalTracks } from "../media/local-tracks";
import { RtcError } from "../protocol/errors";
import type { Media } from "../protocol/signaling";
import type { Devices, LocalParticipant } from "./types";

/** What can be turned on or off. */
export type SourceKind = "audio" | "video" | "screen";

/** What whoever has made the call wants to be sent, and hears of it. */
export type SourceWishes = {
  /** What the others read, and what stands in a test picture. */
  readonly name: ReadonlySignal<string>;
  wanted(): WantedSources;
  /** The browser has said which devices there are. */
  onDevices(devices: Devices): void;
};

export class LocalSources {
  /** Called after every change of what is sent. */
  onChange: (tracks: LocalTracks, media: Media) => void = () => undefined;
  /** Called when a source cannot be opened or was removed. */
  onError: (kind: SourceKind, error: RtcError) => void = () => undefined;
  /** Called when a source that could not be opened is on. */
  onRecovered: (kind: SourceKind) => void = () => undefined;

  readonly view: LocalParticipant;
  readonly #wishes: SourceWishes;
  readonly #media: LocalMedia;
  readonly #wanted: ValueSignal<WantedSources>;
  /** What to open when joining: kept through a reload. */
  readonly #on = signal({ audio: true, video: true });
  readonly #stopReporting: () => void;
  #active = false;

  constructor(wishes: SourceWishes) {
    const { name } = wishes;
    this.#wishes = wishes;
    this.#wanted = signal(wishes.wanted());
    this.#media = new LocalMedia(this.#wanted.peek(), {
      name: () => name.peek(),
      changed: () => this.#changed(),
      failed: (kind, error) => this.onError(kind, error),
      recovered: (kind) => this.onRecovered(kind),
    });
    const { media, preview, screen, devices, camera, microphone } = this.#media;
    const wanted = computed(() => {
      const { video, audio } = this.#wanted.value;
      const on = this.#on.value;
      return {
        audio: on.audio && audio === "microphone",
        video: on.video && video === "camera",
        screen: on.video && video === "screen",
      };
    });
    const mirrored = computed(() => camera.value !== null);
    this.view = { name, media, wanted, stream: preview, mirrored, screen, devices, camera, microphone };
    this.#stopReporting = effect(() => {
      const { cameras, microphones } = devices.value;
      if (cameras.length + microphones.length > 0) wishes.onDevices(devices.value);
    });
  }

  /** What is opened when joining. */
  get on(): { audio: boolean; video: boolean } {
    return this.#on.peek();
  }

  set on(on: { audio: boolean; video: boolean }) {
    this.#on.value = on;
  }

  /** The call begins: from now on sources may open; they do when `open` is called. What is on already is sent. */
  activate(): void {
    this.#active = true;
    this.#changed();
  }

  /** Open what is to be on and is not. */
  open(): void {
    const { audio, video } = this.#on.peek();
    const on = this.view.media.peek();
    void this.#media.open({ audio: audio && !on.audio, video: video && !on.video });
  }

  /** The call is over: everything is released. */
  close(): void {
    this.#active = false;
    this.#media.close();
  }

  set(kind: SourceKind, on: boolean): void {
    if (kind !== "screen") this.#on.value = { ...this.#on.peek(), [kind]: on };
    if (!this.#active) return;
    if (kind === "screen") this.setScreen(on);
    else void this.#media.set(kind, on);
  }

  /** @param pattern - share a test picture, for which nobody is asked */
  setScreen(on: boolean, pattern = false): void {
    if (this.#active) void this.#media.setScreen(on, pattern);
  }

  use(kind: "audio" | "video", id: string): void {
    this.#media.choose(kind, id);
    this.set(kind, true);
  }

  /**
   * Use the first device whose label contains this one.
   *
   * @throws RtcError - `no_device` where there is none
   */
  useByLabel(kind: "audio" | "video", label: string): void {
    const { cameras, microphones } = this.#media.devices.peek();
    const devices = kind === "video" ? cameras : microphones;
    const device = devices.find((one) => one.label.toLowerCase().includes(label.toLowerCase()));
    const what = kind === "video" ? "camera" : "microphone";
    if (!device) throw new RtcError("no_device", `No ${what} has '${label}' in its name; see devices.`);
    this.use(kind, device.id);
  }

  /** What is wished for has changed. */
  update(): void {
    const wanted = this.#wishes.wanted();
    this.#wanted.value = wanted;
    if (this.#active) void this.#media.apply(wanted);
    else this.#media.prefer(wanted);
  }

  dispose(): void {
    this.#stopReporting();
    this.#media.dispose();
  }

  #changed(): void {
    this.onChange(this.#media.tracks, this.#media.media.peek());
  }
}
