import type { NotebookUi } from "./dom";

const FIRST_MS = 2_000;
const EVERY_MS = 10_000;
const WIDTH = 320;
const QUALITY = 0.6;

/** Give the kernel a small picture of the call now and again, where the person wants it kept in the notebook. */
export function keepPicture({ doc, call, scope, root }: NotebookUi): void {
  if (!call.keepsPicture) return;
  const take = () => {
    const videos = [...root.querySelectorAll("video")].filter((video) => video.videoWidth && !video.paused);
    if (call.phase.peek() !== "joined" || !videos.length) return;
    const columns = Math.ceil(Math.sqrt(videos.length));
    const width = WIDTH / columns;
    const height = (width * 9) / 16;
    const canvas = doc.createElement("canvas");
    canvas.width = WIDTH;
    canvas.height = height * Math.ceil(videos.length / columns);
    for (const [index, video] of videos.entries()) {
      const row = Math.floor(index / columns);
      canvas.getContext("2d")?.drawImage(video, (index % columns) * width, row * height, width, height);
    }
    call.sendPicture(canvas.toDataURL("image/jpeg", QUALITY));
  };
  const first = setTimeout(take, FIRST_MS);
  const timer = setInterval(take, EVERY_MS);
  scope.add(() => {
    clearTimeout(first);
    clearInterval(timer);
  });
}
