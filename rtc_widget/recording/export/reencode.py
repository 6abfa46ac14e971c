"""Makes a media file smaller: fewer and smaller frames, and audio in mono."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import IO, Any, Final, cast

import av
from av.container import Flags
from av.video.reformatter import VideoReformatter

from ...media.encoders import opus_encoder, video_encoder
from ...media.frame import RATE
from ...media.i420 import even
from ...media.open_media import COLOURS, open_media
from ...media.packets import decode, packets
from ...media.resampler import Resampler
from ...media.upright import upright
from ..contents import Span
from ..read.playback import frames

_MS: Final = Fraction(1, 1000)
_KEY_SECONDS: Final = 2.0
# How often the bit rate of the video is checked, and in which time a difference is made up for.
_CHECK_SECONDS: Final = 8.0
_BALANCE_SECONDS: Final = 24.0
# The encoder's target stays within this factor of the intended bit rate.
_MOST_ADJUSTED: Final = 4.0
# Longer gaps between frames do not count as shown.
_GAP: Final = 5.0
# The longest Opus packets have the least overhead.
_PACKET_MS: Final = 60


@dataclass(frozen=True, slots=True)
class Target:
    """The intended size of a file; ``video_bits`` of 0 leaves the video out.

    Attributes
    ----------
    side : int
        The longest side of a frame, px.
    fps : float
        The maximum frame rate.
    video_bits, audio_bits : int
        Bits per second.
    """

    side: int
    fps: float
    video_bits: int
    audio_bits: int


@dataclass(frozen=True, slots=True)
class Reencoded:
    """The smaller file, and the size of its largest frame."""

    data: bytes
    width: int
    height: int


def reencode(
    file: IO[bytes],
    target: Target,
    advance: Callable[[float], None],
    *,
    has_video: bool,
    has_audio: bool,
    stretches: Sequence[Span] | None = None,
) -> Reencoded:
    """Convert a file to VP8 and Opus in WebM, with the same times.

    Parameters
    ----------
    file : file
        The file.
    target : Target
        How small it is to be.
    advance : callable
        Takes the seconds of the file that were processed since the last call; what it raises ends the conversion.
    has_video, has_audio : bool
        Which streams the file has.
    stretches : sequence of (float, float), optional
        For an estimate: only these parts of the video, one after the other, without audio.

    Returns
    -------
    Reencoded
        The smaller file.
    """
    made = io.BytesIO()
    video_shrinker = _VideoShrinker(target) if has_video and target.video_bits else None
    audio_shrinker = _AudioShrinker(target) if has_audio and stretches is None else None
    size = fitted(*_size(file), target.side) if video_shrinker else (0, 0)
    with av.open(made, "w", format="webm") as opened, open_media(file) as source:
        out: Any = opened
        out.flags |= cast("Any", Flags.bitexact).value
        streams = {}
        if video_shrinker:
            video = next(iter(source.streams.video))
            video.thread_type = "AUTO"
            streams["video"] = stream = out.add_stream("libvpx")
            stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if audio_shrinker:
            streams["audio"] = stream = out.add_stream("libopus", rate=RATE)
            stream.layout = "mono"
        encoders = {
            kind: one
            for kind, one in (("video", video_shrinker), ("audio", audio_shrinker))
            if one is not None
        }
        if stretches is None:
            decoded = _decoded(source, list(encoders), advance)
        else:
            decoded = _decoded_spans(source, stretches, advance)
        for kind, packet in _encode_all(decoded, encoders):
            packet.stream = streams[kind]
            out.mux(packet)
    width, height = video_shrinker.size if video_shrinker else (0, 0)
    return Reencoded(made.getvalue(), width, height)


def _size(file: IO[bytes]) -> tuple[int, int]:
    """Return the size of a film as it is seen, which its header does not tell where a phone was held upright."""
    at = file.tell()
    with open_media(file) as container:
        first = next(frames(container, "video"), container.streams.video[0].codec_context)
        size = first.width, first.height
    file.seek(at)
    return size


def fitted(width: int, height: int, side: int) -> tuple[int, int]:
    """Scale a size down so that its longest side fits.

    Parameters
    ----------
    width, height : int
        Px.
    side : int
        The longest side allowed, px.

    Returns
    -------
    (int, int)
        Even width and height.
    """
    scale = min(1.0, side / max(width, height))
    return even(max(2, int(width * scale))), even(max(2, int(height * scale)))


def _decoded(
    source: Any, kinds: list[str], advance: Callable[[float], None]
) -> Iterator[tuple[str, Any, float]]:
    """Decode all of a file; what is damaged is left out."""
    before = 0.0
    for packet in packets(source, [getattr(source.streams, kind)[0] for kind in kinds]):
        if packet.pts is not None and (now := float(packet.pts * packet.time_base)) > before:
            advance(now - before)
            before = now
        for frame in decode(packet):
            if frame.time is not None:
                is_picture = isinstance(frame, av.VideoFrame)
                seen = upright(frame, packet.stream.sample_aspect_ratio) if is_picture else frame
                yield packet.stream.type, seen, frame.time


def _decoded_spans(
    source: Any, stretches: Sequence[Span], advance: Callable[[float], None]
) -> Iterator[tuple[str, Any, float]]:
    """Decode stretches of the pictures as if there were nothing between them."""
    gone = 0.0
    for start, end in stretches:
        # A file without an index cannot seek and is read on.
        with contextlib.suppress(av.FFmpegError):
            source.seek(int(start * av.time_base))
        for kind, frame, time in _decoded(source, ["video"], lambda _: advance(0.0)):
            if time >= end:
                break
            if time >= start:
                yield kind, frame, gone + time - start
        gone += end - start
        advance(end - start)


def _encode_all(
    decoded: Iterator[tuple[str, Any, float]], encoders: dict[str, Any]
) -> Iterator[tuple[str, Any]]:
    for kind, frame, time in decoded:
        yield from ((kind, made) for made in encoders[kind].encode(frame, time))
    for kind, encoder in encoders.items():
        yield from ((kind, made) for made in encoder.flush())


class _VideoShrinker:
    """Encodes some of the pictures, smaller."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._encoder: Any = None
        self._scaler = VideoReformatter()
        self._due = self._key = self._last = 0.0
        self._shown = self._made = 0.0
        self._checked = (0.0, 0.0)
        self._bits = target.video_bits
        self.size = (0, 0)

    def encode(self, frame: Any, time: float) -> Iterator[Any]:
        # Frames arrive slightly early or late: half an interval is enough.
        if time < self._due - 0.5 / self._target.fps:
            return
        self._due = max(self._due, time) + 1 / self._target.fps
        width, height = fitted(frame.width, frame.height, self._target.side)
        self._shown += min(_GAP, max(0.0, time - self._last))
        self._last = time
        is_key = time >= self._key
        if is_key and self._shown - self._checked[0] >= _CHECK_SECONDS and self._adjust_bit_rate():
            yield from self.flush()
            self._encoder = None
        if self._encoder is None or (self._encoder.width, self._encoder.height) != (width, height):
            yield from self.flush()
            self._encoder = self._opened(width, height)
            is_key = True
            self.size = max(self.size, (width, height), key=lambda size: size[0] * size[1])
        # One for all frames: creating it takes longer than a conversion.
        scaled = self._scaler.reformat(
            frame, width=width, height=height, format="yuv420p", **COLOURS, threads=1
        )
        scaled.pts, scaled.time_base = round(time / _MS), _MS
        if is_key:
            self._key = (time // _KEY_SECONDS + 1) * _KEY_SECONDS
        scaled.pict_type = 1 if is_key else 0
        yield from self._packets(scaled)

    def _adjust_bit_rate(self) -> bool:
        """Change what the encoder is asked for where it strays from it, which those of VP8 do by half; return whether."""
        shown, made = self._shown - self._checked[0], self._made - self._checked[1]
        self._checked = self._shown, self._made
        allowed = self._target.video_bits
        wanted = (allowed * (self._shown + _BALANCE_SECONDS) - self._made) / _BALANCE_SECONDS
        yields = made / (self._bits * shown)
        before, least, most = self._bits, allowed / _MOST_ADJUSTED, allowed * _MOST_ADJUSTED
        self._bits = int(min(most, max(least, wanted / max(yields, 1 / _MOST_ADJUSTED))))
        return abs(self._bits - before) > 0.1 * before

    def _opened(self, width: int, height: int) -> Any:
        options = {"deadline": "good", "cpu-used": "5"}
        encoder = video_encoder("libvpx", width, height, bit_rate=self._bits, time_base=_MS, options=options)
        encoder.framerate = Fraction(self._target.fps).limit_denominator(1000)
        encoder.gop_size = 1_000_000  # key frames come when they are asked for
        return encoder

    def flush(self) -> Iterator[Any]:
        if self._encoder is not None:
            yield from self._packets(None)

    def _packets(self, frame: Any) -> Iterator[Any]:
        for packet in self._encoder.encode(frame):
            self._made += packet.size * 8
            yield packet


class _AudioShrinker:
    """Encodes the sound in mono."""

    def __init__(self, target: Target) -> None:
        options = {"frame_duration": str(_PACKET_MS), "application": "voip", "vbr": "on"}
        self._encoder = opus_encoder("mono", bit_rate=target.audio_bits, options=options)
        self._resampler = Resampler("s16", "mono", block=RATE * _PACKET_MS // 1000)

    def encode(self, frame: Any, _time: float) -> Iterator[Any]:
        for block in self._resampler.resample(frame):
            yield from self._encoder.encode(block)

    def flush(self) -> Iterator[Any]:
        for block in self._resampler.resample(None):
            yield from self._encoder.encode(block)
        yield from self._encoder.encode(None)
