/** The replay of a recording, for every page that shows one: it makes players of what the kernel wrote there. */
import { mount } from "./replay/view";

// Several may be in one page, hosts insert the same twice, and not all say which script it is that runs.
for (const root of document.querySelectorAll<HTMLElement>(".rtcw-replay:not([data-live])")) {
  root.dataset.live = "";
  mount(root);
}
