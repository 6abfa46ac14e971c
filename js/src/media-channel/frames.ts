/** The frames of a video track, one at a time and the newest, as often as they are asked for. */

/** Chromium's way, which goes on in a hidden tab; TypeScript does not know it yet. */
type Processor = { readable: ReadableStream<VideoFrame> };
type ProcessorMaker = new (init: { track: MediaStreamTrack; maxBufferSize?: number }) => Processor;

/**
 * Hand on a track's frames until it is stopped.
 *
 * @param take - takes each frame, and closes it
 * @returns stops it
 */
export function followFrames(track: MediaStreamTrack, take: (frame: VideoFrame) => void): () => void {
  const Maker = (globalThis as { MediaStreamTrackProcessor?: ProcessorMaker }).MediaStreamTrackProcessor;
  return Maker ? process(new Maker({ track, maxBufferSize: 1 }), take) : watch(track, take);
}

function process({ readable }: Processor, take: (frame: VideoFrame) => void): () => void {
  const reader = readable.getReader();
  const read = async () => {
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return;
      take(value);
    }
  };
  // The track has ended.
  read().catch(() => undefined);
  return () => void reader.cancel().catch(() => undefined);
}

/** Where there is no processor: a video element that nobody sees. */
function watch(track: MediaStreamTrack, take: (frame: VideoFrame) => void): () => void {
  const video = document.createElement("video");
  video.muted = true;
  video.playsInline = true;
  video.srcObject = new MediaStream([track]);
  void video.play().catch(() => undefined);
  let id = 0;
  const next = () => {
    id = video.requestVideoFrameCallback((now) => {
      take(new VideoFrame(video, { timestamp: Math.round(now * 1_000) }));
      next();
    });
  };
  next();
  return () => {
    video.cancelVideoFrameCallback(id);
    video.srcObject = null;
  };
}
