/** The browser's recorder, as far as a segment needs it; `MediaRecorder` and `MediaStream` are replaced while a test runs. */
import { vi } from "vitest";

export class FakeRecorder {
  static made: FakeRecorder[] = [];
  static isTypeSupported = (type: string) => type.includes("vp8");
  state: "inactive" | "recording" = "inactive";
  ondataavailable: ((event: { data: Blob }) => void) | null = null;
  onstart: (() => void) | null = null;
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
  /** What a browser says a moment after `start`. */
  started() {
    this.onstart?.();
    this.#started = true;
  }
  /** Without the event when it had not started, as Firefox does. */
  stop() {
    this.state = "inactive";
    if (this.#started) this.onstop?.();
  }
  #started = false;
}

export class FakeStream {
  constructor(readonly tracks: MediaStreamTrack[]) {}
}

export function stubMediaRecorder(): void {
  FakeRecorder.made = [];
  vi.stubGlobal("MediaRecorder", FakeRecorder);
  vi.stubGlobal("MediaStream", FakeStream);
}

export const fakeTrack = (kind: string) =>
  ({ kind, readyState: "live", getSettings: () => ({ width: 640, height: 360 }) }) as MediaStreamTrack;

export const runningRecorders = () => FakeRecorder.made.filter(({ state }) => state === "recording");
