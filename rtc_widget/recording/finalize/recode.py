"""Re-encodes what cannot be copied: segments whose codec differs from the others of a participant."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any, Final

from ...media.encoders import opus_encoder, video_encoder
from ...media.frame import RATE
from ...media.open_media import COLOURS
from ...media.packets import decode
from ...media.resampler import Resampler
from ...media.upright import upright

ENCODERS: Final = {"vp8": "libvpx", "vp9": "libvpx-vp9", "opus": "libopus"}
"""Encoders of what goes into a WebM file."""

_MS: Final = Fraction(1, 1000)
_BITS_PER_PIXEL: Final = 3


class VideoRecoder:
    """Converts the packets of a video stream to another codec, with the same times.

    Parameters
    ----------
    codec : str
        "vp8" or "vp9".
    """

    def __init__(self, codec: str) -> None:
        self._codec = codec
        self._encoder: Any = None

    def recode(self, packet: Any) -> Iterator[Any]:
        """Re-encode a packet.

        Parameters
        ----------
        packet : object
            An `av.Packet` of the source.

        Yields
        ------
        av.Packet
            Encoded packets; none while the encoder needs more.
        """
        for frame in decode(packet):
            yield from self._encode(upright(frame, packet.stream.sample_aspect_ratio))

    def flush(self) -> Iterator[Any]:
        """End the stream.

        Yields
        ------
        av.Packet
            What was still in the encoder.
        """
        yield from self._encoder.encode(None) if self._encoder is not None else ()
        self._encoder = None

    def _encode(self, frame: Any) -> Iterator[Any]:
        width, height = frame.width - frame.width % 2, frame.height - frame.height % 2
        encoder = self._encoder
        if encoder is None or (encoder.width, encoder.height) != (width, height):
            yield from self.flush()
            encoder = self._encoder = video_encoder(
                ENCODERS[self._codec],
                width,
                height,
                bit_rate=width * height * _BITS_PER_PIXEL,
                time_base=_MS,
                options={"deadline": "realtime", "cpu-used": "6", "lag-in-frames": "0"},
            )
        scaled = frame.reformat(width=width, height=height, format="yuv420p", **COLOURS, threads=1)
        scaled.pts = round(frame.pts * frame.time_base / _MS)
        scaled.time_base, scaled.pict_type = _MS, 0
        yield from encoder.encode(scaled)


class AudioRecoder:
    """Converts the packets of an audio stream to Opus, with the same times.

    Parameters
    ----------
    channels : int
        1 for mono; anything else becomes stereo.
    """

    def __init__(self, channels: int) -> None:
        layout = "mono" if channels == 1 else "stereo"
        self._encoder = opus_encoder(layout)
        self._resampler = Resampler("s16", layout, block=RATE // 50)

    def recode(self, packet: Any) -> Iterator[Any]:
        """Re-encode a packet.

        Parameters
        ----------
        packet : object
            An `av.Packet` of the source.

        Yields
        ------
        av.Packet
            Encoded packets of 20 ms.
        """
        for frame in decode(packet):
            for block in self._resampler.resample(frame):
                yield from self._encoder.encode(block)

    def flush(self) -> Iterator[Any]:
        """End the stream.

        Yields
        ------
        av.Packet
            What was still in the encoder.
        """
        yield from self._encoder.encode(None)
