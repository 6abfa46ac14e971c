import { realTime, type Scale } from "./scale";

/** A time that passes by itself, on a scale and at a speed, and stops at its end. `now` is in ms. */
export class Clock {
  /** Where it is on its scale. */
  #at = 0;
  #since: number | null = null;
  #speed = 1;
  #scale: Scale;

  constructor(
    readonly end: number,
    readonly now: () => number,
  ) {
    this.#scale = realTime(end);
  }

  get time(): number {
    const gone = this.#since === null ? 0 : ((this.now() - this.#since) / 1000) * this.#speed;
    return this.#scale.time(Math.min(this.#scale.end, this.#at + gone));
  }

  set time(time: number) {
    this.#at = this.#scale.place(Math.min(this.end, Math.max(0, time)));
    if (this.#since !== null) this.#since = this.now();
  }

  get scale(): Scale {
    return this.#scale;
  }

  set scale(scale: Scale) {
    const { time } = this;
    this.#scale = scale;
    this.time = time;
  }

  get runs(): boolean {
    return this.#since !== null;
  }

  set runs(on: boolean) {
    this.time = this.time;
    this.#since = on ? this.now() : null;
  }

  set speed(speed: number) {
    this.time = this.time;
    this.#speed = speed;
  }
}
