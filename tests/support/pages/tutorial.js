// A client as a plain tutorial writes it: it has never heard of roles, acknowledgements or crossing offers.
const parameters = new URLSearchParams(location.search);
const roomId = parameters.get("room");
const peers = new Map();
const early = new Map();

const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
document.getElementById("local").srcObject = stream;

const socket = io(parameters.get("relay"), { auth: { token: parameters.get("token") } });

function createPeer(id) {
  const pc = new RTCPeerConnection();
  peers.set(id, pc);
  for (const track of stream.getTracks()) pc.addTrack(track, stream);
  pc.onicecandidate = ({ candidate }) => {
    if (candidate) socket.emit("ice_candidate", { roomId, to: id, candidate });
  };
  pc.ontrack = ({ streams }) => {
    let video = document.getElementById(id);
    if (!video) {
      video = document.createElement("video");
      Object.assign(video, { id, autoplay: true, muted: true, playsInline: true });
      document.getElementById("remotes").append(video);
    }
    video.srcObject = streams[0];
  };
  return pc;
}

async function addEarlyCandidates(id) {
  for (const candidate of early.get(id) ?? []) await peers.get(id).addIceCandidate(candidate);
  early.delete(id);
}

socket.on("connect", () => socket.emit("join_room", { roomId }));

socket.on("user_joined", async ({ socketId }) => {
  const pc = createPeer(socketId);
  const offer = await pc.createOffer();
  await pc.setLocalDescription(offer);
  socket.emit("offer", { roomId, to: socketId, offer });
});

socket.on("offer", async ({ from, offer }) => {
  const pc = createPeer(from);
  await pc.setRemoteDescription(offer);
  await addEarlyCandidates(from);
  const answer = await pc.createAnswer();
  await pc.setLocalDescription(answer);
  socket.emit("answer", { roomId, to: from, answer });
});

socket.on("answer", async ({ from, answer }) => {
  await peers.get(from).setRemoteDescription(answer);
  await addEarlyCandidates(from);
});

socket.on("ice_candidate", async ({ from, candidate }) => {
  const pc = peers.get(from);
  if (pc?.remoteDescription) {
    await pc.addIceCandidate(new RTCIceCandidate(candidate));
  } else {
    early.set(from, [...(early.get(from) ?? []), candidate]);
  }
});

socket.on("user_left", ({ socketId }) => {
  peers.get(socketId)?.close();
  peers.delete(socketId);
  document.getElementById(socketId)?.remove();
});

// For the test only.
const heard = [];
socket.onAny((name) => heard.push(name));
window.tutorial = { socket, peers, heard };
