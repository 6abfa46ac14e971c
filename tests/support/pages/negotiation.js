// Two sides of one connection in one page, and a wire between them that a test can hold, delay and cut.
import { PerfectNegotiation } from "/src/negotiation/perfect.js";
import { NegotiationClock } from "/src/signaling/negotiation-clock.js";

const all = [];

export class Side {
  constructor(name, polite) {
    this.name = name;
    // As the widget's own connections are made.
    this.pc = new RTCPeerConnection({ bundlePolicy: "max-bundle" });
    this.failures = [];
    /** Everything that this side has said, delivered or not. */
    this.said = [];
    /** Messages on their way to the other side. */
    this.flying = 0;
    this.sending = new Map();
    this.streams = new Map();
    this.other = null;
    /** What it does between taking an offer and answering it. */
    this.answering = () => undefined;
    /** Decides what becomes of a message: it calls `deliver` when and as often as it likes. */
    this.wire = (_message, deliver) => setTimeout(deliver);
    this.pc.addEventListener("track", ({ streams }) => {
      for (const stream of streams) this.streams.set(stream.id, stream);
    });
    /** The widget's `PeerSignaling`, as far as a negotiator knows it. */
    this.signaling = {
      clock: new NegotiationClock(),
      sendDescription: (description) => this.send({ type: "description", description }),
      sendCandidate: (candidate) => this.send({ type: "candidate", candidate }),
    };
    this.negotiation = new PerfectNegotiation(this.pc, this.signaling, {
      polite,
      onAnswering: () => this.answering(),
      onFailure: (error) => this.failures.push(String(error)),
    });
    all.push(this);
  }

  send(message) {
    const copy = structuredClone(message);
    this.said.push(copy);
    this.note("says", copy);
    this.wire(copy, () => {
      this.other.note("hears", copy);
      this.other.receive(structuredClone(copy));
    });
  }

  /** What came of the other side's. */
  receive({ type, description, candidate }) {
    if (type === "description") this.signaling.onDescription(description);
    else this.signaling.onCandidate(candidate);
  }

  note(does, { description }) {
    if (description) this.story.push(`${this.name} ${does} ${description.type} in ${this.pc.signalingState}`);
  }

  /** Keep everything that is said from now on; the function that is returned lets messages go in any order. */
  hold() {
    const before = this.wire;
    const held = [];
    this.wire = (message, deliver) => held.push({ message, deliver });
    return {
      held,
      release: (order = (messages) => messages) => {
        this.wire = before;
        for (const { deliver } of order(held.splice(0))) deliver();
      },
    };
  }

  /** Send a picture in a stream of its own, by which the other side can be asked for it. */
  add(track = document.createElement("canvas").captureStream(0).getVideoTracks()[0]) {
    const stream = new MediaStream();
    this.sending.set(stream.id, track);
    return this.pc.addTransceiver(track, { direction: "sendrecv", streams: [stream] });
  }

  offers() {
    return this.said.filter(({ description }) => description?.type === "offer").length;
  }

  descriptions() {
    return this.said.map(({ description }) => description?.type).filter(Boolean);
  }

  /** Whether all that the other side sends has come, and nothing else. */
  hasAll() {
    const here = [...this.streams.values()].filter((stream) => stream.getTracks().length > 0);
    return (
      here.length === this.other.sending.size && here.every((stream) => this.other.sending.has(stream.id))
    );
  }

  state() {
    const { signalingState, connectionState } = this.pc;
    const got = [...this.streams.values()].filter((stream) => stream.getTracks().length > 0).length;
    const said = this.descriptions().join(" ");
    return `${this.name}: ${signalingState}, ${connectionState}, ${got}/${this.other.sending.size} tracks, failures [${this.failures}], said ${said}`;
  }

  isSettled() {
    return this.pc.signalingState === "stable" && this.pc.connectionState === "connected" && this.hasAll();
  }

  close() {
    this.negotiation.close();
    this.pc.close();
  }
}

