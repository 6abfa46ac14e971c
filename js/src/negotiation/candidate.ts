/** Candidates of the other side's, on their way into a connection. */
import { errorName, type Step } from "../protocol/negotiation-events";

/** One that waits for its description; `message` is the relay's id of what it came in. */
export type QueuedCandidate = { candidate: RTCIceCandidateInit; message?: string | undefined };

/** Add a candidate and report what became of it; resolves with the connection's error, null when it was accepted. */
export async function addCandidate(
  pc: RTCPeerConnection,
  { candidate, message }: QueuedCandidate,
  onStep: (step: Step) => void,
): Promise<unknown> {
  try {
    await pc.addIceCandidate(candidate);
    onStep({ step: "added", message });
    return null;
  } catch (error) {
    onStep({ step: "refused", error: errorName(error), message });
    return error;
  }
}
