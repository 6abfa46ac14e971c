/**
 * Close a connection as soon as none of its events is on its way any more: one that is closed before is kept by Chromium for
 * as long as the page is there. Nothing may listen to it from now on.
 */
export function closeWhenIdle(pc: RTCPeerConnection): void {
  const close = () => pc.close();
  // Safari has no idle callbacks.
  if ("requestIdleCallback" in globalThis) requestIdleCallback(close, { timeout: 500 });
  else close();
}
