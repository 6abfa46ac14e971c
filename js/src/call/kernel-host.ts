/** A call that is at home in a notebook's kernel: what the session and the sources need comes over the comm. */
import { signal } from "@preact/signals-core";
import type { AudioSource, VideoSource } from "../media/local";
import { DEFAULT_SIZE, type Size } from "../media/pattern";
import { waysTo } from "../signaling/ways";
import type { CallHost } from "./call-host";
import type { KernelLink } from "./kernel-link";
import type { KernelPresence } from "./kernel-presence";
import type { SourceWishes } from "./local-sources";

/** @param presence - of a kernel that is heard before anything is joined */
export function kernelHost(link: KernelLink, presence: KernelPresence): CallHost {
  const room = String(link.trait("room"));
  return {
    room,
    negotiation: link.trait("negotiation"),
    get owner() {
      return presence.heartbeat!.owner;
    },
    access(admission) {
      const { relay, local, proof, originTokens, token, owner, iceServers } = presence.heartbeat!;
      return {
        relay,
        ways: waysTo({ url: relay, local, proof, originTokens }, room, link),
        auth: { token: admission ?? token, owner },
        iceServers,
      };
    },
    late: "token_used",
    onPhase: (phase) => link.send({ kind: "phase", phase, unseen: false }),
    onError: ({ code, message }) => link.send({ kind: "error", code, message }),
    onMessage: (from, data) => link.sendMessage(from, data),
  };
}

export function kernelWishes(link: KernelLink): SourceWishes {
  return {
    name: signal(String(link.trait("name"))),
    wanted: () => ({
      video: link.trait("video") as VideoSource,
      audio: link.trait("audio") as AudioSource,
      // A model without a kernel behind it may be one of before there was a choice.
      size: (link.trait("resolution") as Size | undefined) ?? DEFAULT_SIZE,
    }),
    onDevices: ({ cameras, microphones }) =>
      link.send({ kind: "devices", cameras: labels(cameras), microphones: labels(microphones) }),
  };
}

function labels(devices: readonly { label: string }[]): string[] {
  return devices.map(({ label }) => label);
}
