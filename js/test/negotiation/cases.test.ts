/** The cases that the negotiators of both languages share; `rtc_widget/peer/process/negotiation.py` reads them too. */
import { describe, expect, it } from "vitest";
import { perfect, type Side } from "../support/negotiation-side";
import cases from "./cases.json";

type Event = {
  need?: boolean;
  resend?: boolean;
  close?: boolean;
  receive?: string;
  id?: string;
  ufrag?: string;
};

async function happen(side: Side, event: Event): Promise<void> {
  const { receive, id = "", ufrag } = event;
  if (event.need) await side.need();
  if (event.resend) side.negotiator.resend();
  if (event.close) side.negotiator.close();
  if (receive === "offer" || receive === "answer") await side.receiveDescription(receive, id, ufrag);
  if (receive === "candidate") await side.receiveCandidate(id, ufrag);
  if (receive === "end of candidates") await side.receive("ice_candidate", { candidate: null }, id);
}

describe("perfect negotiation, in the cases that Python has too", () => {
  const rows = cases.flatMap((each) => {
    const polite = "polite" in each ? [each.polite as boolean] : [true, false];
    return polite.map((side) => ({ ...each, polite: side }));
  });

  it.each(rows)("$name (polite: $polite)", async ({ polite, events, sent, steps }) => {
    const side = perfect(polite);
    for (const event of events) await happen(side, event);
    expect(side.steps).toEqual(steps);
    expect(side.events).toEqual(sent);
  });
});
