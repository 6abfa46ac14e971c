import type { Media } from "../protocol";
import type { ConnectionStats } from "../room/types";

/** How a connection stands, as one word per case; "away" means that only the signaling path is lost. */
export type Link = RTCPeerConnectionState | "away";

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** "camera and microphone", or null when neither is wanted. */
function sources({ audio, video }: Pick<Media, "audio" | "video">): string | null {
  if (audio && video) return "camera and microphone";
  if (video) return "camera";
  return audio ? "microphone" : null;
}

/** Every word that the interface says. */
export const TEXT = {
  region: (room: string) => `Video call ${room}`,
  people: "People",
  screens: "Shared screens",
  controls: "Call controls",
  you: (name: string) => (name ? `${name} (you)` : "You"),
  guest: "Guest",
  screenOf: (name: string) => `${name}'s screen`,
  yourScreen: "Your shared screen",
  python: "Python",

  microphone: "Microphone",
  camera: "Camera",
  share: "Share screen",
  devices: "Camera and microphone",
  leave: "Leave",
  join: "Join",
  joinAgain: "Join again",
  tryAgain: "Try again",
  hear: "Click to hear the others",
  turnMicrophone: (on: boolean) => (on ? "Turn the microphone on" : "Turn the microphone off"),
  turnCamera: (on: boolean) => (on ? "Turn the camera on" : "Turn the camera off"),
  turnScreen: (on: boolean) => (on ? "Share your screen" : "Stop sharing your screen"),
  chooseDevices: "Choose camera and microphone",
  leaveRoom: (room: string) => `Leave ${room}; camera and microphone are released`,
  notYet: "Available as soon as you have joined",
  noScreen: "This browser cannot share a screen",
  noDevices: "There is no camera or microphone to choose from",
  notInUse: "Not in use",
  device: (kind: string, number: number) => `${kind} ${number}`,

  microphoneOff: "microphone off",
  cameraOff: "camera off",
  sharing: "sharing a screen",
  /** In full where there is room; tiny tiles drop the first part. */
  link: {
    new: ["", "Waiting…"],
    connecting: ["", "Connecting…"],
    connected: ["", "Connected"],
    disconnected: ["Connection ", "interrupted"],
    failed: ["Connection ", "failed"],
    closed: ["Connection ", "closed"],
    away: ["", "Away"],
  } satisfies Record<Link, readonly [string, string]>,
  linkHint: {
    new: "No connection has been started yet.",
    connecting: "The two sides are looking for a way to each other.",
    connected: "",
    disconnected: "Nothing arrives at the moment; it may come back by itself.",
    failed: "No way to each other was found.",
    closed: "The connection has ended.",
    away: "Lost the way to the relay; sound and picture may go on.",
  } satisfies Record<Link, string>,

  stats: (name: string) => `Connection figures of ${name}`,
  measuring: "No figures yet",
  figures: {
    bitrate: "Received",
    fps: "Frames",
    size: "Size",
    loss: "Lost",
    rtt: "Round trip",
  },
  figure: {
    bitrate: ({ bitrate }: ConnectionStats) =>
      bitrate >= 1e6 ? `${NUMBER.format(bitrate / 1e6)} Mbit/s` : `${Math.round(bitrate / 1e3)} kbit/s`,
    fps: ({ fps }: ConnectionStats) => `${Math.round(fps)} fps`,
    size: ({ width, height }: ConnectionStats) => (width ? `${width} × ${height}` : "no picture"),
    loss: ({ loss }: ConnectionStats) => `${NUMBER.format(loss * 100)} %`,
    rtt: ({ rtt }: ConnectionStats) => (rtt === null ? "not measured" : `${Math.round(rtt)} ms`),
  },

  phase: { connecting: "Joining…", reconnecting: "Reconnecting…" },
  count: (count: number) => (count === 1 ? "Only you" : `${count} people`),
  path: (path: string) => `Signaling: ${path}`,

  lobby: {
    waiting: {
      title: () => "Waiting for the kernel",
      text: "The call starts here when the notebook's kernel runs this cell.",
    },
    idle: { title: (room: string) => `Join the call in ${room}` },
    left: { title: (room: string) => `You left ${room}`, text: "Camera and microphone are off." },
    failed: { title: (room: string) => `Could not join ${room}`, text: "Camera and microphone stay off." },
  },
  opens: (media: Media) => {
    const what = sources(media);
    return what
      ? `Joining opens your ${what} in this tab. You can turn them off at any time.`
      : "Joining opens neither camera nor microphone.";
  },

  /** Shown while nobody else is there; the middle part is code to run. */
  alone: (room: string) => ({
    title: `You are the only one in ${room}.`,
    before: "Run ",
    code: `RoomWidget(${JSON.stringify(room)})`,
    after: " in another cell, tab or notebook to meet.",
  }),
  joining: (room: string) => ({ title: `Joining ${room}…`, text: "Your browser may ask for permission." }),

  said: {
    joinedRoom: (room: string, others: number) =>
      `You joined ${room}. ${others === 0 ? "Nobody else is" : others === 1 ? "1 other is" : `${others} others are`} here.`,
    joined: (name: string) => `${name} joined`,
    left: (name: string) => `${name} left`,
    audio: (name: string, on: boolean) => `${name} turned the microphone ${on ? "on" : "off"}`,
    video: (name: string, on: boolean) => `${name} turned the camera ${on ? "on" : "off"}`,
    screen: (name: string, on: boolean) => `${name} ${on ? "started" : "stopped"} sharing a screen`,
    you: "You",
    lost: (name: string) => `The connection to ${name} is interrupted`,
    failed: (name: string) => `The connection to ${name} failed`,
    connected: (name: string) => `Connected to ${name}`,
    reconnecting: "Reconnecting. Sound and picture may go on.",
    reconnected: "Connected again",
    leftRoom: (room: string) => `You left ${room}`,
  },
} as const;

/** The one or two letters that stand for a name. */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return (
    letters
      .map((word) => [...(word ?? "")][0] ?? "")
      .join("")
      .toUpperCase() || "?"
  );
}
