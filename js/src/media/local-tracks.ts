/** What this participant sends to everybody. */
export type LocalTracks = {
  audio: MediaStreamTrack | null;
  video: MediaStreamTrack | null;
  screen: MediaStreamTrack | null;
};
