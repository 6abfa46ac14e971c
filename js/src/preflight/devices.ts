/** Cameras and microphones: counted without opening any, and opened for a moment by a button. */
import { mediaError } from "../media/errors";
import { listed, type Result, within } from "./finding";

/** As long as somebody may think about the browser's question. */
const TRY_MS = 60_000;

const ABSENT: Result = [
  "problem",
  "This page has no access to cameras and microphones at all.",
  "Open the notebook by https:// or localhost; video='pattern', audio='tone' work without.",
];

export async function devices(): Promise<Result> {
  if (!navigator.mediaDevices?.enumerateDevices) return ABSENT;
  const { cameras, microphones } = await count();
  const text = `The browser lists ${some(cameras, "camera")} and ${some(microphones, "microphone")}.`;
  if (cameras && microphones) return ["good", text];
  const instead = [...(cameras ? [] : ["video='pattern'"]), ...(microphones ? [] : ["audio='tone'"])].join(
    ", ",
  );
  return ["warning", text, `Plug in what is missing, or use ${instead}.`];
}

/** Open what there is and close it at once; whoever calls this was pressed by the person. */
export async function tryDevices(signal: AbortSignal): Promise<Result> {
  if (!navigator.mediaDevices?.getUserMedia) return ABSENT;
  const { cameras, microphones } = await count();
  const wanted = { video: cameras > 0, audio: microphones > 0 };
  if (!wanted.video && !wanted.audio) return devices();
  const what =
    wanted.video && wanted.audio ? "camera and microphone" : wanted.video ? "camera" : "microphone";
  const asked = navigator.mediaDevices.getUserMedia(wanted);
  try {
    const stream = await within(asked, TRY_MS, null, signal);
    if (!stream) {
      // Should the answer come after all, nothing may stay open.
      asked.then(close, () => {});
      return ["not checked", "The browser's question was not answered.", "Try again, and answer it."];
    }
    const came = stream.getTracks().map(({ kind }) => (kind === "video" ? "the camera" : "the microphone"));
    close(stream);
    const text = `The browser opened ${listed(came.sort())}; ${came.length > 1 ? "both are" : "it is"} closed again.`;
    if (came.length === 2) return ["good", text];
    return [
      "warning",
      text,
      `Plug in a ${wanted.video ? "microphone" : "camera"}, or use a test signal instead.`,
    ];
  } catch (error) {
    const { code, message } = mediaError(error, what);
    const [text, ...advice] = message.split(/(?<=[.!?])\s/);
    // The last kind of `mediaError` carries the browser's own words, which may name a device.
    if (code === "no_device" && !(error instanceof Error && error.name === "NotFoundError")) {
      return [
        "problem",
        `The ${what} could not be opened.`,
        "Try another browser, or unplug and plug it in again.",
      ];
    }
    return ["problem", text ?? message, advice.join(" ")];
  }
}

function close(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

async function count() {
  const all = await navigator.mediaDevices.enumerateDevices();
  const of = (kind: MediaDeviceKind) => all.filter((device) => device.kind === kind).length;
  return { cameras: of("videoinput"), microphones: of("audioinput") };
}

// Before the person has allowed it, browsers name one of each kind at most.
function some(number: number, what: string): string {
  return number === 0 ? `no ${what}` : number === 1 ? `a ${what}` : `${number} ${what}s`;
}
