// The same clock and the same pictures for every contender: from `begin` to the first frame of a remote picture.
// A call page shows its own camera and the other's, so all do, in the size of the widget's tiles.
let begun = 0;
let arrived;
const style = document.createElement("style");
style.textContent = ".shown { width: calc(50% - 8px); aspect-ratio: 16 / 9; object-fit: cover; border-radius: 8px }";
document.head.append(style);

window.show = (stream) => {
  const video = document.createElement("video");
  Object.assign(video, { className: "shown", muted: true, autoplay: true, srcObject: stream });
  document.body.append(video);
  return video;
};
window.begin = () => {
  begun = performance.now();
};
/** Resolve `firstFrame` when this element shows one. */
window.awaitFrame = (video) => video.requestVideoFrameCallback(() => arrived(performance.now() - begun));
window.firstFrame = new Promise((resolve) => {
  arrived = resolve;
});
window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...given) {
    super(...given);
    this.addEventListener("track", ({ track }) => {
      if (track.kind === "video" && !window.widget) window.awaitFrame(window.show(new MediaStream([track])));
    });
  }
};
// When the other side is seen to be gone, on the clock that both windows share.
window.gone = new Promise((resolve) => {
  window.leftNow = () => resolve(Date.now());
});
