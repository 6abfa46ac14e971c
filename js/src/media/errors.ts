/** What the browser's refusals mean, and what to do about each. */
import { RtcError } from "../protocol/errors";

/** Turn a `getUserMedia` or `getDisplayMedia` rejection into an error with a code of ours. */
export function mediaError(
  error: unknown,
  what: "camera" | "microphone" | "camera and microphone",
): RtcError {
  const name = error instanceof Error ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") {
    // Chromium says which; elsewhere it is a refusal like another.
    const { featurePolicy } = document as { featurePolicy?: { allowsFeature(name: string): boolean } };
    if (featurePolicy?.allowsFeature(what === "microphone" ? what : "camera") === false) {
      return new RtcError(
        "blocked_by_page",
        `This page gives widgets no ${what}. You still see and hear the others. To be seen, join in a browser beside it.`,
      );
    }
    return new RtcError(
      "permission_denied",
      `The browser refused the ${what}. Allow it in the address bar's site settings, then turn it on here.`,
    );
  }
  if (name === "NotFoundError" || name === "OverconstrainedError") {
    return new RtcError(
      "no_device",
      `No ${what} was found. Plug one in, or use video="pattern", audio="tone".`,
    );
  }
  if (name === "NotReadableError" || name === "AbortError") {
    return new RtcError("device_busy", `Another program holds the ${what}. Close it, then turn it on here.`);
  }
  return new RtcError("no_device", `The ${what} could not be opened: ${String(error)}`);
}

/** The error of a page that has no `navigator.mediaDevices` at all. */
export function insecureContext(): RtcError {
  return new RtcError(
    "insecure_context",
    "Browsers give cameras only to https:// pages and to localhost. Open this notebook by one of these addresses.",
  );
}
