/** The live diagram's link to the kernel, which draws for a tab only as long as that tab renews its request. */
import { signal } from "@preact/signals-core";
import type { Notice, Panel, PanelContent } from "../call/types";
import type { PanelContent as PanelMessage, PanelRequest } from "../protocol/comm";
import { TIMES_MS } from "../protocol/limits";

export class LiveDiagram implements Panel {
  readonly content = signal<PanelContent | null>(null);
  readonly overview = signal<string | null>(null);
  readonly notices = signal<readonly Notice[]>([]);
  readonly #send: (request: PanelRequest) => void;
  #views = 0;
  #everybody = false;
  #renewal: ReturnType<typeof setInterval> | undefined;

  constructor(send: (request: PanelRequest) => void) {
    this.#send = send;
  }

  open(): () => void {
    this.#views += 1;
    if (this.#views === 1) {
      this.#renew();
      this.#renewal = setInterval(() => this.#renew(), TIMES_MS.panel_renewal);
    }
    let open = true;
    return () => {
      if (!open) return;
      open = false;
      this.#views -= 1;
      if (this.#views === 0) this.#shut();
    };
  }

  showEverybody(on: boolean): void {
    if (on === this.#everybody) return;
    this.#everybody = on;
    if (this.#views > 0) this.#renew();
  }

  receive(message: PanelMessage): void {
    // What was drawn before it shut may come after.
    if (this.#views === 0) return;
    if (message.error) {
      const { code, message: text } = message.error;
      this.notices.value = [{ code, level: "error", title: "The signaling server refused", text }];
    } else if (message.overview !== undefined) this.overview.value = message.overview;
    else this.content.value = message;
  }

  pause(): void {
    this.#request({ kind: "panel", action: "pause" });
  }

  resume(): void {
    this.#request({ kind: "panel", action: "resume" });
  }

  step(): void {
    this.#request({ kind: "panel", action: "step" });
  }

  stepOver(): void {
    this.#request({ kind: "panel", action: "step_over" });
  }

  stepTo(): void {
    this.#request({ kind: "panel", action: "step_to" });
  }

  release(messages: readonly string[]): void {
    this.#request({ kind: "panel", action: "release", messages });
  }

  drop(messages: readonly string[]): void {
    this.#request({ kind: "panel", action: "drop", messages });
  }

  duplicate(messages: readonly string[]): void {
    this.#request({ kind: "panel", action: "duplicate", messages });
  }

  clearBreak(id: string): void {
    this.#request({ kind: "panel", action: "clear_break", id });
  }

  breakOn(event: string): void {
    this.#request({ kind: "panel", action: "break_on", event });
  }

  clear(): void {
    this.#request({ kind: "panel", action: "clear" });
  }

  #renew(): void {
    this.#send({ kind: "panel", action: "open", everybody: this.#everybody });
  }

  #request(request: PanelRequest): void {
    this.notices.value = [];
    this.#send(request);
  }

  #shut(): void {
    clearInterval(this.#renewal);
    this.#send({ kind: "panel", action: "shut" });
    // By the next time it would be out of date.
    this.content.value = null;
    this.overview.value = null;
    this.#everybody = false;
    this.notices.value = [];
  }
}
