/** Another way for media and messages than ICE: what a remote peer uses in place of its connection while there is one. */
import type { ReadonlySignal } from "@preact/signals-core";
import type { LocalTracks } from "../media/local-tracks";
import type { ConnectionStats } from "./types";

export type MediaPath = {
  readonly stream: ReadonlySignal<MediaStream | null>;
  setTracks(tracks: LocalTracks): void;
  sendMessage(data: string | ArrayBuffer): void;
  /** Stats since the last call. */
  measure(): ConnectionStats;
  close(): void;
};

/** What is reported in place of a candidate pair. */
export const NOTEBOOK_PAIR = { local: "notebook", remote: "notebook", protocol: "notebook" } as const;
