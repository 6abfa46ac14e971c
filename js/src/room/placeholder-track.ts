/** A track that holds an m-line's place while there is none to send. */
export function placeholderTrack(kind: "audio" | "video"): MediaStreamTrack {
  const pc = new RTCPeerConnection();
  const { track } = pc.addTransceiver(kind).receiver;
  pc.close();
  return track;
}
