"""Joins a participant's segments into one file: encoded data are copied, only their times change."""

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
from ...media.packets import packets
from ..contents import Span
from .recode import ENCODERS, AudioRecoder, VideoRecoder
from .segments import Probed, Segment, probe
from .silence import OPUS, ContinuousAudio, aac

_CLOCK: Final = Fraction(1, 1_000_000)
_WEBM_VIDEO: Final = ("vp8", "vp9")
# Shorter gaps, such as a change of camera, do not count as off.
_TOUCHING: Final = 0.5
# A larger overlap means that the participant's clock was adjusted.
_OVERLAP: Final = 1.0
_PACKET_SECONDS: Final = {"video": 1 / 30, "audio": 0.02}


@dataclass(frozen=True, slots=True)
class Joined:
    """The joined file, with what `Medium` says of it."""

    path: Path
    mime: str
    begins: float
    seconds: float
    video: str | None
    width: int
    height: int
    audio: str | None
    video_spans: tuple[Span, ...]
    audio_spans: tuple[Span, ...]


def join(
    segments: Sequence[Segment], stem: Path, problems: list[str], until: float = math.inf
) -> Joined | None:
    """Join segments into one file.

    Parameters
    ----------
    segments : sequence of Segment
        Of one participant and track, in order.
    stem : Path
        The path of the file, without a suffix.
    problems : list of str
        Receives a sentence for everything that had to be left out.
    until : float
        Seconds since the recording began; anything later is left out.

    Returns
    -------
    Joined or None
        None when there is neither video nor audio.
    """
    probed_segments = []
    for segment in segments:
        probed = probe(segment)
        if probed is None and segment.path.is_file() and not segment.path.stat().st_size:
            continue  # it ended before anything was recorded
        if probed is None:
            problems.append(f"{segment.path.name} has neither video nor audio that can be read.")
        else:
            probed_segments.append(probed)
    if not probed_segments:
        return None
    container_format = _format_of(probed_segments)
    path = stem.with_name(stem.name + container_format.suffix)
    joining = _Joining(container_format, probed_segments, problems, until)
    joining.run(path)
    if joining.end <= 0:
        path.unlink()
        problems.append(f"{stem.name}: none of its {len(probed_segments)} segments can be read.")
        return None
    # A header may announce streams that never have a packet.
    videos = [each.video for each in probed_segments if each.video and joining.video_spans]
    return Joined(
        path=path,
        mime=container_format.mime,
        begins=probed_segments[0].segment.begins,
        seconds=joining.end,
        video=container_format.video if joining.video_spans else None,
        width=max((video.width for video in videos), default=0),
        height=max((video.height for video in videos), default=0),
        audio=container_format.audio if joining.audio_spans else None,
        video_spans=_merged(joining.video_spans),
        audio_spans=_merged(joining.audio_spans),
    )


@dataclass(frozen=True, slots=True)
class _Format:
    """What the file is to be."""

    suffix: str
    mime: str
    video: str | None
    audio: str | None


def _format_of(probed_segments: Sequence[Probed]) -> _Format:
    videos = [each.video for each in probed_segments if each.video]
    audios = [each.audio for each in probed_segments if each.audio]
    # MP4 has one header per stream, so all segments must agree; codecs in WebM need none.
    is_mp4 = {v.codec for v in videos} <= {"h264"} and {a.codec for a in audios} <= {"aac"}
    if is_mp4 and len(set(videos)) <= 1 and len(set(audios)) <= 1:
        return _Format(".mp4", "video/mp4", "h264" if videos else None, "aac" if audios else None)
    weights: Counter[str] = Counter()
    for each in probed_segments:
        if each.video and each.video.codec in _WEBM_VIDEO:
            weights[each.video.codec] += each.size
    most = weights.most_common(1)
    video = most[0][0] if most else "vp8"
    return _Format(".webm", "video/webm", video if videos else None, "opus" if audios else None)


