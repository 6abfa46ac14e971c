"""One file of a participant's segments: what was encoded is copied, only its times change."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any, Final, cast

import av
from av.container import Flags

from ...media.open_media import open_media
from ..contents import Span
from .recode import ENCODERS, Pictures, Sound
from .segments import Probed, Segment, packets, probe
from .silence import OPUS, Continuous, aac

_CLOCK: Final = Fraction(1, 1_000_000)
_WEBM_VIDEO: Final = ("vp8", "vp9")
# A camera that is replaced within this time was not off.
_TOUCHING: Final = 0.5
# Segments that overlap more than this were written by a clock that was set.
_OVERLAP: Final = 1.0
_PACKET_SECONDS: Final = {"video": 1 / 30, "audio": 0.02}


@dataclass(frozen=True, slots=True)
class Joined:
    """The file that was made, with what `Medium` says of it."""

    path: Path
    mime: str
    begins: float
    seconds: float
    video: str | None
    width: int
    height: int
    audio: str | None
    shown: tuple[Span, ...]
    heard: tuple[Span, ...]


def join(
    segments: Sequence[Segment], stem: Path, problems: list[str], until: float = math.inf
) -> Joined | None:
    """Make one file of segments.

    Parameters
    ----------
    segments : sequence of Segment
        Of one participant and track, in their order.
    stem : Path
        Where to, without a suffix.
    problems : list of str
        What had to be left out is added.
    until : float
        Seconds since the recording began: nothing is later.

    Returns
    -------
    Joined or None
        None where there is neither picture nor sound.
    """
    good = []
    for segment in segments:
        probed = probe(segment)
        if probed is None and segment.path.is_file() and not segment.path.stat().st_size:
            continue  # it ended before there was anything
        if probed is None:
            problems.append(f"{segment.path.name} holds neither pictures nor sound that can be read.")
        else:
            good.append(probed)
    if not good:
        return None
    form = _form_of(good)
    path = stem.with_name(stem.name + form.suffix)
    joining = _Joining(form, good, problems, until)
    joining.run(path)
    if joining.end <= 0:
        path.unlink()
        problems.append(f"{stem.name}: nothing in its {len(good)} segments can be read.")
        return None
    # What a head announces need not come.
    videos = [each.video for each in good if each.video and joining.shown]
    return Joined(
        path=path,
        mime=form.mime,
        begins=good[0].segment.begins,
        seconds=joining.end,
        video=form.video if joining.shown else None,
        width=max((video.width for video in videos), default=0),
        height=max((video.height for video in videos), default=0),
        audio=form.audio if joining.heard else None,
        shown=_merged(joining.shown),
        heard=_merged(joining.heard),
    )


@dataclass(frozen=True, slots=True)
class _Form:
    """What the file is to be."""

    suffix: str
    mime: str
    video: str | None
    audio: str | None


def _form_of(good: Sequence[Probed]) -> _Form:
    videos = [each.video for each in good if each.video]
    audios = [each.audio for each in good if each.audio]
    # MP4 has one head for all of a stream, WebM's codecs need none.
    is_safaris = {v.codec for v in videos} <= {"h264"} and {a.codec for a in audios} <= {"aac"}
    if is_safaris and len(set(videos)) <= 1 and len(set(audios)) <= 1:
        return _Form(".mp4", "video/mp4", "h264" if videos else None, "aac" if audios else None)
    weights: Counter[str] = Counter()
    for each in good:
        if each.video and each.video.codec in _WEBM_VIDEO:
            weights[each.video.codec] += each.size
    most = weights.most_common(1)
    video = most[0][0] if most else "vp8"
    return _Form(".webm", "video/webm", video if videos else None, "opus" if audios else None)


class _Joining:
    """Writes the segments one after the other."""

    def __init__(self, form: _Form, good: Sequence[Probed], problems: list[str], until: float) -> None:
        self._form = form
        self._good = good
        self._problems = problems
        self._origin = good[0].segment.begins
        self._until = until - self._origin
        self._last = -1.0
        self.end = 0.0
        self.shown: list[Span] = []
        self.heard: list[Span] = []

    def run(self, path: Path) -> None:
        mp4 = self._form.suffix == ".mp4"
        with av.open(
            str(path), "w", format=path.suffix[1:], options={"movflags": "+faststart"} if mp4 else {}
        ) as out:
            # Without it the file says what wrote it, and when.
            out.flags |= cast("Any", Flags.bitexact).value
            self._out: Any = out
            self._video = self._stream("video", self._form.video)
            self._audio = self._stream("audio", self._form.audio)
            head = next((each.audio for each in self._good if each.audio), None)
            silence = aac(head.rate, head.channels) if mp4 and head else OPUS
            self._sound = Continuous(self._put_sound, silence) if self._audio is not None else None
            for index, probed in enumerate(self._good):
                self._write(probed, self._limit(index))
            if self._sound is not None:
                self._sound.fill(self.end)

    def _stream(self, kind: str, codec: str | None) -> Any:
        if codec is None:
            return None
        same = [each for each in self._good if (getattr(each, kind) and getattr(each, kind).codec == codec)]
        if not same:
            stream = self._out.add_stream(ENCODERS[codec])
            if kind == "video":
                stream.width = max(each.video.width for each in self._good if each.video)
                stream.height = max(each.video.height for each in self._good if each.video)
            return stream
        # Opus heard in mono is lost to one channel, the other way round nothing is.
        best = max(same, key=lambda each: each.audio.channels if kind == "audio" and each.audio else 0)
        with open_media(best.segment.path) as template:
            stream = self._out.add_stream_from_template(getattr(template.streams, kind)[0])
            stream.metadata.clear()
            return stream

    def _limit(self, index: int) -> float:
        """Return when the next segment with pictures takes over."""
        begins = self._good[index].segment.begins
        later = (each.segment for each in self._good[index + 1 :] if each.video)
        following = next(later, None)
        if following is None or following.follows or following.begins <= begins:
            return math.inf
        return following.begins - self._origin

    def _write(self, probed: Probed, limit: float) -> None:
        base = probed.segment.begins - self._origin
        name = probed.segment.path.name
        if probed.segment.follows:
            base = self.end
        elif base < self.end - _OVERLAP:
            self._problems.append(f"{name} begins before the one before it ends: it was put behind it.")
            base, limit = self.end, math.inf
        shown: float | None = None
        heard: Span | None = None
        end = self.end
        late = 0
        for kind, packet in self._packets(probed):
            time = base + float(packet.pts * packet.time_base)
            seconds = float((packet.duration or 0) * packet.time_base) or _PACKET_SECONDS[kind]
            if time + seconds > self._until:
                late += 1
                continue
            if kind == "audio" and self._sound is not None:
                if self._sound.take(packet, time, seconds, first=heard is None):
                    heard = (time if heard is None else heard[0], self._sound.until)
                    end = max(end, self._sound.until)
            elif time < limit and (shown is not None or packet.is_keyframe):
                shown = time if shown is None else shown
                if probed.audio is None and self._sound is not None:
                    self._sound.fill(time)
                self._put_picture(packet, time, seconds)
                end = max(end, time + seconds)
        if late:
            self._problems.append(f"{name} goes on after the recording's end: what is later was left out.")
        if shown is not None:
            # The last picture stays until the segment ends.
            self.shown.append((max(0.0, shown), end))
        if heard is not None:
            self.heard.append((max(0.0, heard[0]), heard[1]))
        self.end = end

    def _packets(self, probed: Probed) -> Iterator[tuple[str, Any]]:
        """Yield a segment's packets, encoded anew where that is needed."""
        with open_media(probed.segment.path) as container:
            recoders: dict[str, Pictures | Sound] = {}
            streams: list[Any] = []
            if probed.video:
                streams.append(container.streams.video[0])
                if probed.video.codec != self._form.video and self._form.video:
                    recoders["video"] = Pictures(self._form.video)
            if probed.audio:
                streams.append(container.streams.audio[0])
                if probed.audio.codec != self._form.audio:
                    recoders["audio"] = Sound(probed.audio.channels)
            for packet in packets(container, streams):
                kind = packet.stream.type
                if kind in recoders:
                    yield from ((kind, made) for made in recoders[kind].take(packet))
                else:
                    yield kind, packet
            for kind, recoder in recoders.items():
                yield from ((kind, made) for made in recoder.end())

    def _put_picture(self, packet: Any, time: float, seconds: float) -> None:
        # Times in WebM are whole milliseconds, and two pictures have not the same.
        delay = _delay(packet)
        self._last = max(time - delay, self._last + 0.001)
        self._put(packet, self._video, self._last + delay, seconds)

    def _put_sound(self, packet: Any, time: float, seconds: float) -> None:
        self._put(packet, self._audio, time, seconds)

    def _put(self, packet: Any, stream: Any, time: float, seconds: float) -> None:
        delay = _delay(packet)
        packet.time_base = _CLOCK
        packet.pts = round(time / _CLOCK)
        packet.dts = packet.pts - round(delay / _CLOCK)
        packet.duration = round(seconds / _CLOCK)
        packet.stream = stream
        self._out.mux(packet)


def _delay(packet: Any) -> float:
    """Return how long before it is shown a picture has to be decoded."""
    return 0.0 if packet.dts is None else float((packet.pts - packet.dts) * packet.time_base)


def _merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in spans:
        if merged and start - merged[-1][1] < _TOUCHING:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple((round(start, 3), round(end, 3)) for start, end in merged)
