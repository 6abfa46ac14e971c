/**
 * Whether the other side has begun anew: an aiortc peer makes a new connection where a browser would restart ICE, and
 * many a tutorial's client makes one at every offer. What tells is the certificate, of which every connection has its
 * own (RFC 8122, section 5); an ICE restart keeps it.
 */

const FINGERPRINT = /^a=fingerprint:.+$/gim;

/** Whether `offer` was made by another connection than `before`, the last description that was heard. */
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
