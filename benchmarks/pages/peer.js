// The browser's side of the Python peers' benchmarks: a raw RTCPeerConnection, the same for every contender. What it
// sends carries the time at which it was drawn as blocks of black and white, large enough to survive VP8.
import { io } from "socket.io-client";

const COLUMNS = 32;
const BITS = 24;
const TICKS = 10; // per millisecond
const ROWS = 16; // the code takes one sixteenth of the height

const clock = () => performance.timeOrigin + performance.now();
const wrapped = (ticks) => Math.round(ticks) & ((1 << BITS) - 1);

function blocks(value) {
  const bits = [...Array(BITS).keys()].map((index) => (value >> (BITS - 1 - index)) & 1);
  const check = [0, 1, 2, 3].map((index) => bits.reduce((sum, bit, at) => (at % 4 === index ? sum ^ bit : sum), 0));
  return [1, 0, ...bits, ...check, 1, 0];
}

function value(seen) {
  const read = seen.slice(2, 2 + BITS).reduce((sum, bit) => sum * 2 + bit, 0);
  return blocks(read).every((bit, index) => bit === seen[index]) ? read : null;
}

/** A texture that moves, so that the encoder has something to do. */
function texture(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width: width + 256, height: height + 256 });
  const context = canvas.getContext("2d");
  for (let number = 0; number < 400; number += 1) {
    const at = (factor, size) => ((number * factor) % 997) * (size / 997);
    context.fillStyle = `hsl(${(number * 47) % 360} 50% ${30 + (number % 5) * 10}%)`;
    context.fillRect(at(389, canvas.width), at(613, canvas.height), 30 + (number % 7) * 15, 20 + (number % 11) * 8);
  }
  return canvas;
}

let stopDrawing = () => {};

function camera({ width, height, fps }) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
  const behind = texture(width, height);
  const generator = new MediaStreamTrackGenerator({ kind: "video" });
  const writer = generator.writable.getWriter();
  const column = width / COLUMNS;
  const began = performance.now();
  let number = 0;
  let timer = 0;
  const draw = () => {
    number = Math.max(number + 1, Math.floor(((performance.now() - began) * fps) / 1000));
    timer = setTimeout(draw, Math.max(0, began + (number * 1000) / fps - performance.now()));
    const step = (number * 3) % 256;
    context.drawImage(behind, -step, -step / 2);
    const drawn = clock();
    for (const [index, bit] of blocks(wrapped(drawn * TICKS)).entries()) {
      context.fillStyle = bit ? "#fff" : "#000";
      context.fillRect(index * column, 0, column, height / ROWS);
    }
    if (writer.desiredSize > 0) {
      const frame = new VideoFrame(canvas, { timestamp: performance.now() * 1000 });
      writer.write(frame).catch(() => {});
    }
  };
  draw();
  stopDrawing = () => {
    clearTimeout(timer);
    generator.stop();
  };
  return generator;
}

const state = { pc: null, socket: null, states: [] };
let latencies = [];
let shown = 0;
let unread = 0;

function watch(track) {
  const video = document.createElement("video");
  Object.assign(video, { muted: true, autoplay: true, width: 160, srcObject: new MediaStream([track]) });
  video.className = "watched";
  document.body.append(video);
  const small = new OffscreenCanvas(COLUMNS * 4, 4).getContext("2d", { willReadFrequently: true });
  const look = () => {
    const now = clock();
    video.requestVideoFrameCallback(look);
    shown += 1;
    small.drawImage(video, 0, 0, video.videoWidth, video.videoHeight / ROWS, 0, 0, COLUMNS * 4, 4);
    const { data } = small.getImageData(0, 0, COLUMNS * 4, 4);
    const seen = [...Array(COLUMNS).keys()].map((index) => {
      const at = (2 * COLUMNS * 4 + index * 4 + 1) * 4;
      return data[at + 1] + data[at + 5] > 255 ? 1 : 0;
    });
    const drawn = value(seen[0] ? seen : seen.map((bit) => 1 - bit)); // it may be a negative
    if (drawn === null) unread += 1;
    else latencies.push(wrapped(now * TICKS - drawn) / TICKS);
  };
  video.requestVideoFrameCallback(look);
}

function follow(pc) {
  state.pc = pc;
  pc.addEventListener("connectionstatechange", () => state.states.push(pc.connectionState));
  pc.addEventListener("track", ({ track }) => track.kind === "video" && watch(track));
}

/** Tell the browser what ours tells it about the bitrate to send with. */
const raised = (sdp, bitrate) =>
  sdp.replace(/a=rtpmap:(\d+) VP8\/90000\r\n/g, (line, type) => `${line}a=fmtp:${type} ${bitrate}\r\n`);

