// A host for the shipped bundle without Jupyter: a stub of the model that anywidget hands to a widget, and
// `window.host`, by which a test plays the kernel.

class Model {
  #traits;
  #changed = new Set();
  #listeners = new Map();
  sent = [];

  constructor(traits) {
    this.#traits = traits;
  }

  get(name) {
    return this.#traits[name];
  }

  set(name, value) {
    this.#traits[name] = value;
    this.#changed.add(name);
    this.emit(`change:${name}`, value);
    this.emit("change");
  }

  save_changes() {
    const state = Object.fromEntries([...this.#changed].map((name) => [name, this.#traits[name]]));
    this.#changed.clear();
    this.saved.push(state);
  }

  saved = [];

  on(event, listener) {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event).add(listener);
  }

  off(event, listener) {
    if (!event) this.#listeners.clear();
    else if (!listener) this.#listeners.delete(event);
    else this.#listeners.get(event)?.delete(listener);
  }

  emit(event, ...details) {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(...details);
  }

  send(content, _callbacks, buffers = []) {
    // The comm copies what it sends, so what was sent cannot change afterwards.
    this.sent.push({ content: structuredClone(content), buffers, at: Date.now() });
    if (content.kind === "module" && answersModules) void this.#sendModule(content);
  }

  /** What the kernel does for a module that the front end has asked for. */
  async #sendModule({ name, client_id: to }) {
    const source = await (await fetch(`/modules/${name}.js`)).text();
    this.emit("msg:custom", { kind: "module", to, name, source }, []);
  }

  /** Traits that the kernel sets: no `save_changes` follows. */
  receiveState(traits) {
    Object.assign(this.#traits, traits);
    for (const [name, value] of Object.entries(traits)) this.emit(`change:${name}`, value);
    this.emit("change");
  }

  listeners(event) {
    return this.#listeners.get(event)?.size ?? 0;
  }
}

/** A busy kernel answers nothing: `window.host.answerModules(false)`. */
let answersModules = true;

let model;
let widget;
let lifetime;
let forget;
const views = [];

async function start(traits) {
  const { default: exported } = await import("/widget.js");
  widget = typeof exported === "function" ? await exported() : exported;
  model = new Model(traits);
  lifetime = new AbortController();
  forget = await widget.initialize?.({ model, signal: lifetime.signal });
  return renderView();
}

async function renderView() {
  const el = document.createElement("div");
  document.body.append(el);
  const end = new AbortController();
  const cleanup = await widget.render?.({ model, el, signal: end.signal });
  return views.push({ el, end, cleanup }) - 1;
}

async function removeView(index) {
  const view = views[index];
  views[index] = null;
  view.end.abort();
  await view.cleanup?.();
  view.el.remove();
}

async function destroy() {
  for (const [index, view] of views.entries()) if (view) await removeView(index);
  model.emit("destroy");
  lifetime.abort();
  await forget?.();
}

/** A message from the kernel; buffers come as lists of bytes and arrive as DataViews, as over a comm. */
function receive(content, buffers = []) {
  const sent = buffers.map((bytes) => new DataView(new Uint8Array(bytes).buffer));
  model.emit("msg:custom", content, sent);
}

window.host = {
  start,
  renderView,
  removeView,
  destroy,
  receive,
  answerModules: (on) => {
    answersModules = on;
  },
  set: (traits) => model.receiveState(traits),
  get model() {
    return model;
  },
  get sent() {
    return model.sent;
  },
};
