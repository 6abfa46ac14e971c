/** Candidates of the other side's, on their way into a connection. */
import { errorName, type Step } from "../protocol/negotiation-events";

/** One that waits for its description; `message` is the relay's id of what it came in. */
export type Waiting = { candidate: RTCIceCandidateInit; message?: string | undefined };

/** Add a candidate and tell what became of it; resolves with what the connection raised, null when it took it. */
export async function addCandidate(
  pc: RTCPeerConnection,
  { candidate, message }: Waiting,
  step: (step: Step) => void,
): Promise<unknown> {
  try {
    await pc.addIceCandidate(candidate);
    step({ step: "added", message });
    return null;
  } catch (error) {
    step({ step: "refused", error: errorName(error), message });
    return error;
  }
}
