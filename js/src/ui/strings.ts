import type { ConnectionStats, Phase } from "../call/types";
import { ownValue } from "../protocol/own-value";
import type { Media } from "../protocol/signaling";

/** How a connection stands, as one word per case; "away" means that only the signaling path is lost. */
export type Link = RTCPeerConnectionState | "away";

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 1 });

/** "camera and microphone", or null when neither is wanted. */
function sources({ audio, video }: Pick<Media, "audio" | "video">): string | null {
  if (audio && video) return "camera and microphone";
  if (video) return "camera";
  return audio ? "microphone" : null;
}

/** "a, b and c". */
export function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join() : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** Longer lists of names are not listened to. */
const NAMED = 3;

function here(others: readonly string[]): string {
  if (others.length > NAMED) return `${others.length} others are`;
  return others.length > 1 ? `${listed(others)} are` : `${others[0] ?? "Nobody else"} is`;
}

/** How signaling travels. */
const WAYS: Record<string, string> = {
  direct: "directly from this tab to the signaling server",
  proxy: "to the signaling server through Jupyter's proxy",
  tunnel: "to the signaling server through the notebook's kernel",
};

/** The strings of the user interface. */
export const STRINGS = {
  region: (room: string) => `Video call ${room}`,
  people: "People",
  screens: "Shared screens",
  controls: "Call controls",
  you: (name: string) => (name ? `${name} (you)` : "You"),
  screenOf: (name: string) => `${name}'s screen`,
  yourScreen: "Your shared screen",
  python: "Python",
  pythonHint: "A participant that runs in a Python kernel and not in a browser.",

  microphone: "Microphone",
  camera: "Camera",
  share: "Share screen",
  devices: "Camera and microphone",
  leave: "Leave",
  join: "Join",
  joinAgain: "Join again",
  moveHere: "Move it here",
  tryAgain: "Try again",
  examine: "Check this page",
  examineHint: "Check camera, microphone, permissions and network",
  findings: "Results of the check",
  hear: "Click to hear the others",
  turnMicrophone: (on: boolean) => (on ? "Turn the microphone on" : "Turn the microphone off"),
  turnCamera: (on: boolean) => (on ? "Turn the camera on" : "Turn the camera off"),
  turnScreen: (on: boolean) => (on ? "Share your screen" : "Stop sharing your screen"),
  chooseDevices: "Choose camera and microphone",
  leaveRoom: (room: string) => `Leave ${room}; camera and microphone are released`,
  record: "Record",
  turnRecording: (on: boolean) => (on ? "Record everyone; everyone is notified" : "Stop recording"),
  recordingHint: "You record this call",
  replay: "Replay",
  replayShown: "The recording can be played below the call",
  closeReplay: "Close the replay",
  more: "More",
  notYet: "Available once you have joined",
  noScreen: "This browser cannot share a screen",
  noDevices: "There is no camera or microphone to choose from",
  notInUse: "Not in use",
  device: (kind: string, number: number) => `${kind} ${number}`,

  microphoneOff: "microphone off",
  cameraOff: "camera off",
  sharing: "sharing a screen",
  notebook: "over the notebook",
  /** In full where there is room; tiny tiles drop the first part. */
  link: {
    new: ["", "Not connected yet"],
    connecting: ["", "Connecting…"],
    connected: ["", "Connected"],
    disconnected: ["Connection ", "interrupted"],
    failed: ["Connection ", "failed"],
    closed: ["Connection ", "closed"],
    away: ["", "Away"],
  } satisfies Record<Link, readonly [string, string]>,
  linkHint: {
    new: "Offer and answer have not been exchanged yet, so no network path is being looked for.",
    connecting: "The two sides are looking for a network path to each other.",
    connected: "The two sides have a working network path to each other.",
    disconnected: "Nothing is arriving at the moment; the connection may recover by itself.",
    failed: "No network path to each other was found.",
    closed: "The connection has ended.",
    away: "The connection to the signaling server is lost; audio and video may continue.",
  } satisfies Record<Link, string>,

  statsOf: (name: string) => `Connection statistics for ${name}`,
  measuring: "No statistics yet",
  statNames: {
    bitrate: "Received",
    fps: "Frames",
    size: "Size",
    loss: "Lost",
    rtt: "Round trip",
  },
  statHints: {
    bitrate: "Audio and video received from them per second.",
    fps: "Video frames decoded per second.",
    size: "Size of the frames that come, in pixels; senders reduce it where bandwidth is low.",
    loss: "Share of packets lost on the way here.",
    rtt: "Time from sending a packet to them until its reply arrives.",
  } satisfies Record<string, string>,
  lastMinute: (low: string, high: string) =>
    low === high ? `${low} throughout the last minute` : `between ${low} and ${high} in the last minute`,
  statValues: {
    bitrate: ({ bitrate }: ConnectionStats) =>
      bitrate >= 1e6 ? `${NUMBER.format(bitrate / 1e6)} Mbit/s` : `${Math.round(bitrate / 1e3)} kbit/s`,
    fps: ({ fps }: ConnectionStats) => `${Math.round(fps)} fps`,
    size: ({ width, height }: ConnectionStats) => (width ? `${width} × ${height}` : "no video"),
    loss: ({ loss }: ConnectionStats) => `${NUMBER.format(loss * 100)} %`,
    rtt: ({ rtt }: ConnectionStats) => (rtt === null ? "not measured" : `${Math.round(rtt)} ms`),
  },

  phase: { connecting: "Joining…", reconnecting: "Reconnecting…" },
  count: (count: number) => (count === 1 ? "Only you" : `${count} people`),
  phaseHint: {
    waiting: "No kernel has answered yet, so nothing is opened.",
    idle: "The kernel is there; this tab has not joined.",
    connecting: "Opening camera and microphone and connecting.",
    joined: "This tab is in the room and connects to everyone in it.",
    reconnecting:
      "The connection to the signaling server is lost and is being restored; audio and video continue.",
    left: "This tab was in the room and has left it.",
    failed: "This tab could not join the room.",
  } satisfies Record<Phase, string>,
  path: (path: string) => {
    const way = ownValue(WAYS, path);
    return `Signaling: ${path}${way ? `, ${way}` : ""}`;
  },

  diagram: "Signaling",
  showDiagram: (on: boolean) => (on ? "Show every signaling message, live" : "Hide the signaling diagram"),
  loadingDiagram:
    "Waiting for the kernel, which sends the diagram; a running cell may keep it from doing so.",
  loadingCheck: "Waiting for the kernel, which sends the check; a running cell may keep it from doing so.",

  lobby: {
    waiting: {
      title: () => "Waiting for the kernel",
      text: "The call starts here when the notebook's kernel runs this cell.",
    },
    summary: (room: string) => `A call in ${room}`,
    idle: { title: (room: string) => `Join the call in ${room}` },
    elsewhere: "The call is in another tab",
    left: { title: (room: string) => `You left ${room}`, text: "Camera and microphone are off." },
    failed: { title: (room: string) => `Could not join ${room}`, text: "Camera and microphone stay off." },
  },
  opens: (media: Media, what = "Joining") => {
    const devices = sources(media);
    return devices
      ? `${what} opens your ${devices} in this tab. You can turn them off at any time.`
      : `${what} opens neither camera nor microphone.`;
  },

  /** Shown while nobody else is there; the middle part is code to run. */
  alone: (room: string) => ({
    title: `Nobody else is in ${room} yet.`,
    before: "Run ",
    code: `RoomWidget(${JSON.stringify(room)})`,
    after: " in another cell, tab or notebook to meet. Its link() invites whoever has no Jupyter.",
  }),
  joining: (room: string) => ({ title: `Joining ${room}…`, text: "Your browser may ask for permission." }),

  announced: {
    joinedRoom: (room: string, others: readonly string[]) => `You joined ${room}. ${here(others)} here.`,
    joined: (name: string) => `${name} joined`,
    left: (name: string) => `${name} left`,
    audio: (name: string, on: boolean) => `${name} turned the microphone ${on ? "on" : "off"}`,
    video: (name: string, on: boolean) => `${name} turned the camera ${on ? "on" : "off"}`,
    screen: (name: string, on: boolean) => `${name} ${on ? "started" : "stopped"} sharing a screen`,
    you: "You",
    lost: (name: string) => `The connection to ${name} is interrupted`,
    failed: (name: string) => `The connection to ${name} failed`,
    connected: (name: string) => `Connected to ${name}`,
    reconnecting: "Reconnecting. Audio and video may continue.",
    reconnected: "Reconnected",
    leftRoom: (room: string) => `You left ${room}`,
  },
} as const;

/** The one or two letters that stand for a name; of a number two digits, so that "Guest (10)" is not "Guest (11)". */
export function initials(name: string): string {
  const words = name.match(/[\p{L}\p{N}]+/gu) ?? [];
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined];
  return (
    letters
      .map((word) => word?.match(/^\p{N}{1,2}|^./u)?.[0] ?? "")
      .join("")
      .toUpperCase() || "?"
  );
}
