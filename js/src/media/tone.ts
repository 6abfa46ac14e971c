import type { Synthetic } from "./pattern";

const PITCH_HZ = 440;
const LOUDNESS = 0.03;
/** Of the swelling, in seconds. */
const PERIOD = 2;
/** So far from the clock the swelling may be, in seconds, and it is looked at so often. */
const NEAR = 0.005;
const ALIGN_MS = 500;

/**
 * A quiet tone that swells and fades: a microphone for machines without one.
 *
 * It is loudest half a second after every even second of the clock that the test picture shows, so that the two can be
 * held against each other.
 *
 * Browsers keep Web Audio silent until the page was clicked; until then the stream carries silence.
 */
export function toneStream(): Synthetic {
  const context = new AudioContext();
  const out = context.createMediaStreamDestination();
  const loudness = context.createGain();
  loudness.gain.value = LOUDNESS;
  loudness.connect(out);

  const tone = context.createOscillator();
  tone.frequency.value = PITCH_HZ;
  tone.connect(loudness);
  tone.start();

  // Added to the gain, a slow sine takes it from 0 to twice the loudness and back.
  const depth = context.createGain();
  depth.gain.value = LOUDNESS;
  depth.connect(loudness.gain);
  let pulse: OscillatorNode | null = null;
  // When, in the context's time, an even second was.
  let even = 0;
  const align = () => {
    const { contextTime, performanceTime } = context.getOutputTimestamp();
    // A context that has only just begun does not know yet; it is asked again.
    if (!contextTime || !performanceTime) return;
    const next = contextTime + untilPulse(performanceTime);
    const off = (next - even) % PERIOD;
    if (pulse && Math.min(off, PERIOD - off) < NEAR) return;
    // Where a sine is 0 it can end and begin without a click.
    pulse?.stop(next - off);
    pulse = context.createOscillator();
    pulse.frequency.value = 1 / PERIOD;
    pulse.connect(depth);
    pulse.start(next);
    even = next;
  };
  // A machine that is busy stops the context for a moment, and its time with it.
  let aligning = 0;
  const ended = new AbortController();
  const resume = () => {
    // Refused until a click counts as one; the next click tries again.
    context.resume().then(
      () => {
        if (ended.signal.aborted) return;
        ended.abort();
        align();
        aligning = setInterval(align, ALIGN_MS);
      },
      () => {},
    );
  };
  for (const gesture of ["pointerdown", "keydown"]) {
    addEventListener(gesture, resume, { capture: true, signal: ended.signal });
  }
  resume();

  return {
    stream: out.stream,
    stop() {
      ended.abort();
      clearInterval(aligning);
      for (const track of out.stream.getTracks()) track.stop();
      if (context.state !== "closed") void context.close();
    },
  };
}

/** Seconds from a moment, in ms since the page began, to the clock's second next even second, which is surely to come. */
function untilPulse(moment: number): number {
  return 2 * PERIOD - (((performance.timeOrigin + moment) / 1000) % PERIOD);
}
