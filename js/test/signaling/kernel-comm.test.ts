import { expect, it, vi } from "vitest";
import type { Model } from "../../src/protocol/comm";
import { KernelComm } from "../../src/signaling/kernel-comm";

function fakeModel() {
  const listeners = new Map<string, () => void>();
  const send = vi.fn();
  const model = {
    on: (event: string, listener: () => void) => listeners.set(event, listener),
    off: (event: string) => listeners.delete(event),
    send,
  };
  return {
    model: model as unknown as Model,
    send,
    fire: (event: string) => listeners.get(event)?.(),
    listeners,
  };
}

it("sends nothing once the kernel has closed the comm", () => {
  const { model, send, fire } = fakeModel();
  const comm = new KernelComm(model, () => undefined);
  comm.send({ kind: "phase", phase: "joined", unseen: false });

  fire("comm:close");
  comm.send({ kind: "phase", phase: "left", unseen: false });

  expect(send.mock.calls.map(([{ phase }]) => phase)).toEqual(["joined"]);
});

it("listens to nothing once it is closed", () => {
  const { model, listeners } = fakeModel();
  new KernelComm(model, () => undefined).close();
  expect([...listeners.keys()]).toEqual([]);
});
