import type { ReadonlySignal } from "@preact/signals-core";
import { h } from "./dom";
import type { Scope } from "./scope";

/**
 * A `<video>` that follows a stream and keeps playing.
 *
 * It is always muted: the model plays the sound, once, however many views there are. Browsers pause a
 * muted video that leaves the screen, and notebooks take cells out of the page while they are
 * scrolled away; both are undone as soon as it can be seen again.
 */
export function videoElement(
  doc: Document,
  scope: Scope,
  stream: ReadonlySignal<MediaStream | null>,
  mirrored: ReadonlySignal<boolean>,
): HTMLVideoElement {
  const video = h(doc, "video", { class: "rtcw-video", autoplay: "", playsinline: "" });
  // As a property: the attribute only sets the default, which a parser would copy but createElement does not.
  video.muted = true;

  let visible = true;
  const play = () => {
    // A refusal means that it was paused or replaced meanwhile; the next event tries again.
    if (visible && video.srcObject) void video.play().catch(() => {});
  };
  const observer = new IntersectionObserver((entries) => {
    visible = entries.at(-1)?.isIntersecting ?? true;
    play();
  });
  observer.observe(video);
  scope.add(() => observer.disconnect());
  scope.on(video, "pause", play);
  // A phone's picture is upright: filling a wide tile with it would leave the face out.
  scope.on(video, "resize", () => {
    video.style.objectFit = video.videoHeight > video.videoWidth ? "contain" : "";
  });
  scope.effect(() => {
    const next = stream.value;
    video.hidden = next === null;
    if (video.srcObject === next) return;
    video.srcObject = next;
    play();
  });
  scope.effect(() => {
    video.classList.toggle("rtcw-mirrored", mirrored.value);
  });
  // An element that keeps its stream keeps the camera's pipeline busy until it is collected.
  scope.add(() => {
    video.srcObject = null;
  });
  return video;
}
