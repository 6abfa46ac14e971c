/** What the trace panel says. */

function messages(count: number): string {
  return count === 1 ? "Message" : `${count} messages`;
}

export const PANEL = {
  drawing: "Waiting for the kernel, which draws the diagram; a running cell may keep it from doing so.",
  signalingControls: "Signaling controls",
  pause: "Pause",
  resume: "Resume",
  step: "Step",
  notDrawn: "Available as soon as the kernel has answered",
  pauseHint: "Hold every signaling message of this room at the relay",
  resumeHint: "Let everything go that is held, and hold nothing any more",
  breakOn: "Stop at…",
  breakOnHint: "Pause as soon as a message of this kind comes, with that message held",
  breakpoints: {
    offer: "an offer",
    answer: "an answer",
    ice_candidate: "a candidate",
    request_offer: "a request for an offer",
  },
  stepHint: "Let the message go that has waited longest",
  nothingHeld: "No message is held: pause first, or wait for one to come",
  signaling: (paused: boolean, held: number) =>
    paused
      ? `Paused: ${held === 0 ? "no message waits" : held === 1 ? "1 message waits" : `${held} messages wait`}`
      : "Messages pass freely",
  pausedHint: "The relay keeps back whatever the participants send each other; calls that stand go on.",
  runsHint: "The relay hands on every message at once.",
  held: "Held",
  heldHint: "A held message has come to the relay and has not been handed on.",
  release: "Release",
  releaseOne: (text: string) => `Release ${text}`,
  releaseHint: "Let this message go, whatever came before it",
  faults: "Broken on purpose",
  faultsHint: "A fault makes the relay lose, delay or change messages, as a bad network or a bug would.",
  clear: "Clear",
  clearHint: "End every fault",

  said: {
    paused: "Signaling is paused",
    resumed: "Signaling goes on",
    held: (text: string, count: number) => `${messages(count)} held: ${text}`,
    released: (text: string, count: number) => `${messages(count)} released: ${text}`,
    faults: (count: number) =>
      count === 0
        ? "Nothing is broken on purpose any more"
        : `${count === 1 ? "1 thing is" : `${count} things are`} broken on purpose`,
  },
} as const;
