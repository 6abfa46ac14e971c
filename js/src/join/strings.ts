/** The strings of the join page that a notebook does not have. */
export const JOIN_STRINGS = {
  title: (room: string) => `Join ${room}`,
  preview: (video: boolean, audio: boolean) =>
    `Turn on ${video && audio ? "camera and microphone" : video ? "camera" : "microphone"}`,
  previewHint: "See what the others will see; nobody sees it yet",
  previewing: "The others see and hear you once you have joined.",
  name: "Your name",
  namePlaceholder: "What the others read",
  noName: "Say who you are first.",
  startsWith: (what: string, on: boolean) => (on ? `Join with the ${what} off` : `Join with the ${what} on`),
  ask: "Ask to join",
  asks: "You wait until somebody in the call lets you in.",
  waiting: {
    title: "Waiting to be let in",
    text: (name: string) =>
      `You asked to join as ${name}. Whoever teaches can let you in. Keep this page open: it waits for up to ten minutes. Nobody sees or hears you yet.`,
    unreached: "The call cannot be reached at the moment. This page keeps trying; your place is kept.",
    cancel: "Cancel",
  },
  invitation: "Others come by the same link, or from the notebook.",
  switchCamera: "Switch camera",
  switchHint: "Use the next camera, such as the one on the back",
  chat: "Chat",
  unread: (count: number) => `Chat, ${count === 1 ? "1 new message" : `${count} new messages`}`,
  showChat: (on: boolean) => (on ? "Show the chat" : "Hide the chat"),
  closeChat: "Close the chat",
  write: "Write to everybody",
  send: "Send",
  empty: "What is written goes to everybody who is here at that moment, Python included.",
  alone: "Nobody else is here to read it yet.",
  you: "You",
} as const;
