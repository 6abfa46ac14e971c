// What a test wants to know of a page: which sources are captured, which connections are open, what is shown.
window.probe = (() => {
  const tracks = [];
  const connections = [];
  for (const name of ["getUserMedia", "getDisplayMedia"]) {
    const original = navigator.mediaDevices?.[name]?.bind(navigator.mediaDevices);
    if (!original) continue;
    navigator.mediaDevices[name] = async (...given) => {
      const stream = await original(...given);
      tracks.push(...stream.getTracks());
      return stream;
    };
  }
  window.RTCPeerConnection = class extends window.RTCPeerConnection {
    constructor(...given) {
      super(...given);
      connections.push(this);
    }
  };
  return {
    connections,
    /** Begin to count anew. */
    forget() {
      tracks.length = connections.length = 0;
    },
    /** How many captured sources of a kind are on: a camera that is on has its light on. */
    live: (kind) => tracks.filter((track) => track.kind === kind && track.readyState === "live").length,
    /** The name of the source of a kind that is on. */
    label: (kind) => tracks.find((track) => track.kind === kind && track.readyState === "live")?.label ?? "",
    /** How many peer connections are not closed. */
    open: () => connections.filter((pc) => pc.connectionState !== "closed").length,
    tiles: () => document.querySelectorAll(".rtcw-tile").length,
    /** How many frames have been decoded by all open connections. */
    async frames() {
      let frames = 0;
      for (const pc of connections) {
        if (pc.connectionState === "closed") continue;
        for (const entry of (await pc.getStats()).values()) {
          if (entry.type === "inbound-rtp" && entry.kind === "video") frames += entry.framesDecoded ?? 0;
        }
      }
      return frames;
    },
  };
})();
