// Trystero over a Nostr relay on this machine.
import { joinRoom } from "trystero/nostr";

window.start = async ({ nostr, room }) => {
  window.begin();
  const stream = navigator.mediaDevices.getUserMedia({ video: true, audio: true });
  const joined = joinRoom(
    { appId: "benchmark", relayConfig: { urls: [nostr] }, rtcConfig: { iceServers: [] } },
    room,
  );
  joined.onPeerJoin = async (target) => joined.addStream(await stream, { target });
  joined.onPeerLeave = () => window.leftNow();
  window.show(await stream);
};
