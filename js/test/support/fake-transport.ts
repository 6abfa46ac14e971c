import type { SignalingTransport } from "../../src/signaling/transport";

/** A path to a relay that acknowledges nothing; `post` receives what is posted. */
export function fakeTransport(
  path: SignalingTransport["path"],
  post: (payload: object) => void = () => undefined,
): SignalingTransport {
  return {
    path,
    request: () => new Promise(() => undefined),
    post: (_event, payload) => post(payload),
    close: () => undefined,
  };
}
