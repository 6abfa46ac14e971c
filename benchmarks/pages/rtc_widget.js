// The shipped bundle, with a heartbeat as the kernel sends it.
window.start = async ({ relay, token, room, owner }) => {
  const listeners = new Set();
  const traits = { room, name: owner, video: "camera", audio: "microphone" };
  const model = {
    get: (name) => traits[name],
    on: (event, listener) => event === "msg:custom" && listeners.add(listener),
    off: (_event, listener) => listeners.delete(listener),
    send: () => undefined,
  };
  const widget = window.widget();
  const { signal } = new AbortController();
  widget.initialize({ model, signal });
  const el = document.createElement("div");
  document.body.append(el);
  widget.render({ model, el, signal });
  const invitation = { key: owner, token, session: null, now: false };
  const beat = { kind: "heartbeat", to: "*", relay, local: true, owner, token, iceServers: [], invitation };
  const tiles = new MutationObserver(() => {
    const count = el.querySelectorAll(".rtcw-tile").length;
    const remote = el.querySelector(".rtcw-tile:nth-child(2) video");
    if (remote && remote !== tiles.remote) {
      tiles.remote = remote;
      window.awaitFrame(remote);
    }
    // Marked as away, or gone: both tell the person at once.
    if (tiles.most > count || el.querySelector('.rtcw-tile[aria-label*="away"]')) window.leftNow();
    tiles.most = Math.max(tiles.most ?? 0, count);
  });
  tiles.observe(el, { childList: true, subtree: true, attributes: true, attributeFilter: ["aria-label"] });
  // In Jupyter the tab that ran the cell knows itself by its session, and opens camera and relay side by side.
  model.widget_manager = { kernel: { clientId: owner } };
  invitation.session = owner;
  window.begin();
  for (const listener of listeners) listener(beat);
  while (el.firstChild.dataset.phase !== "joined") await new Promise((resolve) => setTimeout(resolve, 10));
};
