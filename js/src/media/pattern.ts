/** A stream made up here, and what ends it. */
export type Synthetic = { stream: MediaStream; stop(): void };

const WIDTH = 640;
const HEIGHT = 360;
const FPS = 15;
/** Where the bars end and the ball bounces. */
const FLOOR = 300;

/**
 * A moving test picture with a name, a clock and a frame counter: a camera for machines without one.
 *
 * Its colours follow from the name, so that two of them can be told apart at a glance. The clock makes
 * delay visible, the counter lost frames. Drawn by a timer, because hidden tabs get no animation frames.
 */
export function patternStream(name: string): Synthetic {
  const canvas = createCanvas();
  const context = canvas.getContext("2d", { alpha: false })!;
  const backdrop = drawBackdrop(name);
  let frame = 0;
  const draw = () => {
    context.drawImage(backdrop, 0, 0);
    drawMoving(context, frame++, new Date());
  };
  draw();
  const timer = setInterval(draw, 1000 / FPS);
  const stream = canvas.captureStream(FPS);
  return {
    stream,
    stop() {
      clearInterval(timer);
      for (const track of stream.getTracks()) track.stop();
    },
  };
}

/** A hue for a name, the same in every tab: FNV-1a with a last mix, so that similar names differ. */
export function hueOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of name) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 15), 0x2c1b3c6d);
  return ((hash ^ (hash >>> 13)) >>> 0) % 360;
}

function createCanvas(): HTMLCanvasElement {
  const canvas = document.createElement("canvas");
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  return canvas;
}

/** Everything that does not move, drawn once. */
function drawBackdrop(name: string): HTMLCanvasElement {
  const canvas = createCanvas();
  const context = canvas.getContext("2d", { alpha: false })!;
  const hue = hueOf(name);
  const bars = 8;
  for (let bar = 0; bar < bars; bar++) {
    context.fillStyle = `hsl(${hue + bar * 9} 46% ${58 - bar * 4}%)`;
    context.fillRect((bar * WIDTH) / bars, 0, WIDTH / bars, FLOOR);
  }
  context.fillStyle = `hsl(${hue} 30% 13%)`;
  context.fillRect(0, FLOOR, WIDTH, HEIGHT - FLOOR);

  context.font = "600 84px system-ui, sans-serif";
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.lineJoin = "round";
  context.lineWidth = 10;
  context.strokeStyle = `hsl(${hue} 45% 18% / 55%)`;
  context.fillStyle = "#fff";
  context.strokeText(name, WIDTH / 2, 92, WIDTH - 60);
  context.fillText(name, WIDTH / 2, 92, WIDTH - 60);
  return canvas;
}

/** A ball that bounces once a second, and the time and frame number that belong to this very picture. */
function drawMoving(context: CanvasRenderingContext2D, frame: number, now: Date): void {
  const seconds = now.getTime() / 1000;
  const across = Math.abs(((seconds / 4) % 1) * 2 - 1);
  const bounce = Math.abs(Math.sin(Math.PI * seconds));
  context.fillStyle = "#fff";
  context.beginPath();
  context.arc(28 + across * (WIDTH - 56), FLOOR - 18 - bounce * 60, 16, 0, 2 * Math.PI);
  context.fill();

  const digits = (value: number, length: number) => String(value).padStart(length, "0");
  const clock = [now.getHours(), now.getMinutes(), now.getSeconds()].map((part) => digits(part, 2)).join(":");
  context.font = "600 46px ui-monospace, monospace";
  context.textBaseline = "middle";
  context.textAlign = "center";
  context.fillText(`${clock}.${digits(now.getMilliseconds(), 3)}`, WIDTH / 2, 176);
  context.font = "500 34px ui-monospace, monospace";
  context.textAlign = "right";
  context.fillText(`#${frame}`, WIDTH - 24, (FLOOR + HEIGHT) / 2);
}
