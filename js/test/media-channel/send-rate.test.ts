import { describe, expect, it } from "vitest";
import { SendRate, scaleFor } from "../../src/media-channel/send-rate";

const FPS = 15;

/** Carries so many bits per second, one message after the other, and answers after a delay. */
function run(rate: SendRate, bits: number, seconds: number, delay = 40): number {
  const answers: [number, number][] = [];
  let freeAt = 0;
  let longest = 0;
  let number = 0;
  for (let now = 0; now < seconds * 1_000; now += 10) {
    while (answers[0] && answers[0][0] <= now) rate.acknowledged(answers.shift()![1], now);
    if (now % 70 !== 0 || !rate.maySend(now)) continue;
    number += 1;
    const size = rate.bitrate / FPS / 8;
    rate.sent(number, size, now);
    freeAt = Math.max(now, freeAt) + (size * 8_000) / bits;
    // At first it does not know the path.
    if (now > 5_000) longest = Math.max(longest, freeAt - now);
    answers.push([freeAt + delay, number]);
  }
  return longest;
}

describe("what may be sent", () => {
  it("is more on a path that carries everything, until it is enough", () => {
    const rate = new SendRate(600_000, 60_000, 1_500_000);
    run(rate, 20_000_000, 20);

    expect(rate.bitrate).toBe(1_500_000);
  });

  it("is what a narrow path carries, and nothing waits there for long", () => {
    const rate = new SendRate(600_000, 60_000, 1_500_000);

    expect(run(rate, 200_000, 30)).toBeLessThan(600);
    expect(rate.bitrate).toBeLessThan(260_000);
  });

  it("is nothing more where nothing is acknowledged", () => {
    const rate = new SendRate(600_000, 60_000, 1_500_000);
    run(rate, 0.001, 10);

    expect(rate.maySend(20_000)).toBe(false);
  });

  it("is a smaller picture where the rate is too low for it", () => {
    const scales = [600_000, 70_000, 30_000, 10_000].map((bits) => scaleFor(640, 360, bits));

    expect(scales).toEqual([1, 0.75, 0.5, 1 / 3]);
  });
});
