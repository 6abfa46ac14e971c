/**
 * What anywidget evaluates for each model. A page keeps every module that it has evaluated until it is left, so this one is
 * small, and the front end proper, which the model has as text, is evaluated once for all widgets that have the same.
 */
import { type AnyModel, hearAgain } from "./deaf-model";
import { pageWide } from "./protocol/page-wide";

type Context = { model: AnyModel; signal: AbortSignal };
type Widget = { initialize(context: Context): void; render(context: Context): void };
type Bundle = { default(): Widget };

const bundles = pageWide("bundles", () => new Map<string, Promise<Bundle>>());

export default () => {
  let own: Promise<Widget> | undefined;
  return {
    // Nothing is awaited here: anywidget gives up on a model that is not ready within 2 s.
    initialize(context: Context): void {
      const hearing = hearAgain(context.model);
      own = evaluated(String(context.model.get("_bundle"))).then(async (bundle) => {
        const widget = bundle.default();
        await hearing;
        if (!context.signal.aborted) widget.initialize(context);
        return widget;
      });
    },
    async render(context: Context): Promise<void> {
      const widget = await own;
      if (!context.signal.aborted) widget?.render(context);
    },
  };
};

function evaluated(text: string): Promise<Bundle> {
  const known = bundles.get(text);
  if (known) return known;
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  const loading: Promise<Bundle> = import(/* @vite-ignore */ url);
  bundles.set(text, loading);
  loading.catch(() => bundles.delete(text)).finally(() => URL.revokeObjectURL(url));
  return loading;
}
