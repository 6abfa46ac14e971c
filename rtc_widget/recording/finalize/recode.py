"""Encodes anew what cannot be copied: the odd codec among a participant's segments."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

import av

from ...media.encoders import opus_encoder, video_encoder
from ...media.frame import RATE
from ...media.open_media import COLOURS

ENCODERS: Final = {"vp8": "libvpx", "vp9": "libvpx-vp9", "opus": "libopus"}
"""Encoders of what goes into a WebM file."""

_MS: Final = Fraction(1, 1000)
_BITS_PER_PIXEL: Final = 3


class Pictures:
    """Takes a stream's packets, and gives packets of another codec with the same times."""

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._encoder: Any = None

    def take(self, packet: Any) -> Iterator[Any]:
        """Encode what one packet shows."""
        for frame in _decoded(packet):
            yield from self._encode(frame)

    def end(self) -> Iterator[Any]:
        """Give what is still in the encoder."""
        yield from self._encoder.encode(None) if self._encoder is not None else ()
        self._encoder = None

    def _encode(self, frame: Any) -> Iterator[Any]:
        width, height = frame.width - frame.width % 2, frame.height - frame.height % 2
        encoder = self._encoder
        if encoder is None or (encoder.width, encoder.height) != (width, height):
            yield from self.end()
            encoder = self._encoder = video_encoder(
                ENCODERS[self._codec],
                width,
                height,
                bit_rate=width * height * _BITS_PER_PIXEL,
                time_base=_MS,
                options={"deadline": "realtime", "cpu-used": "6", "lag-in-frames": "0"},
            )
        scaled = frame.reformat(width=width, height=height, format="yuv420p", **COLOURS)
        scaled.pts = round(frame.pts * frame.time_base / _MS)
        scaled.time_base, scaled.pict_type = _MS, 0
        yield from encoder.encode(scaled)


class Sound:
    """Takes a stream's packets, and gives Opus with the same times."""

    def __init__(self, channels: int) -> None:
        layout = "mono" if channels == 1 else "stereo"
        self._encoder = opus_encoder(layout)
        self._resampler = av.AudioResampler("s16", layout, RATE, frame_size=RATE // 50)

    def take(self, packet: Any) -> Iterator[Any]:
        """Encode what one packet sounds like."""
        for frame in _decoded(packet):
            for block in self._resampler.resample(frame):
                yield from self._encoder.encode(block)

    def end(self) -> Iterator[Any]:
        """Give what is still in the encoder."""
        yield from self._encoder.encode(None)


def _decoded(packet: Any) -> list[Any]:
    try:
        return list(packet.decode())
    except (av.FFmpegError, ValueError):
        return []  # damaged: the next key frame puts it right
