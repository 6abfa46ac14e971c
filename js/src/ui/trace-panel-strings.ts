/** The strings of the trace panel. */

function messages(count: number): string {
  return count === 1 ? "Message" : `${count} messages`;
}

export const PANEL_STRINGS = {
  drawing: "Waiting for the kernel, which draws the diagram; a running cell may keep it from doing so.",
  signalingControls: "Signaling controls",
  pause: "Pause",
  resume: "Resume",
  step: "Step",
  stepOver: "Step over candidates",
  stepTo: "To next offer or answer",
  stepOverHint: "Release the candidates that wait first",
  noCandidateNext: "Available while a candidate is the next to be released",
  stepToHint: "Release messages until an offer or an answer is the next",
  notWatching: "Available once the signaling server has answered the kernel",
  unwatched: "Waiting for the signaling server",
  unwatchedHint:
    "The kernel has no connection to the signaling server: what happens meanwhile is missing in the diagram.",
  pauseHint: "Hold every signaling message of this room at the signaling server",
  resumeHint: "Release every held message, and stop holding messages",
  breakOn: "Stop at…",
  breakOnHint: "Pause at the next message of this kind, and hold it",
  breakpoints: {
    offer: "an offer",
    answer: "an answer",
    ice_candidate: "a candidate",
    request_offer: "a request for an offer",
  },
  stepHint: "Release the message that has waited longest",
  nothingHeld: "No message is held: pause first, or wait for one to arrive",
  signaling: (paused: boolean, held: number) =>
    paused
      ? `Paused: ${held === 0 ? "no message waits" : held === 1 ? "1 message waits" : `${held} messages wait`}`
      : "Messages pass freely",
  pausedHint: "The signaling server holds whatever participants send each other; established calls continue.",
  runsHint: "The signaling server forwards every message at once.",
  held: "Held",
  heldHint: "A held message has reached the signaling server and has not been forwarded.",
  rows: (text: string, count: number) => (count === 1 ? text : `${count} × ${text}`),
  waited: (seconds: number) =>
    seconds < 120 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`,
  waitedHint: "How long it has waited",
  release: "Release",
  releaseHint: "Release this message, whatever came before it",
  drop: "Drop",
  dropHint: "Let this message go nowhere: its receiver never gets it",
  duplicate: "Duplicate",
  duplicateHint: "Put a copy of this message behind it, as if it had been sent twice",
  breaks: "Breakpoints",
  removeBreak: (text: string) => `Remove “${text}”`,
  faults: "Injected faults",
  faultsHint:
    "A fault makes the signaling server drop, delay or change messages, as a bad network or a bug would.",
  clear: "Clear",
  clearHint: "End every fault",

  announced: {
    paused: "Signaling is paused",
    resumed: "Signaling is resumed",
    held: (text: string, count: number) => `${messages(count)} held: ${text}`,
    released: (text: string, count: number) => `${messages(count)} released: ${text}`,
    faults: (count: number) =>
      count === 0
        ? "No fault is injected"
        : count === 1
          ? "1 fault is injected"
          : `${count} faults are injected`,
  },
} as const;
