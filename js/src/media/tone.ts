import type { Synthetic } from "./pattern";

const PITCH_HZ = 440;
const PULSE_HZ = 0.5;
const LOUDNESS = 0.03;

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
  const pulse = context.createOscillator();
  pulse.frequency.value = PULSE_HZ;
  pulse.connect(depth);
  const ended = new AbortController();
  const resume = () => {
    // Refused until a click counts as one; the next click tries again.
    context.resume().then(
      () => {
        if (ended.signal.aborted) return;
        ended.abort();
        const { contextTime, performanceTime } = context.getOutputTimestamp();
        // A context that has only just begun does not know yet.
        if (contextTime && performanceTime) pulse.start(contextTime + untilPulse(performanceTime));
        else pulse.start(context.currentTime + untilPulse(performance.now()));
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
      for (const track of out.stream.getTracks()) track.stop();
      if (context.state !== "closed") void context.close();
    },
  };
}

/** Seconds from a moment, in ms since the page began, to the clock's second next even second, which is surely to come. */
function untilPulse(moment: number): number {
  const period = 1 / PULSE_HZ;
  return 2 * period - (((performance.timeOrigin + moment) / 1000) % period);
}
