/** The anywidget entry of doctor(): a bundle of its own, so that it works when the call's is broken. */

import { showPanel } from "./preflight/panel";
import "./preflight/style.css";
import { Report } from "./preflight/report";
import type { Model } from "./protocol/comm";

// For a page that already knows its relay.
export { mountPreflight } from "./preflight/mount";

type Context = { model: Model; signal: AbortSignal };

/** anywidget calls this once per model. */
export default () => {
  let report: Report | undefined;
  return {
    initialize({ model, signal }: Context): void {
      const own = new Report(model, document);
      report = own;
      signal.addEventListener("abort", () => own.dispose(), { once: true });
    },
    render({ el, signal }: Context & { el: HTMLElement }): void {
      if (!report) return;
      const own = report;
      own.shown();
      const unmount = showPanel(el, {
        get browser() {
          return own.examination.findings;
        },
        get kernel() {
          return own.kernel;
        },
        get kernelAt() {
          return own.isSilent ? new Date(own.examinedAt) : null;
        },
        listen: (listener) => own.listen(listener),
        tryDevices: () => own.examination.tryDevices(),
        again: () => own.again(),
      });
      signal.addEventListener("abort", unmount, { once: true });
    },
  };
};
