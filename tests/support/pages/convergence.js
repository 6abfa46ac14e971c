// Several participants of one room in one page, each with a relay connection and peer connections of its own.
import { strategyOf } from "/src/negotiation/strategy.js";
import { Room } from "/src/room/room.js";
import { direct } from "/src/signaling/direct.js";

const FPS = 20;
const people = new Map();
const connections = new Set();

window.RTCPeerConnection = class extends window.RTCPeerConnection {
  constructor(...given) {
    super(...given);
    connections.add(this);
  }

  close() {
    super.close();
    connections.delete(this);
  }
};

const NO_RECORDING = Object.fromEntries(
  ["use", "announced", "received", "setTracks", "finish", "close"].map((name) => [name, () => undefined]),
);

/** A small picture that moves. */
function camera() {
  const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 36 });
  const context = canvas.getContext("2d");
  let number = 0;
  const draw = () => {
    number += 1;
    context.fillStyle = `hsl(${(number * 40) % 360} 60% 50%)`;
    context.fillRect(0, 0, 64, 36);
  };
  draw();
  const timer = setInterval(draw, 1000 / FPS);
  const [track] = canvas.captureStream(FPS).getVideoTracks();
  return { track, stop: () => (clearInterval(timer), track.stop()) };
}

class Person {
  constructor(name, { url, room, token, resume }) {
    this.name = name;
    this.sources = { video: camera(), screen: null };
    this.heard = [];
    this.removed = null;
    this.elements = new Map();
    this.room = new Room({
      room,
      name,
      session: Math.random().toString(36).slice(2),
      strategy: strategyOf("perfect"),
      access: () => ({ ways: [direct("direct", url, { room }, 300)], auth: { token }, iceServers: [] }),
      recording: NO_RECORDING,
      onRemoved: (error) => {
        this.removed = error.code;
      },
      onPath: () => undefined,
      onPaused: () => undefined,
      onMessage: (_from, data) => this.heard.push(data),
    });
    this.apply();
    this.joining = this.room.join(resume);
  }

  apply() {
    const { video, screen } = this.sources;
    this.room.setLocal(
      { audio: null, video: video?.track ?? null, screen: screen?.track ?? null },
      { audio: false, video: video !== null, screen: screen !== null },
    );
  }

  turn(kind, on) {
    this.sources[kind]?.stop();
    this.sources[kind] = on ? camera() : null;
    this.apply();
  }

  close() {
    for (const source of Object.values(this.sources)) source?.stop();
    for (const element of this.elements.values()) element.remove();
  }

  /** How many pictures a stream has shown since this was asked for the first time. */
  #shown(key, stream) {
    if (!stream) return null;
    let element = this.elements.get(key);
    if (!element) {
      element = Object.assign(document.createElement("video"), { autoplay: true, muted: true, playsInline: true });
      document.body.append(element);
      this.elements.set(key, element);
    }
    if (element.srcObject !== stream) element.srcObject = stream;
    return element.getVideoPlaybackQuality().totalVideoFrames;
  }

  view() {
    return this.room.participants.value.map((remote) => ({
      name: remote.name.value,
      state: remote.connectionState.value,
      away: remote.disconnected.value,
      media: remote.media.value,
      video: this.#shown(`${remote.id} video`, remote.stream.value),
      screen: this.#shown(`${remote.id} screen`, remote.screen.value),
    }));
  }
}

window.world = {
  join(name, options) {
    const person = new Person(name, options);
    people.set(name, person);
    return person.joining.then(
      () => null,
      (error) => `${error.code}: ${error.message}`,
    );
  },
  leave(name) {
    const person = people.get(name);
    person.room.leaveNow();
    person.close();
    people.delete(name);
  },
  /** Go away as a page does that is loaded again, and return with what lets it come back. */
  unload(name) {
    const { resumeToken } = people.get(name).room;
    this.leave(name);
    return resumeToken ?? null;
  },
  turn: (name, kind, on) => people.get(name).turn(kind, on),
  send: (name, text) => people.get(name).room.sendMessage(text, null),
  heard: (name) => people.get(name).heard,
  views: () => Object.fromEntries([...people].map(([name, person]) => [name, person.view()])),
  removed: () => Object.fromEntries([...people].map(([name, { removed }]) => [name, removed])),
  /** Let one of all connections restart ICE. */
  restart(number) {
    const remotes = [...people.values()].flatMap(({ room }) => room.remotes);
    remotes[number % Math.max(1, remotes.length)]?.connection.restartIce();
  },
  connections: () => connections.size,
  videos: () => document.querySelectorAll("video").length,
};
window.ready = true;
