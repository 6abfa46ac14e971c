/** Offers that are no new ones, and offers that a connection cannot answer, so that a new one has to. */

const CANDIDATES = /^(?:a=(?:candidate|rtcp):|a=end-of-candidates|c=).*$/gm;
const PORT = /^(m=\w+) \d+/gm;

/** Whether an offer is one that came before, sent again: by then it may have candidates, and the address of one of them. */
export function isCopy(
  before: RTCSessionDescriptionInit | null,
  { sdp = "" }: RTCSessionDescriptionInit,
): boolean {
  return before !== null && withoutCandidates(before.sdp ?? "") === withoutCandidates(sdp);
}

function withoutCandidates(sdp: string): string {
  return sdp
    .replace(CANDIDATES, "")
    .replace(PORT, "$1")
    .split(/[\r\n]+/)
    .join("\n");
}

const FINGERPRINT = /^a=fingerprint:.+$/gim;

/**
 * Whether `offer` was made by another connection than `before`, the last description that was received.
 *
 * An aiortc peer makes a new connection where a browser would restart ICE, and many a tutorial's client makes one at
 * every offer. What tells is the certificate, of which every connection has its own (RFC 8122, section 5); an ICE restart
 * keeps it.
 */
export function isRenewed(
  before: RTCSessionDescriptionInit | null,
  offer: RTCSessionDescriptionInit,
): boolean {
  const [known, shown] = [fingerprints(before), fingerprints(offer)];
  // One of several is enough: which hashes are named is the sender's choice each time.
  return known.length > 0 && shown.length > 0 && !shown.some((fingerprint) => known.includes(fingerprint));
}

function fingerprints(description: RTCSessionDescriptionInit | null): string[] {
  // Hashes may be written in either case.
  return description?.sdp?.toUpperCase().match(FINGERPRINT) ?? [];
}

/**
 * Whether a first offer of ours, which may still be in the making, cannot be rolled back for `offer`, because of what
 * Chromium 156 keeps of one that it takes back. When they have the data channel's m-line at different places, or one has
 * none, that is its place: then it cannot answer, or offers for ever. When we send something that the other side has no
 * m-line for, as a shared screen, it is the numbers of that m-line's header extensions: where the other side has numbered
 * its own otherwise, as aiortc does, no offer can be made ever after ("codec collision for header extension").
 */
export function isDisplacedBy(pc: RTCPeerConnection, offer: RTCSessionDescriptionInit): boolean {
  // Nothing was added to the connection yet, so there is nothing to take back.
  const transceivers = pc.getTransceivers();
  if (transceivers.length === 0) return false;
  if (transceivers.some(({ direction }) => direction === "sendonly")) return true;
  return channelLine(pc.localDescription) !== channelLine(offer);
}

/** Which m-line is the data channel's: -1 for none, undefined where there is no description. */
function channelLine(description: RTCSessionDescriptionInit | null): number | undefined {
  return description?.sdp?.split(/^m=/m).findIndex((section) => section.startsWith("application"));
}
