// simple-peer over our relay: whoever was there before is the initiator.
import SimplePeer from "simple-peer/simplepeer.min.js";
import { io } from "socket.io-client";

window.start = async ({ relay, token, room }) => {
  window.begin();
  const socket = io(relay, { transports: ["websocket"], auth: { token } });
  const connected = new Promise((resolve) => socket.on("connect", resolve));
  const stream = await navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  window.show(stream);
  await connected;
  const peers = new Map();
  const peer = (id, initiator) => {
    const made = new SimplePeer({ initiator, stream, config: { iceServers: [] } });
    peers.set(id, made);
    made.on("signal", (signal) => {
      if (signal.type === "offer") socket.emit("offer", { roomId: room, to: id, offer: signal });
      else if (signal.type === "answer") socket.emit("answer", { roomId: room, to: id, answer: signal });
      else if (signal.candidate) {
        socket.emit("ice_candidate", { roomId: room, to: id, candidate: signal.candidate });
      }
    });
    made.on("close", () => window.leftNow());
    made.on("error", () => window.leftNow());
    return made;
  };
  socket.on("user_joined", ({ socketId }) => peer(socketId, true));
  socket.on("offer", ({ from, offer }) => (peers.get(from) ?? peer(from, false)).signal(offer));
  socket.on("answer", ({ from, answer }) => peers.get(from).signal(answer));
  socket.on("ice_candidate", ({ from, candidate }) => {
    (peers.get(from) ?? peer(from, false)).signal({ candidate });
  });
  await socket.emitWithAck("join_room", { roomId: room });
};
