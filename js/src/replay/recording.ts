/** A recording, sorted so that it can be asked what holds at a time. */
import { type Clip, MACHINES, type Person, type RecordingData, type Span } from "../protocol/replay";
import { Track, Tracks } from "./timeline";

/** The same in a replay, where it may be there a moment `early`, in its own time: its first picture stands for it. */
export type Placed = Clip & { early: number };

export type Media = { audio: boolean; video: boolean; screen: boolean };
export type ReceivedStats = { fps: number | null; bitrate: number | null; rtt: number | null };

/**
 * Nobody's media begin in the very moment in which somebody comes or a recording is begun, recordings end where the last
 * of their media ends, and files break off a picture earlier or later. So much that may be, in seconds.
 */
const EDGE = 0.5;

/** A clip that begins when its person comes is there from that moment; one that goes on to the end, to the very end. */
function toTheEdges(clip: Clip, people: readonly Person[], end: number): Placed {
  const last = end - clip.begins;
  const ends = clip.seconds > last - EDGE;
  const came = people.find(({ id }) => id === clip.person)?.here.map(([from]) => from - clip.begins);
  const early = came?.find((from) => from <= 0 && from > -EDGE) ?? 0;
  const stay = ([from, to]: Span): Span => [
    from < early + EDGE ? Math.min(early, from) : from,
    ends && (to === null || to > last - EDGE) ? null : to,
  ];
  return {
    ...clip,
    early,
    seconds: ends ? last : clip.seconds,
    shown: clip.shown.map(stay),
    heard: clip.heard.map(stay),
  };
}

export class Recording {
  readonly media = new Tracks<Media>();
  readonly away = new Tracks<boolean>();
  readonly states = new Tracks<string>();
  /** By who is received, then by who receives. */
  readonly stats = new Map<string, Map<string, Track<ReceivedStats>>>();
  /** Who reports states of a connection to whom. */
  readonly sides: [who: string, peer: string][] = [];

  readonly clips: readonly Placed[];

  constructor(readonly data: RecordingData) {
    this.clips = data.clips.map((clip) => toTheEdges(clip, data.people, data.seconds));
    for (const [time, who, audio, video, screen] of data.media)
      this.media.of(who).add(time, { audio, video, screen });
    for (const [time, who, away] of data.away) this.away.of(who).add(time, away);
    const was = (id: string) => data.people.find((person) => person.id === id)?.here[0]?.[0] === 0;
    const sides = new Map<string, [string, string]>();
    for (const [time, who, peer, machine, value] of data.states) {
      const track = this.states.of(who, peer, MACHINES[machine]!);
      // What holds as a recording is begun in the middle of a call is reported a moment later.
      const held = track.at(time) === undefined && time < EDGE && was(who) && was(peer);
      track.add(held ? Number.NEGATIVE_INFINITY : time, value);
      sides.set(`${who}\n${peer}`, [who, peer]);
    }
    this.sides.push(...sides.values());
    for (const [time, who, peer, fps, bitrate, rtt] of data.stats) {
      const receivers = this.stats.get(peer) ?? new Map<string, Track<ReceivedStats>>();
      const track = receivers.get(who) ?? new Track<ReceivedStats>();
      track.add(time, { fps, bitrate, rtt });
      this.stats.set(peer, receivers.set(who, track));
    }
  }

  nameOf(id: string): string {
    return this.data.people.find((person) => person.id === id)?.name ?? id;
  }
}
