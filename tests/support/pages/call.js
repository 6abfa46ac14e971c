// The browser's end of a call for two, as the specification's example of perfect negotiation writes it (section 10.7).
// Its wire is Python: `say` is the test's, and the test calls `call.hear`.
const state = { pc: null, errors: [] };
const started = Promise.withResolvers();

function start({ polite = true, trickle = true, renews = true } = {}) {
  Object.assign(state, { polite, trickle, renews, making: false, ignoring: false });
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  state.pc?.close();
  state.pc = pc;
  started.resolve();
  pc.onicecandidate = ({ candidate }) => {
    if (state.trickle) say({ candidate: candidate && candidate.toJSON() });
    else if (!candidate) tell();
  };
  pc.onnegotiationneeded = async () => {
    try {
      state.making = true;
      await pc.setLocalDescription();
      if (state.trickle) tell();
    } catch (error) {
      state.errors.push(String(error));
    } finally {
      state.making = false;
    }
  };
  pc.ontrack = ({ track }) => {
    const video = document.createElement("video");
    Object.assign(video, { autoplay: true, muted: true, playsInline: true, srcObject: new MediaStream([track]) });
    document.body.append(video);
  };
}

function tell() {
  say({ description: state.pc.localDescription.toJSON() });
}

const fingerprint = (description) => description.sdp.match(/a=fingerprint:(.*)/)[1];

async function hear({ description, candidate }) {
  await started.promise;
  if (!description) {
    await state.pc.addIceCandidate(candidate);
    return;
  }
  const { known } = state;
  state.known = fingerprint(description);
  if (state.renews && known && known !== state.known) {
    // Another connection on the other side needs another one here.
    const tracks = state.pc.getSenders().map(({ track }) => track);
    start(state);
    state.pending = tracks.filter(Boolean);
  }
  const { pc } = state;
  const collision = description.type === "offer" && (state.making || pc.signalingState !== "stable");
  state.ignoring = collision && !state.polite;
  if (state.ignoring) return;
  try {
    await pc.setRemoteDescription(description);
    if (description.type !== "offer") return;
    for (const track of state.pending ?? []) pc.addTrack(track);
    state.pending = [];
    await pc.setLocalDescription();
    if (state.trickle || pc.iceGatheringState === "complete") tell();
  } catch (error) {
    state.errors.push(String(error));
  }
}

/** A moving picture, by default small. */
function camera({ width = 320, height = 180, fps = 30, color = null } = {}) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  let number = 0;
  const draw = () => {
    number += 1;
    context.fillStyle = canvas.dataset.color ?? `hsl(${number % 360} 60% 50%)`;
    context.fillRect(0, 0, width, height);
    context.fillStyle = "#888";
    context.fillRect((number * 8) % width, 0, 16, 16);
  };
  if (color) canvas.dataset.color = color;
  setInterval(draw, 1000 / fps);
  draw();
  const [track] = canvas.captureStream(fps).getVideoTracks();
  state.canvas = canvas;
  return track;
}

/** How many pictures of the other side have been shown. */
function shown() {
  return [...document.querySelectorAll("video")]
    .map((video) => video.getVideoPlaybackQuality().totalVideoFrames)
    .reduce((sum, frames) => sum + frames, 0);
}

/** Tell whether no picture has been shown for some milliseconds. */
async function quiet(milliseconds) {
  const before = shown();
  await new Promise((done) => setTimeout(done, milliseconds));
  return shown() === before;
}

async function sent() {
  let frames = 0;
  for (const entry of (await state.pc.getStats()).values()) {
    if (entry.type === "outbound-rtp" && entry.kind === "video") frames += entry.framesSent ?? 0;
  }
  return frames;
}

window.call = { state, start, hear, camera, shown, quiet, sent };
window.ready = true;
