// What the contenders need besides our relay: PeerJS's server, a Nostr relay for Trystero, Node's socket.io.
import { createServer } from "node:http";
import { PeerServer } from "peer";
import { Server } from "socket.io";
import { WebSocketServer } from "ws";

const HOST = "127.0.0.1";

const nostr = new WebSocketServer({ host: HOST, port: 0 });
const subscriptions = new Map();
nostr.on("connection", (socket) => {
  const mine = new Map();
  subscriptions.set(socket, mine);
  socket.on("close", () => subscriptions.delete(socket));
  socket.on("message", (data) => {
    const [type, ...rest] = JSON.parse(String(data));
    if (type === "REQ") mine.set(rest[0], rest.slice(1));
    else if (type === "CLOSE") mine.delete(rest[0]);
    else if (type === "EVENT") {
      const [event] = rest;
      socket.send(JSON.stringify(["OK", event.id, true, ""]));
      for (const [other, wants] of subscriptions) {
        for (const [id, filters] of wants) {
          if (filters.some((filter) => matches(filter, event))) other.send(JSON.stringify(["EVENT", id, event]));
        }
      }
    }
  });
});

function matches(filter, event) {
  if (filter.kinds && !filter.kinds.includes(event.kind)) return false;
  const topics = filter["#x"];
  return !topics || event.tags.some(([name, value]) => name === "x" && topics.includes(value));
}

// The relay's own forwarding, with nothing around it.
const http = createServer();
const sockets = new Server(http, { cors: { origin: true } });
sockets.on("connection", (socket) => {
  socket.on("join_room", ({ roomId }, acknowledge) => {
    socket.join(roomId);
    acknowledge({ ok: true, socketId: socket.id });
  });
  socket.on("ice_candidate", ({ roomId, to, candidate }, acknowledge) => {
    sockets.to(to).emit("ice_candidate", { roomId, from: socket.id, candidate });
    acknowledge?.({ ok: true });
  });
});
await new Promise((resolve) => http.listen(0, HOST, resolve));

PeerServer({ host: HOST, port: 0, path: "/" }, (server) => {
  console.log(
    JSON.stringify({ peer: server.address().port, nostr: nostr.address().port, socketio: http.address().port }),
  );
});
process.stdin.on("end", () => process.exit(0)).resume();
