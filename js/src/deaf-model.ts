/**
 * anywidget gives up on a model that is not ready two seconds after it was made, as in a page that draws a large figure
 * first: it shows the widget all the same, which can send, but refuses every message for it. anywidget has no option for
 * that, so a model that refuses gets its messages from what it extends, ipywidgets' own model.
 */

/** What is used of what anywidget gives. */
export type AnyModel = {
  get(name: string): unknown;
  set(name: string, value: unknown, options?: object): void;
  on(event: string, callback: (model: WidgetModel) => void): void;
  off(event: string, callback: (model: WidgetModel) => void): void;
};

type Handler = (message: unknown) => Promise<unknown>;
/** What ipywidgets' model has; another host's may have neither. */
type WidgetModel = { comm?: { on_msg(handler: Handler): void }; _handle_comm_msg?: Handler };

/** Make the model hear what the kernel sends, where anywidget has given it up. Never rejects. */
export async function hearAgain(model: AnyModel): Promise<void> {
  const own = behind(model);
  if (!own?.comm || !own._handle_comm_msg) return;
  try {
    // A message that says nothing is refused like any other.
    await own._handle_comm_msg({ content: { data: {} } });
  } catch {
    const inherited = overridden(own);
    if (inherited) own.comm.on_msg((message) => inherited.call(own, message));
  }
}

/** The model that anywidget's stands for: whoever listens to a change is given it. */
function behind(model: AnyModel): WidgetModel | undefined {
  let found: WidgetModel | undefined;
  const see = (changed: WidgetModel) => {
    found = changed;
  };
  model.on("change:_heard", see);
  // With `unset` nothing is left of it, in the model or in a notebook that is saved.
  model.set("_heard", true, { unset: true });
  model.off("change:_heard", see);
  return found;
}

function overridden(own: WidgetModel): Handler | undefined {
  for (let each = Object.getPrototypeOf(own); each; each = Object.getPrototypeOf(each)) {
    if (each._handle_comm_msg && each._handle_comm_msg !== own._handle_comm_msg) return each._handle_comm_msg;
  }
  return undefined;
}