/** A picture that changes. */
export function film() {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  let hue = 0;
  setInterval(() => {
    context.fillStyle = `hsl(${(hue += 7)}, 80%, 50%)`;
    context.fillRect(0, 0, canvas.width, canvas.height);
  }, 40);
  return canvas.captureStream().getVideoTracks()[0];
}

/** Show a stream, and wait until there are new pictures of it whenever what is returned is called. */
export function show(stream) {
  const video = Object.assign(document.createElement("video"), { autoplay: true, muted: true, srcObject: stream });
  document.body.append(video);
  const shown = () => video.getVideoPlaybackQuality().totalVideoFrames;
  return (what) => {
    const before = shown();
    return until(() => shown() > before + 5, what);
  };
}

/** `polite` names the side that gives way. */
export function pair(polite = "b") {
  const a = new Side("a", polite === "a");
  const b = new Side("b", polite === "b");
  a.story = b.story = [];
  a.other = b;
  b.other = a;
  return { a, b };
}

export async function until(predicate, what, patience = 30_000) {
  const deadline = performance.now() + patience;
  while (!(await predicate())) {
    if (performance.now() > deadline)
      throw new Error(`waited for ${typeof what === "function" ? what() : what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** Wait until both sides are connected, agree, and have each other's tracks. */
export async function settled({ a, b }, patience) {
  await until(
    () => a.isSettled() && b.isSettled(),
    () => `agreement: ${a.state()}; ${b.state()}`,
    patience,
  );
}

/** Assert; what is said becomes the test's failure. */
export function check(condition, what) {
  if (!condition) throw new Error(what);
}

/** A small seeded generator (mulberry32), so that a seed that fails can be run again. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** One call in which everything takes a random time; descriptions of one side keep their order. */
export async function randomCall(seed) {
  const random = generator(seed);
  const sides = pair(random() < 0.5 ? "a" : "b");
  for (const side of [sides.a, sides.b]) {
    // The transport is ordered: a description's time brings the oldest one that is still under way. Candidates
    // are let loose, because nothing may depend on their place.
    const queue = [];
    side.wire = (message, deliver) => {
      const isDescription = message.type === "description";
      if (isDescription) queue.push(deliver);
      side.flying += 1;
      setTimeout(() => {
        side.flying -= 1;
        (isDescription ? queue.shift() : deliver)();
      }, random() * 40);
    };
  }
  // Whatever chance brings, each side has something to say. The data channel's m-line is at the same place in both first
  // offers: where it is not, the widget does not roll back (room/connection.ts).
  for (const side of [sides.a, sides.b]) {
    side.add();
    side.pc.createDataChannel("rtc_widget", { negotiated: true, id: 0 });
  }
  await until(() => sides.a.offers() > 0 && sides.b.offers() > 0, "the first offers");
  const changes = [];
  for (const side of [sides.a, sides.b]) {
    for (let count = 1 + Math.floor(random() * 4); count > 0; count -= 1) {
      const what = random();
      const change = () => {
        sides.a.story.push(`${side.name} changes in ${side.pc.signalingState}`);
        if (what < 0.75) side.add();
        else side.pc.restartIce();
      };
      changes.push(new Promise((resolve) => setTimeout(() => resolve(change()), random() * 150)));
    }
  }
  try {
    await Promise.all(changes);
    await until(
      () => sides.a.isSettled() && sides.b.isSettled() && sides.a.flying + sides.b.flying === 0,
      () => `agreement: ${sides.a.state()}; ${sides.b.state()}`,
      30_000,
    );
    const { failures } = sides.a;
    const problems = [...failures, ...sides.b.failures];
    return problems.length ? `seed ${seed}: ${problems}` : null;
  } catch (error) {
    return `seed ${seed}: ${error.message}; ${sides.a.story.join(", ")}`;
  } finally {
    sides.a.close();
    sides.b.close();
  }
}

export function closeAll() {
  for (const side of all.splice(0)) side.close();
}

Object.assign(window, { pair, film, show, settled, until, check, randomCall, closeAll, ready: true });
