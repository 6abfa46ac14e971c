/** The anywidget entry of a link to a room's join page: its address and QR code, which the kernel sends and nothing keeps. */
import "./link/link.css";
import { LinkModel } from "./link/link-model";
import { showLink } from "./link/link-view";
import type { Model } from "./protocol/comm";

type Context = { model: Model; signal: AbortSignal };

/** anywidget calls this once per model. */
export default () => {
  let link: LinkModel | undefined;
  return {
    initialize({ model, signal }: Context): void {
      const own = new LinkModel(model);
      link = own;
      signal.addEventListener("abort", () => own.dispose(), { once: true });
    },
    render({ el, signal }: Context & { el: HTMLElement }): void {
      if (link) signal.addEventListener("abort", showLink(el, link), { once: true });
    },
  };
};