function connection(track) {
  const pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
  follow(pc);
  const preferred = RTCRtpSender.getCapabilities("video").codecs.filter(({ mimeType }) => /vp8|rtx/i.test(mimeType));
  const add = () => {
    const video = pc.addTransceiver(track ?? "video", { direction: track ? "sendrecv" : "recvonly" });
    video.setCodecPreferences(preferred);
  };
  return { pc, add };
}

/** Be in a room of our relay, as the tutorials' clients are: who is there offers to who comes. */
async function join({ relay, token, room, name, picture }) {
  const socket = io(relay, { transports: ["websocket"], auth: { token } });
  state.socket = socket;
  const track = picture ? camera(picture) : null;
  let other = null;
  const make = (id) => {
    other = id;
    const made = connection(track);
    made.pc.onicecandidate = ({ candidate }) =>
      candidate && socket.emit("ice_candidate", { roomId: room, to: id, candidate });
    return made;
  };
  socket.on("user_joined", async ({ socketId }) => {
    const { pc, add } = make(socketId);
    add();
    await pc.setLocalDescription();
    socket.emit("offer", { roomId: room, to: socketId, offer: pc.localDescription });
  });
  socket.on("offer", async ({ from, offer }) => {
    const { pc } = other === from ? state : make(from);
    await pc.setRemoteDescription(offer);
    await pc.setLocalDescription();
    socket.emit("answer", { roomId: room, to: from, answer: pc.localDescription });
  });
  socket.on("answer", ({ answer }) => state.pc.setRemoteDescription(answer));
  socket.on("ice_candidate", ({ candidate }) => candidate && state.pc.addIceCandidate(candidate));
  const media = { audio: false, video: Boolean(picture), screen: false };
  await socket.emitWithAck("join_room", { roomId: room, name, media });
}

/** Offer to a server in one request, as aiortc's examples do. */
async function offer({ url, bitrate, picture, more = {}, channel = "" }) {
  const { pc, add } = connection(picture ? camera(picture) : null);
  add();
  if (channel) pc.createDataChannel(channel);
  const gathered = new Promise((resolve) => {
    pc.onicegatheringstatechange = () => pc.iceGatheringState === "complete" && resolve();
  });
  await pc.setLocalDescription();
  await gathered;
  const { type, sdp } = pc.localDescription;
  const headers = { "Content-Type": channel ? "application/json" : "text/plain" };
  const response = await fetch(url, { method: "POST", headers, body: JSON.stringify({ type, sdp, ...more }) });
  const answer = await response.json();
  await pc.setRemoteDescription({ type: answer.type, sdp: raised(answer.sdp, bitrate) });
}

/** Be the camera of somebody else's page, and watch what that shows. */
function adopt({ picture, bitrate }) {
  navigator.mediaDevices.getUserMedia = async () => new MediaStream([camera(picture)]);
  window.RTCPeerConnection = class extends RTCPeerConnection {
    constructor(...given) {
      super(...given);
      follow(this);
    }
    setRemoteDescription({ type, sdp }) {
      return super.setRemoteDescription({ type, sdp: raised(sdp, bitrate) });
    }
  };
}

/** Forget what was measured so far, or return it. */
function mark() {
  latencies = [];
  shown = unread = 0;
}

async function figures() {
  const result = { latencies, shown, unread, states: state.states, state: state.pc?.connectionState };
  for (const entry of (await state.pc.getStats()).values()) {
    if (entry.type === "outbound-rtp" && entry.kind === "video") {
      const { frameWidth, frameHeight, framesSent, qualityLimitationReason, bytesSent } = entry;
      result.sent = { frameWidth, frameHeight, framesSent, qualityLimitationReason, bytes: bytesSent };
    }
    if (entry.type === "inbound-rtp" && entry.kind === "video") {
      const { frameWidth, frameHeight, framesDecoded, framesDropped, freezeCount, bytesReceived } = entry;
      result.received = { frameWidth, frameHeight, framesDecoded, framesDropped, freezeCount, bytes: bytesReceived };
    }
    if (entry.type === "codec" && entry.mimeType.startsWith("video/")) result.codec = entry.mimeType;
  }
  return result;
}

async function end() {
  stopDrawing();
  state.socket?.disconnect();
  state.pc?.close();
  for (const video of document.querySelectorAll(".watched")) video.remove();
  Object.assign(state, { pc: null, socket: null, states: [] });
  await new Promise((resolve) => setTimeout(resolve, 100));
}

window.peer = { join, offer, adopt, mark, figures, end, clock };
