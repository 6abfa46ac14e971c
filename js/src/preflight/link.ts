/** The report's link to its kernel. */
import type { Model, Target, TunnelFromKernel, TunnelFromPage } from "../protocol/comm";
import { KernelComm } from "../signaling/kernel-comm";
import type { TunnelLink } from "../signaling/tunnel";
import type { Finding } from "./finding";

export class DoctorLink implements TunnelLink {
  readonly #comm: KernelComm;
  #tunnel: ((message: TunnelFromKernel) => void) | null = null;

  /** @param target - called with what the kernel says is to be reached */
  constructor(model: Model, target: (target: Target) => void) {
    this.#comm = new KernelComm(model, (message) => {
      if (message.kind === "target") target(message);
      else if (message.kind === "tunnel") this.#tunnel?.(message);
    });
  }

  /** Ask what is to be reached; with `again`, let the kernel do its own checks once more, too. */
  requestTarget(again: boolean): void {
    this.#comm.send({ kind: "hello", origin: location.origin, again });
  }

  sendFindings(findings: readonly Finding[], done: boolean): void {
    this.#comm.send({
      kind: "findings",
      findings: findings.filter(({ state }) => state !== "checking"),
      done,
    });
  }

  send(message: TunnelFromPage): void {
    this.#comm.send(message);
  }

  onTunnel(receive: ((message: TunnelFromKernel) => void) | null): void {
    this.#tunnel = receive;
  }

  close(): void {
    this.#comm.close();
    this.#tunnel = null;
  }
}
