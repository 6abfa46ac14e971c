/** Who may join by itself: the reload of a page that was in the call, and the tab that the kernel has invited. */
import type { Heartbeat } from "../protocol/comm";
import { type Memory, recall } from "./reload-memory";

/** What to join with. */
export type Ticket = {
  token: string;
  /** It is certain that this tab is meant; if not, nothing opens before the relay has admitted it. */
  certain: boolean;
  /** What the page before its reload has left. */
  memory?: Memory;
};

export class Admission {
  readonly #session: string | null;
  readonly #clientId: string;
  /** The invitation that was tried, so that it is not tried again at every heartbeat. */
  #tried: string | null = null;

  /**
   * @param session - this tab's Jupyter client id; null on hosts that do not show it
   * @param clientId - this tab, as its messages name it
   */
  constructor(session: string | null, clientId: string) {
    this.#session = session;
    this.#clientId = clientId;
  }

  /** What a heartbeat lets this tab join with; null where the person has to ask for it. */
  consider({ owner, token, invitation, originTokens }: Heartbeat, isShown: boolean): Ticket | null {
    const memory = isShown ? recall(owner) : null;
    if (memory) return { token, certain: true, memory };
    if (!invitation || invitation.key === this.#tried) return null;
    if (!isShown && !invitation.now) return null;
    const { session, client } = invitation;
    if (session && this.#session && session !== this.#session) return null;
    if (client && client !== this.#clientId) return null;
    const certain = client !== null || (session !== null && session === this.#session);
    // On hosts other than Jupyter's the relay knows this page by its kernel, which answers its hello with another heartbeat.
    const { origin } = location;
    if (!certain && originTokens && !(origin in originTokens) && origin !== "null") return null;
    this.#tried = invitation.key;
    return { token: invitation.token, certain };
  }
}
