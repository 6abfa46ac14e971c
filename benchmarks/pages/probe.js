// The same clock for every contender: from `begin` to the first frame of a remote picture.
let begun = 0;
window.firstFrame = new Promise((resolve) => {
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...given) {
      super(...given);
      this.addEventListener("track", ({ track }) => {
        if (track.kind !== "video") return;
        const video = document.createElement("video");
        Object.assign(video, { muted: true, autoplay: true, srcObject: new MediaStream([track]) });
        video.requestVideoFrameCallback(() => resolve(performance.now() - begun));
        document.body.append(video);
      });
    }
  };
});
window.begin = () => {
  begun = performance.now();
};
// When the other side is seen to be gone, on the clock that both windows share.
window.gone = new Promise((resolve) => {
  window.leftNow = () => resolve(Date.now());
});
