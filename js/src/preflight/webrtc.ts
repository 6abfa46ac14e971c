/** Does WebRTC work in this browser at all: a pair of connections in the page, and the codecs. */
import { listed, type Result, within } from "./finding";

const PAIR_MS = 5_000;

export async function pair(signal: AbortSignal): Promise<Result> {
  if (typeof RTCPeerConnection === "undefined") {
    return [
      "problem",
      "This browser has no WebRTC, or a setting or an extension has switched it off.",
      "Switch it on (Firefox: media.peerconnection.enabled), or use another browser.",
    ];
  }
  const began = performance.now();
  const [a, b] = [new RTCPeerConnection(), new RTCPeerConnection()];
  try {
    // A refused candidate shows as a pair that does not connect.
    a.onicecandidate = ({ candidate }) => b.addIceCandidate(candidate ?? undefined).catch(() => {});
    b.onicecandidate = ({ candidate }) => a.addIceCandidate(candidate ?? undefined).catch(() => {});
    const channel = a.createDataChannel("preflight");
    const open = new Promise<boolean>((resolve) => channel.addEventListener("open", () => resolve(true)));
    await a.setLocalDescription();
    await b.setRemoteDescription(a.localDescription as RTCSessionDescription);
    await b.setLocalDescription();
    await a.setRemoteDescription(b.localDescription as RTCSessionDescription);
    if (await within(open, PAIR_MS, false, signal)) {
      return ["good", `Two connections in this page met in ${Math.round(performance.now() - began)} ms.`];
    }
  } catch {
    // The same advice: what is in the way shows in many errors.
  } finally {
    a.close();
    b.close();
  }
  return [
    "problem",
    "Two connections in this very page could not meet: something blocks WebRTC or UDP.",
    "Switch off extensions that hide addresses, VPN and firewall one by one, and check again.",
  ];
}

const VIDEO = ["VP8", "H264", "VP9", "AV1"];
/** What aiortc speaks. */
const SHARED = ["VP8", "H264", "opus"];

export function codecs(): Result {
  if (typeof RTCRtpSender === "undefined" || !RTCRtpSender.getCapabilities) {
    return ["not checked", "This browser does not list its codecs."];
  }
  const both = (kind: "audio" | "video") => {
    const names = [RTCRtpSender, RTCRtpReceiver].map(
      (side) =>
        new Set(
          (side.getCapabilities(kind)?.codecs ?? []).map(({ mimeType }) => mimeType.split("/")[1] ?? ""),
        ),
    );
    return [...(names[0] ?? [])].filter((name) => names[1]?.has(name));
  };
  const video = both("video");
  const known = [
    ...VIDEO.filter((name) => video.includes(name)),
    ...both("audio").filter((name) => name === "opus"),
  ];
  const shared = SHARED.filter((name) => known.includes(name));
  const text = `Sends and receives ${listed(known) || "none of the usual codecs"}; Python peers share ${listed(shared) || "none"}.`;
  const [picture, sound] = [shared.some((name) => name !== "opus"), shared.includes("opus")];
  if (picture && sound) return ["good", text];
  return ["problem", text, `Use another browser: this one lacks ${picture ? "opus" : "VP8 and H264"}.`];
}
