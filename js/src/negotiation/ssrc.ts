/**
 * What Chromium 156 needs to show streams again after it has taken back an own offer in a call.
 *
 * With that offer it takes back the way to the tracks too: what comes is decoded and not shown, until a stream's SSRC
 * (RFC 5576) is another one; also what is sent again later on an m-line on which nothing was sent at that moment.
 */

const SSRC = /^a=ssrc.*\r\n/gm;
const SENDS_NOTHING = /^a=(?:recvonly|inactive)\r$/m;

/**
 * A description without SSRCs, to be applied right before it is applied as it is.
 *
 * @param current - the remote description in force: leave alone the m-lines on which it sends already
 */
export function withoutSsrcs(sdp: string, current?: string): string {
  const before = current === undefined ? [] : sections(current);
  return sections(sdp)
    .map((section, i) => {
      const earlier = before[i];
      const goesOn = earlier !== undefined && !SENDS_NOTHING.test(earlier);
      return goesOn || SENDS_NOTHING.test(section) ? section : section.replace(SSRC, "");
    })
    .join("");
}

function sections(sdp: string): string[] {
  return sdp.split(/^(?=m=)/m);
}
