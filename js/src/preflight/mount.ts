/** The same checks inside something else that already knows its relay, such as a call's own page. */
import type { TunnelLink } from "../signaling/tunnel";
import { Examination, type Reach } from "./examination";
import type { Finding } from "./finding";
import { showPanel } from "./panel";

export type MountOptions = Reach & {
  /** The way through the kernel; null while a call uses it, for it carries one connection at a time. */
  link: TunnelLink | null;
  /** The kernel's findings, where there are any. */
  kernel?: readonly Finding[];
};

/**
 * Check this page and show what was found.
 *
 * @returns ends the checks and takes the panel out again
 */
export function mountPreflight(el: HTMLElement, { link, kernel = [], ...target }: MountOptions): () => void {
  const examination = new Examination(el.ownerDocument);
  const run = () => {
    examination.begin();
    examination.reach(target, link);
  };
  run();
  const unmount = showPanel(el, {
    get browser() {
      return examination.findings;
    },
    kernel,
    kernelAt: null,
    listen: (listener) => examination.listen(listener),
    tryDevices: () => examination.tryDevices(),
    again: run,
  });
  return () => {
    unmount();
    examination.dispose();
  };
}
