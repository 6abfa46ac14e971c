"""The segments that a participant recorded, and what they contain."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import av

from ...media.open_media import open_media


@dataclass(frozen=True, slots=True)
class Segment:
    """One segment's file, which begins ``begins`` seconds after the recording; its video or audio may be unwanted.

    A segment that ``follows`` begins where the previous one ends, because its own time is impossible.
    """

    path: Path
    begins: float
    has_video: bool = True
    has_audio: bool = True
    follows: bool = False


@dataclass(frozen=True, slots=True)
class Stream:
    """The properties of one stream of a segment: streams with the same `head` can share a decoder."""

    codec: str
    head: bytes
    width: int = 0
    height: int = 0
    rate: int = 0
    channels: int = 0


@dataclass(frozen=True, slots=True)
class Probed:
    """A segment with those of its streams that are wanted."""

    segment: Segment
    size: int
    video: Stream | None
    audio: Stream | None


def probe(segment: Segment) -> Probed | None:
    """Find out which streams a segment contains.

    Parameters
    ----------
    segment : Segment
        The segment.

    Returns
    -------
    Probed or None
        None when it has no wanted stream, or cannot be read.
    """
    try:
        with open_media(segment.path) as container:
            video: Any = next(iter(container.streams.video), None) if segment.has_video else None
            audio: Any = next(iter(container.streams.audio), None) if segment.has_audio else None
            probed = Probed(
                segment,
                segment.path.stat().st_size,
                _video(video) if _is_known(video) and video.codec_context.width else None,
                _audio(audio) if _is_known(audio) and audio.codec_context.channels else None,
            )
    except (av.FFmpegError, OSError, ValueError):
        return None
    return probed if probed.video or probed.audio else None


def _is_known(stream: Any) -> bool:
    # A stream whose codec FFmpeg does not know has no context.
    return stream is not None and stream.codec_context is not None


def _video(stream: Any) -> Stream:
    context = stream.codec_context
    return Stream(
        context.codec.canonical_name, bytes(context.extradata or b""), context.width, context.height
    )


def _audio(stream: Any) -> Stream:
    context = stream.codec_context
    head = bytes(context.extradata or b"")
    return Stream(context.codec.canonical_name, head, rate=context.sample_rate, channels=context.channels)
