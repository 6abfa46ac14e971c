// PeerJS with its own server: the newcomer calls the one who is there.
import { Peer } from "peerjs";

window.start = async ({ peerServer, id, other }) => {
  window.begin();
  const stream = navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  const peer = new Peer(id, { host: "127.0.0.1", port: peerServer, path: "/", config: { iceServers: [] } });
  const open = new Promise((resolve) => peer.on("open", resolve));
  peer.on("call", async (call) => {
    call.on("close", () => window.leftNow());
    call.answer(await stream);
  });
  const mine = await stream;
  window.show(mine);
  await open;
  if (other) peer.call(other, mine).on("close", () => window.leftNow());
};
