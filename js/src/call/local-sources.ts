/** This tab's own camera, microphone and screen: what Python wants, what the person wants, and what is on. */
import { computed, effect, signal, type Signal as ValueSignal } from "@preact/signals-core";
import { type AudioSource, LocalMedia, type VideoSource, type WantedSources } from "../media/local";
import type { LocalTracks } from "../media/local-tracks";
import { DEFAULT_SIZE, type Size } from "../media/pattern";
import { RtcError } from "../protocol/errors";
import type { Media } from "../protocol/signaling";
import type { KernelLink } from "./kernel-link";
import type { LocalParticipant } from "./types";

/** What can be turned on or off. */
export type SourceKind = "audio" | "video" | "screen";

export class LocalSources {
  /** Called after every change of what is sent. */
  onChange: (tracks: LocalTracks, media: Media) => void = () => undefined;
  /** Called when a source cannot be opened or was removed. */
  onError: (kind: SourceKind, error: RtcError) => void = () => undefined;
  /** Called when a source that could not be opened is on. */
  onRecovered: (kind: SourceKind) => void = () => undefined;

  readonly view: LocalParticipant;
  readonly #link: KernelLink;
  readonly #media: LocalMedia;
  readonly #name: ValueSignal<string>;
  readonly #wanted: ValueSignal<WantedSources>;
  /** What to open when joining: kept through a reload. */
  readonly #on = signal({ audio: true, video: true });
  readonly #stopReporting: () => void;
  #active = false;

  constructor(link: KernelLink) {
    this.#link = link;
    this.#name = signal(String(link.trait("name")));
    this.#wanted = signal(this.#fromTraits());
    this.#media = new LocalMedia(this.#wanted.peek(), {
      name: () => this.#name.peek(),
      changed: () => this.announce(),
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
    this.view = { name: this.#name, media, wanted, stream: preview, screen, devices, camera, microphone };
    this.#stopReporting = effect(() => {
      const { cameras, microphones } = devices.value;
      if (cameras.length + microphones.length === 0) return;
      link.send({ kind: "devices", cameras: labels(cameras), microphones: labels(microphones) });
    });
  }

  /** What is opened when joining. */
  get on(): { audio: boolean; video: boolean } {
    return this.#on.peek();
  }

  set on(on: { audio: boolean; video: boolean }) {
    this.#on.value = on;
  }

  /** The call begins: from now on sources may open; they do when `open` is called. */
  activate(): void {
    this.#active = true;
  }

  /** Say what is on, to whoever has come since. */
  announce(): void {
    this.onChange(this.#media.tracks, this.#media.media.peek());
  }

  open(): void {
    void this.#media.open(this.#on.peek());
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

  /** Python has changed what it wants. */
  traitsChanged(): void {
    const wanted = this.#fromTraits();
    this.#wanted.value = wanted;
    if (this.#active) void this.#media.apply(wanted);
    else this.#media.prefer(wanted);
  }

  dispose(): void {
    this.#stopReporting();
    this.#media.dispose();
  }

  #fromTraits(): WantedSources {
    return {
      video: this.#link.trait("video") as VideoSource,
      audio: this.#link.trait("audio") as AudioSource,
      // A model without a kernel behind it may be one of before there was a choice.
      size: (this.#link.trait("resolution") as Size | undefined) ?? DEFAULT_SIZE,
    };
  }
}

function labels(devices: readonly { label: string }[]): string[] {
  return devices.map(({ label }) => label);
}
