/** A video track whose frames are decoded in this page, which a tile shows like any other. */

export type FrameTrack = {
  readonly track: MediaStreamTrack;
  /** Takes a frame, and closes it. */
  show(frame: VideoFrame): void;
};

/** Chromium's way; TypeScript does not know it yet. */
type Generator = MediaStreamTrack & { writable: WritableStream<VideoFrame> };
type GeneratorMaker = new (init: { kind: "video" }) => Generator;

export function createFrameTrack(): FrameTrack {
  const Maker = (globalThis as { MediaStreamTrackGenerator?: GeneratorMaker }).MediaStreamTrackGenerator;
  return Maker ? generated(new Maker({ kind: "video" })) : drawn();
}

function generated(track: Generator): FrameTrack {
  const writer = track.writable.getWriter();
  // A track that was stopped takes none, and leaves closing it to us.
  return { track, show: (frame) => void writer.write(frame).catch(() => frame.close()) };
}

/**
 * Where there is no generator: a canvas that nobody sees. (Where there is one, it would cost Chromium a copy of each frame, and,
 * without a GPU, half a gigabyte of them that it keeps in case they are drawn again.)
 */
function drawn(): FrameTrack {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d")!;
  return {
    track: canvas.captureStream().getVideoTracks()[0]!,
    show: (frame) => {
      const { displayWidth: width, displayHeight: height } = frame;
      if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
      context.drawImage(frame, 0, 0);
      frame.close();
    },
  };
}
