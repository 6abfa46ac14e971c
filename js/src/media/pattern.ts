import { hueOf } from "../protocol/name-hue";

/** A stream made up here, and what ends it. */
export type Synthetic = { stream: MediaStream; stop(): void };

/** Width and height in pixels. */
export type Size = readonly [width: number, height: number];

/** A tile in a notebook is no larger, a mesh encodes it for everybody, and its first frame comes sooner. */
export const DEFAULT_SIZE: Size = [640, 360];

const FPS = 15;
/** Below the bars, for the frame counter. */
const FOOT = 60;

/**
 * A moving test picture with a name, a clock and a frame counter: a camera for machines without one.
 *
 * Its colours follow from the name, so that two of them can be told apart at a glance. The clock makes
 * delay visible, the counter lost frames. Drawn by a timer, because hidden tabs get no animation frames.
 */
export function patternStream(name: string, size: Size): Synthetic {
  const scene = new Scene(size);
  const backdrop = new Scene(size);
  drawBackdrop(backdrop, name);
  let frame = 0;
  const draw = () => {
    scene.context.drawImage(backdrop.canvas, 0, 0, scene.width, scene.height);
    drawMoving(scene, frame++, new Date());
  };
  draw();
  const timer = setInterval(draw, 1000 / FPS);
  const stream = scene.canvas.captureStream(FPS);
  // A clock that stands still shows less than one that is blurred.
  for (const track of stream.getVideoTracks()) track.contentHint = "motion";
  return {
    stream,
    stop() {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

/** A canvas of any size, drawn on in units of which 640 by 360 fit into it, and more in one direction. */
class Scene {
  readonly canvas = document.createElement("canvas");
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
  /** Where the bars end and the ball bounces. */
  readonly floor: number;

  constructor([width, height]: Size) {
    const scale = Math.min(width / DEFAULT_SIZE[0], height / DEFAULT_SIZE[1]);
    this.canvas.width = width;
    this.canvas.height = height;
    this.context = this.canvas.getContext("2d", { alpha: false })!;
    this.context.scale(scale, scale);
    this.width = width / scale;
    this.height = height / scale;
    this.floor = this.height - FOOT;
  }
}

/** Everything that does not move, drawn once. */
function drawBackdrop({ context, width, height, floor }: Scene, name: string): void {
  const hue = hueOf(name);
  const bars = 8;
  for (let bar = 0; bar < bars; bar++) {
    context.fillStyle = `hsl(${hue + bar * 9} 46% ${58 - bar * 4}%)`;
    // To the right edge, for the next one to cover: edges between pixels would show through.
    context.fillRect((bar * width) / bars, 0, width, height);
  }
  context.fillStyle = `hsl(${hue} 30% 13%)`;
  context.fillRect(0, floor, width, FOOT);

  context.font = "600 84px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 10;
  context.strokeStyle = `hsl(${hue} 45% 18% / 55%)`;
  context.fillStyle = "#fff";
  context.strokeText(name, width / 2, floor * 0.31, width - 60);
  context.fillText(name, width / 2, floor * 0.31, width - 60);
}

/** A ball that bounces once a second, and the time and frame number that belong to this very picture. */
function drawMoving({ context, width, height, floor }: Scene, frame: number, now: Date): void {
  const seconds = now.getTime() / 1000;
  const across = Math.abs(((seconds / 4) % 1) * 2 - 1);
  const bounce = Math.abs(Math.sin(Math.PI * seconds));
  context.fillStyle = "#fff";
  context.beginPath();
  context.arc(28 + across * (width - 56), floor - 18 - bounce * 60, 16, 0, 2 * Math.PI);
  context.fill();

  const digits = (value: number, length: number) => String(value).padStart(length, "0");
  const clock = [now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => digits(part, 2)).join(":");
  context.font = "600 46px ui-monospace, monospace";
  context.textBaseline = "middle";
  context.textAlign = "center";
  context.fillText(`${clock}.${digits(now.getMilliseconds(), 3)}`, width / 2, floor * 0.59);
  context.font = "500 34px ui-monospace, monospace";
  context.textAlign = "right";
  context.fillText(`#${frame}`, width - 24, (floor + height) / 2);
}
