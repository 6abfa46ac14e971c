// The perfect negotiation example of the WebRTC specification (section 10.7), with one `description` event for both types,
// as a client of a room for two.
const parameters = new URLSearchParams(location.search);
const roomId = parameters.get("room");
// The widget gives way to every client that does not say what it can do.
const polite = false;

const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
document.getElementById("local").srcObject = stream;

const socket = io(parameters.get("relay"), { auth: { token: parameters.get("token") } });
let other;
let pc;
let makingOffer = false;
let ignoreOffer = false;
let isSettingRemoteAnswerPending = false;

function start() {
  pc = new RTCPeerConnection();
  window.tutorial.peers.set("other", pc);
  pc.ontrack = ({ track, streams }) => {
    track.onunmute = () => {
      let video = document.getElementById("other");
      if (video) return;
      video = document.createElement("video");
      Object.assign(video, { id: "other", autoplay: true, muted: true, playsInline: true });
      video.srcObject = streams[0];
      document.getElementById("remotes").append(video);
    };
  };
  pc.onnegotiationneeded = async () => {
    try {
      makingOffer = true;
      await pc.setLocalDescription();
      socket.emit("description", { roomId, description: pc.localDescription });
    } finally {
      makingOffer = false;
    }
  };
  pc.onicecandidate = ({ candidate }) => {
    if (candidate) socket.emit("ice_candidate", { roomId, to: other, candidate });
  };
  for (const track of stream.getTracks()) pc.addTrack(track, stream);
}

socket.on("connect", async () => {
  const { participants } = await socket.emitWithAck("join_room", { roomId });
  if (!participants.length) return;
  other = participants[0].socketId;
  // An offer that came in the same poll as the acknowledgement has been taken before this goes on.
  if (!pc) start();
});

socket.on("user_joined", ({ socketId }) => {
  other = socketId;
  start();
});

socket.on("description", ({ from, description }) => describe(from, description));

async function describe(from, description) {
  other = from;
  if (!pc) start();
  const readyForOffer = !makingOffer && (pc.signalingState === "stable" || isSettingRemoteAnswerPending);
  const offerCollision = description.type === "offer" && !readyForOffer;
  ignoreOffer = !polite && offerCollision;
  if (ignoreOffer) return;
  isSettingRemoteAnswerPending = description.type === "answer";
  await pc.setRemoteDescription(description);
  isSettingRemoteAnswerPending = false;
  if (description.type === "offer") {
    await pc.setLocalDescription();
    socket.emit("description", { roomId, description: pc.localDescription });
  }
}

socket.on("ice_candidate", async ({ candidate }) => {
  try {
    await pc.addIceCandidate(candidate);
  } catch (error) {
    if (!ignoreOffer) throw error;
  }
});

socket.on("user_left", () => {
  pc.close();
  pc = undefined;
  document.getElementById("other")?.remove();
});

// For the test only.
const heard = [];
socket.onAny((name) => heard.push(name));
window.tutorial = { socket, peers: new Map(), heard };
