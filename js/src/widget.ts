/** The anywidget entry: the call lives in the model, views only show it. */
import type { CallModel } from "./call/call-model";
import { createCall } from "./call/create-call";
import type { Model } from "./protocol/comm";
import { mount } from "./ui/view";

type Context = { model: Model; signal: AbortSignal };

/** anywidget calls this once per model, so that every widget has a call of its own. */
export default () => {
  let call: CallModel | undefined;
  return {
    // Nothing is awaited here: anywidget gives up on a model that is not ready within 2 s.
    initialize({ model, signal }: Context): void {
      const own = createCall(model);
      call = own;
      signal.addEventListener("abort", () => own.dispose(), { once: true });
    },
    render({ el, signal }: Context & { el: HTMLElement }): void {
      if (!call) return;
      const own = call;
      const unmount = mount(el, own);
      own.viewAdded();
      signal.addEventListener(
        "abort",
        () => {
          unmount();
          own.viewRemoved();
        },
        { once: true },
      );
    },
  };
};
