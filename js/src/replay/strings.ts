/** The replay's own strings. */

const NUMBER = new Intl.NumberFormat("en", { maximumFractionDigits: 2 });

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

/**
 * "1:05", with hours only where there are some: the second that goes on, or, with parts of it, the nearest, as Python
 * writes times.
 */
export function clock(seconds: number, digits = 0): string {
  // What is to be seen at 2 s is not at 1, whatever a float makes of it.
  const exact = digits ? Number(seconds.toFixed(digits)) : seconds + 1e-6;
  const whole = Math.floor(exact);
  const part = digits ? (exact - whole).toFixed(digits).slice(1) : "";
  const two = (number: number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return `${hours ? `${hours}:${two(minutes)}` : minutes}:${two(whole % 60)}${part}`;
}

/** A time as it is read out. */
export function spoken(seconds: number): string {
  const whole = Math.floor(seconds);
  const hours = Math.floor(whole / 3600);
  return [
    ...(hours ? [count(hours, "hour")] : []),
    count(Math.floor(whole / 60) % 60, "minute"),
    count(whole % 60, "second"),
  ].join(" ");
}

export const REPLAY_STRINGS = {
  of: "Recording of",
  date: (began: number) =>
    new Date(began).toLocaleString("en", { dateStyle: "long", timeStyle: "short", hourCycle: "h23" }),
  region: (room: string, date: string) => `Recording of ${room}, ${date}`,
  stage: "People",
  nobody: "Nobody is here at this moment.",
  declined: "declined to be recorded",
  cannotPlay: "This browser cannot play it",
  towards: (name: string, state: string) => `${name}: ${state}`,
  receives: (who: string, from: string) => `What ${who} receives from ${from}`,
  stats: {
    fps: (value: number) => `${Math.round(value)} fps`,
    bitrate: (value: number) =>
      value >= 1e6 ? `${NUMBER.format(value / 1e6)} Mbit/s` : `${Math.round(value / 1e3)} kbit/s`,
    rtt: (value: number) => `${Math.round(value)} ms`,
  },

  controls: "Replay controls",
  play: "Play",
  pause: "Pause",
  previous: "Previous message",
  next: "Next message",
  skip: (by: number) => `${by < 0 ? "−" : "+"}${Math.abs(by)} s`,
  fullscreen: "Full screen",
  position: "Position",
  at: (time: number, end: number) => `${spoken(time)} of ${spoken(end)}`,
  time: (time: number, end: number, digits: number) => `${clock(time, digits)} / ${clock(end)}`,
  story: "Story time",
  storyHint: "Each message gets the same time, however fast they followed each other; without sound.",
  captions: "Captions",
  speed: "Speed",
  rate: (speed: number) => `${NUMBER.format(speed)}×`,
  mute: "Mute",
  unmute: "Unmute",
  volume: "Volume",
  silenced: "The browser has blocked audio. Click to unmute.",

  chapters: "Chapters",
  loop: "Repeat chapter",
  chat: "Data channel",
  to: (name: string) => `to ${name}`,
  states: "Connection states",
  statesHint: "The states of each side's RTCPeerConnection at this moment, by their W3C names.",
  side: (who: string, peer: string) => `${who} → ${peer}`,
  machines: ["Signaling", "ICE gathering", "ICE", "Connection"],
  downloads: "Downloads",
  screenFile: (name: string) => `${name}'s screen`,
  traceFile: "Trace",
  keyboard: "Keyboard",
  keys: [
    ["Space, k", "play, pause"],
    ["← →", "5 seconds back, on"],
    [", .", "previous, next message"],
    ["< >", "slower, faster"],
    ["Home, End", "beginning, end"],
    ["c", "captions"],
    ["m", "mute, unmute"],
  ],
} as const;
