/** The replay of a recording, for every page that shows one: it makes players of what the kernel wrote there. */
import { REPLAY_CLASSES } from "./protocol/replay";
import { mount } from "./replay/view";

// Several may be in one page, hosts insert the same twice, and not all say which script it is that runs. Browsers save
// attributes with a page, and players not.
const where = globalThis.rtcwShown ?? document;
for (const root of where.querySelectorAll<HTMLElement & { rtcrLive?: true }>(`.${REPLAY_CLASSES.root}`)) {
  if (root.rtcrLive) continue;
  root.rtcrLive = true;
  mount(root);
}
