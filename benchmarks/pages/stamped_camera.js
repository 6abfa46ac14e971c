// Gives a page a camera whose pictures carry the time of their making, and reads that from any video that shows them.
const BITS = 16;
const CELL = 32;

function drawTime(context, width, height) {
  const time = Math.round(performance.now()) & 0xffff;
  const parity = [0, 1, 2, 3].map((index) => {
    let sum = 0;
    for (let bit = index; bit < BITS; bit += 4) sum ^= (time >> bit) & 1;
    return sum;
  });
  const cells = [...Array(BITS).keys()].map((bit) => (time >> bit) & 1).concat(parity);
  context.fillStyle = `hsl(${(time / 20) % 360} 60% 50%)`;
  context.fillRect(0, 0, width, height);
  cells.forEach((on, index) => {
    context.fillStyle = on ? "white" : "black";
    context.fillRect(index * CELL, 0, CELL, 2 * CELL);
  });
}

navigator.mediaDevices.getUserMedia = async () => {
  const canvas = document.createElement("canvas");
  canvas.width = 640;
  canvas.height = 360;
  const context = canvas.getContext("2d");
  drawTime(context, 640, 360);
  setInterval(() => drawTime(context, 640, 360), 1_000 / 15);
  return new MediaStream(canvas.captureStream().getVideoTracks());
};

// Milliseconds from the making of each picture to its being shown by `video`, for some seconds.
globalThis.measureAges = (video, seconds) =>
  new Promise((resolve) => {
    const canvas = new OffscreenCanvas(640, 4);
    const context = canvas.getContext("2d", { willReadFrequently: true });
    const ages = [];
    const until = performance.now() + seconds * 1_000;
    const look = () => {
      const scale = video.videoWidth / 640;
      context.drawImage(video, 0, CELL * scale - 2, video.videoWidth, 4, 0, 0, 640, 4);
      const row = context.getImageData(0, 2, 640, 1).data;
      const bits = [...Array(BITS + 4).keys()].map((index) => Number(row[(index * CELL + CELL / 2) * 4] > 127));
      let time = 0;
      for (let bit = 0; bit < BITS; bit += 1) time |= bits[bit] << bit;
      const good = [0, 1, 2, 3].every((index) => {
        let sum = bits[BITS + index];
        for (let bit = index; bit < BITS; bit += 4) sum ^= bits[bit];
        return sum === 0;
      });
      if (good) ages.push(((Math.round(performance.now()) & 0xffff) - time + 0x10000) % 0x10000);
      if (performance.now() < until) video.requestVideoFrameCallback(look);
      else resolve(ages);
    };
    video.requestVideoFrameCallback(look);
  });