class _Joining:
    """Writes the segments one after the other."""

    def __init__(
        self, container_format: _Format, probed_segments: Sequence[Probed], problems: list[str], until: float
    ) -> None:
        self._format = container_format
        self._segments = probed_segments
        self._problems = problems
        self._origin = probed_segments[0].segment.begins
        self._until = until - self._origin
        self._last = -1.0
        self.end = 0.0
        self.video_spans: list[Span] = []
        self.audio_spans: list[Span] = []

    def run(self, path: Path) -> None:
        mp4 = self._format.suffix == ".mp4"
        with av.open(
            str(path), "w", format=path.suffix[1:], options={"movflags": "+faststart"} if mp4 else {}
        ) as out:
            # Otherwise the file names the program that wrote it, and the time.
            out.flags |= cast("Any", Flags.bitexact).value
            self._out: Any = out
            self._video = self._stream("video", self._format.video)
            self._audio = self._stream("audio", self._format.audio)
            head = next((each.audio for each in self._segments if each.audio), None)
            silence = aac(head.rate, head.channels) if mp4 and head else OPUS
            self._continuous = ContinuousAudio(self._put_audio, silence) if self._audio is not None else None
            for index, probed in enumerate(self._segments):
                self._write(probed, self._limit(index))
            if self._continuous is not None:
                self._continuous.fill(self.end)

    def _stream(self, kind: str, codec: str | None) -> Any:
        if codec is None:
            return None
        same = [
            each for each in self._segments if (getattr(each, kind) and getattr(each, kind).codec == codec)
        ]
        if not same:
            stream = self._out.add_stream(ENCODERS[codec])
            if kind == "video":
                stream.width = max(each.video.width for each in self._segments if each.video)
                stream.height = max(each.video.height for each in self._segments if each.video)
            return stream
        # Stereo decoded as mono loses a channel; mono decoded as stereo loses nothing.
        best = max(same, key=lambda each: each.audio.channels if kind == "audio" and each.audio else 0)
        with open_media(best.segment.path) as template:
            stream = self._out.add_stream_from_template(getattr(template.streams, kind)[0])
            stream.metadata.clear()
            return stream

    def _limit(self, index: int) -> float:
        """Return when the next segment with pictures takes over."""
        begins = self._segments[index].segment.begins
        later = (each.segment for each in self._segments[index + 1 :] if each.video)
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
            self._problems.append(f"{name} begins before the previous segment ends: it was moved behind it.")
            base, limit = self.end, math.inf
        video_from: float | None = None
        audio_span: Span | None = None
        end = self.end
        late = 0
        for kind, packet in self._packets(probed, self._until - base):
            time = base + float(packet.pts * packet.time_base)
            seconds = float((packet.duration or 0) * packet.time_base) or _PACKET_SECONDS[kind]
            if time + seconds > self._until:
                late += 1
                continue
            if kind == "audio" and self._continuous is not None:
                if self._continuous.add(packet, time, seconds, first=audio_span is None):
                    audio_span = (time if audio_span is None else audio_span[0], self._continuous.until)
                    end = max(end, self._continuous.until)
            elif time < limit and (video_from is not None or packet.is_keyframe):
                video_from = time if video_from is None else video_from
                if probed.audio is None and self._continuous is not None:
                    self._continuous.fill(time)
                self._put_frame(packet, time, seconds)
                end = max(end, time + seconds)
        if late:
            self._problems.append(f"{name} continues after the end of the recording: the rest was left out.")
        if video_from is not None:
            # The last frame stays until the segment ends.
            self.video_spans.append((max(0.0, video_from), end))
        if audio_span is not None:
            self.audio_spans.append((max(0.0, audio_span[0]), audio_span[1]))
        self.end = end

    def _packets(self, probed: Probed, until: float) -> Iterator[tuple[str, Any]]:
        """Yield a segment's packets, encoded anew where that is needed and there is use for them."""
        with open_media(probed.segment.path) as container:
            recoders: dict[str, VideoRecoder | AudioRecoder] = {}
            streams: list[Any] = []
            if probed.video:
                streams.append(container.streams.video[0])
                if probed.video.codec != self._format.video and self._format.video:
                    recoders["video"] = VideoRecoder(self._format.video)
            if probed.audio:
                streams.append(container.streams.audio[0])
                if probed.audio.codec != self._format.audio:
                    recoders["audio"] = AudioRecoder(probed.audio.channels)
            for packet in packets(container, streams):
                kind = packet.stream.type
                if kind in recoders and packet.pts is not None and packet.pts * packet.time_base > until:
                    yield kind, packet
                elif kind in recoders:
                    yield from ((kind, made) for made in recoders[kind].recode(packet))
                elif packet.size:
                    yield kind, packet
            for kind, recoder in recoders.items():
                yield from ((kind, made) for made in recoder.flush())

    def _put_frame(self, packet: Any, time: float, seconds: float) -> None:
        # Times in WebM are whole milliseconds, and no two frames may have the same.
        delay = _delay(packet)
        self._last = max(time - delay, self._last + 0.001)
        self._put(packet, self._video, self._last + delay, seconds)

    def _put_audio(self, packet: Any, time: float, seconds: float) -> None:
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
