import type { Model } from "../../src/protocol/comm";

/** The part of anywidget's model that the widget uses, and what it was told. */
export class FakeModel implements Model {
  readonly sent: Record<string, unknown>[] = [];
  readonly #traits: Record<string, unknown>;
  readonly #listeners = new Map<string, Set<(...args: never[]) => void>>();
  widget_manager?: unknown;

  /** `session` is this tab's Jupyter client id, on hosts that show it. */
  constructor(traits: Record<string, unknown> = {}, session?: string) {
    this.#traits = {
      room: "demo",
      name: "Ada",
      video: false,
      audio: false,
      resolution: [640, 360],
      ...traits,
    };
    if (session) this.widget_manager = { kernel: { clientId: session } };
  }

  get(name: string): unknown {
    return this.#traits[name];
  }

  set(name: string, value: unknown): void {
    this.#traits[name] = value;
    for (const listener of this.#listeners.get(`change:${name}`) ?? []) listener();
  }

  save_changes(): void {
    // Nobody is at the other end.
  }

  on(event: string, callback: (...args: never[]) => void): void {
    if (!this.#listeners.has(event)) this.#listeners.set(event, new Set());
    this.#listeners.get(event)?.add(callback);
  }

  off(event: string, callback: (...args: never[]) => void): void {
    this.#listeners.get(event)?.delete(callback);
  }

  send(content: unknown, _callbacks?: unknown, _buffers?: ArrayBuffer[]): void {
    this.sent.push(content as Record<string, unknown>);
  }

  /** A message from the kernel. */
  receive(content: object): void {
    for (const listener of this.#listeners.get("msg:custom") ?? []) {
      (listener as (content: object, buffers: DataView[]) => void)(content, []);
    }
  }

  /** A trait that the kernel changes. */
  change(name: string, value: unknown): void {
    this.#traits[name] = value;
    for (const listener of this.#listeners.get(`change:${name}`) ?? []) (listener as () => void)();
  }

  /** How many listeners are left. */
  get listeners(): number {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }
}
