// The fastest page we know to write over the same relay: WebSocket only, the socket opened beside the camera.
import { io } from "socket.io-client";

window.start = async ({ relay, token, room }) => {
  window.begin();
  const socket = io(relay, { transports: ["websocket"], auth: { token } });
  const connected = new Promise((resolve) => socket.on("connect", resolve));
  const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  window.show(stream);
  await connected;
  const peers = new Map();
  const peer = (id) => {
    const pc = new RTCPeerConnection();
    peers.set(id, pc);
    for (const track of stream.getTracks()) pc.addTrack(track, stream);
    pc.onicecandidate = ({ candidate }) =>
      candidate && socket.emit("ice_candidate", { roomId: room, to: id, candidate });
    return pc;
  };
  socket.on("user_joined", async ({ socketId }) => {
    const pc = peer(socketId);
    await pc.setLocalDescription();
    socket.emit("offer", { roomId: room, to: socketId, offer: pc.localDescription });
  });
  socket.on("offer", async ({ from, offer }) => {
    const pc = peer(from);
    pc.early = [];
    await pc.setRemoteDescription(offer);
    for (const candidate of pc.early.splice(0)) pc.addIceCandidate(candidate);
    await pc.setLocalDescription();
    socket.emit("answer", { roomId: room, to: from, answer: pc.localDescription });
  });
  socket.on("answer", ({ from, answer }) => peers.get(from).setRemoteDescription(answer));
  socket.on("ice_candidate", ({ from, candidate }) => {
    const pc = peers.get(from);
    if (pc.remoteDescription) pc.addIceCandidate(candidate);
    else (pc.early ??= []).push(candidate);
  });
  for (const event of ["user_away", "user_left"]) socket.on(event, () => window.leftNow());
  await socket.emitWithAck("join_room", { roomId: room });
};
