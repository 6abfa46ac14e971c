/** Messages on their way over a channel: a few at a time, the others behind them in their order. */
import { LIMITS } from "../protocol/limits";

const MOST_UNDER_WAY = 8;

export type Message = string | ArrayBuffer;

export class MessageQueue {
  readonly #send: (number: number, data: Message) => void;
  #waiting: Message[] = [];
  #sent = 0;
  #arrived = 0;

  /** @param send - takes a message with its number, which counts messages of both kinds */
  constructor(send: (number: number, data: Message) => void) {
    this.#send = send;
  }

  /** @returns false when too many wait, and this one is not taken */
  add(data: Message): boolean {
    if (this.#waiting.length >= LIMITS.queued_messages) return false;
    this.#waiting.push(data);
    this.#flush();
    return true;
  }

  /** The message of a number has come, and with it all before it: whoever receives many acknowledges the last. */
  acknowledged(number: number): void {
    this.#arrived = Math.max(this.#arrived, number);
    this.#flush();
  }

  #flush(): void {
    while (this.#waiting.length && this.#sent - this.#arrived < MOST_UNDER_WAY) {
      this.#sent += 1;
      this.#send(this.#sent, this.#waiting.shift()!);
    }
  }
}
