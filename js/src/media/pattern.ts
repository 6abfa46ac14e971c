/** A stream made up here, and what ends it. */
export type Synthetic = { stream: MediaStream; stop(): void };

const WIDTH = 640;
const HEIGHT = 360;
const FPS = 15;
const FLOOR = 292;

/**
 * A moving test picture with a name, a clock and a frame counter: a camera for machines without one.
 *
 * Its colours follow from the name, so that two of them can be told apart at a glance. The clock makes
 * delay visible, the counter lost frames. Drawn by a timer, because hidden tabs get no animation frames.
 */
export function patternStream(name: string): Synthetic {
  const canvas = createCanvas();
  const context = canvas.getContext("2d", { alpha: false, desynchronized: true })!;
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
  let hue = 0;
  for (const character of name) hue = (hue * 31 + (character.codePointAt(0) ?? 0)) % 360;

  const bars = 8;
  for (let bar = 0; bar < bars; bar++) {
    context.fillStyle = `hsl(${hue + bar * 14} 48% ${62 - bar * 5}%)`;
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
  context.strokeText(name, WIDTH / 2, 118, WIDTH - 60);
  context.fillText(name, WIDTH / 2, 118, WIDTH - 60);
  return canvas;
}

/** A ball that bounces once a second, and the time and frame number that belong to this very picture. */
function drawMoving(context: CanvasRenderingContext2D, frame: number, now: Date): void {
  const seconds = now.getTime() / 1000;
  const across = Math.abs(((seconds / 4) % 1) * 2 - 1);
  const bounce = Math.abs(Math.sin(Math.PI * seconds));
  context.fillStyle = "#fff";
  context.beginPath();
  context.arc(28 + across * (WIDTH - 56), FLOOR - 20 - bounce * 72, 20, 0, 2 * Math.PI);
  context.fill();

  const two = (value: number) => String(value).padStart(2, "0");
  const clock = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}`;
  context.font = "500 34px ui-monospace, monospace";
  context.textBaseline = "middle";
  context.textAlign = "left";
  context.fillText(`${clock}.${String(now.getMilliseconds()).padStart(3, "0")}`, 24, (FLOOR + HEIGHT) / 2);
  context.textAlign = "right";
  context.fillText(`#${frame}`, WIDTH - 24, (FLOOR + HEIGHT) / 2);
}
