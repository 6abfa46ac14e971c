/** One side of a negotiation: a negotiator with a real `PeerSignaling`, and fakes around both. */
import { vi } from "vitest";
import type { QueuedCandidate } from "../../src/negotiation/candidate";
import { NaiveNegotiation } from "../../src/negotiation/naive";
import type { NegotiationOptions, Negotiator } from "../../src/negotiation/negotiator";
import { PerfectNegotiation } from "../../src/negotiation/perfect";
import type { Step } from "../../src/protocol/negotiation-events";
import type { ServerEvent } from "../../src/protocol/signaling";
import { NegotiationClock } from "../../src/signaling/negotiation-clock";
import { PeerSignaling } from "../../src/signaling/peer-signaling";
import { FakePeerConnection } from "./fake-peer-connection";

type Make = (pc: RTCPeerConnection, signaling: PeerSignaling, options: NegotiationOptions) => Negotiator;

export class Side {
  readonly pc = new FakePeerConnection();
  /** What was reported, but for how long it took. */
  readonly steps: Omit<Step, "duration">[] = [];
  readonly durations: Partial<Record<Step["step"], number>> = {};
  readonly began: Partial<Record<Step["step"], number>> = {};
  /** What was sent to the other side: event and content. */
  readonly sent: [event: string, content: Record<string, unknown>][] = [];
  readonly signaling = new PeerSignaling({
    clock: new NegotiationClock(),
    room: "demo",
    peer: "other",
    session: "now",
    endOfCandidates: true,
    connection: {
      request: async <T>(event: string, payload: object) => {
        this.sent.push([event, payload as Record<string, unknown>]);
        return {} as T;
      },
    },
    reporter: { add: () => undefined, flush: () => undefined },
  });
  readonly negotiator: Negotiator;

  constructor(make: Make, polite = true) {
    this.negotiator = make(this.pc.asReal(), this.signaling, {
      polite,
      onStep: (reported, at) => {
        if (at !== undefined) this.began[reported.step] = at;
        const { duration, ...step } = { duration: undefined, ...reported };
        if (duration !== undefined) this.durations[step.step] = duration;
        this.steps.push(step);
      },
    });
  }

  get events(): string[] {
    return this.sent.map(([event]) => event);
  }

  get stepNames(): string[] {
    return this.steps.map(({ step }) => step);
  }

  async need(): Promise<void> {
    this.pc.dispatchEvent(new Event("negotiationneeded"));
    await settle();
  }

  async receive(event: ServerEvent, content: object, id: string): Promise<void> {
    this.signaling.receive(event, { ...content, id }, 0);
    await settle();
  }

  async receiveDescription(type: "offer" | "answer", id: string, ufrag = "u"): Promise<void> {
    await this.receive(type, { [type]: { type, sdp: `v=0\r\na=ice-ufrag:${ufrag}\r\n` } }, id);
  }

  async receiveCandidate(id: string, ufrag = "u", candidate = "one"): Promise<void> {
    await this.receive("ice_candidate", { candidate: { candidate, usernameFragment: ufrag } }, id);
  }
}

export const perfect = (polite: boolean) =>
  new Side((pc, signaling, options) => new PerfectNegotiation(pc, signaling, options), polite);

export const naive = (queue: QueuedCandidate[] = []) =>
  new Side((pc, signaling, options) => new NaiveNegotiation(pc, signaling, options, queue));

/** Let everything happen that needs no time. */
export async function settle(): Promise<void> {
  if (vi.isFakeTimers()) await vi.advanceTimersByTimeAsync(0);
  else await new Promise((resolve) => setTimeout(resolve));
}
