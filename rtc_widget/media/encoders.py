"""Encoders as this package configures them in PyAV."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any, Final

import av

from .frame import RATE

VP8_THREADS: Final = 1
"""Threads of libvpx's VP8 encoder wait for each other by running in circles. With as many as FFmpeg takes by itself, or wherever
cores are busy, a picture of any size takes several times as long, of the processor's time and of everybody's, and looks worse."""


def video_encoder(
    codec: str, width: int, height: int, *, bit_rate: int, time_base: Fraction, options: Mapping[str, str]
) -> Any:
    """Make an encoder for yuv420p frames.

    Parameters
    ----------
    codec : str
        FFmpeg's name, such as "libvpx".
    width, height : int
        Of the frames, px, even.
    bit_rate : int
        Bits per second.
    time_base : Fraction
        Of the frames' times.
    options : mapping
        Codec options.

    Returns
    -------
    av.VideoCodecContext
        Not opened yet, so that more can be configured.
    """
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.bit_rate = time_base, bit_rate
    encoder.options = dict(options)
    if codec == "libvpx":
        encoder.thread_count = VP8_THREADS
    return encoder


def opus_encoder(
    layout: str, *, bit_rate: int | None = None, options: Mapping[str, str] | None = None
) -> Any:
    """Make an encoder for s16 audio at `media.frame.RATE`.

    Parameters
    ----------
    layout : {"mono", "stereo"}
        The channels.
    bit_rate : int, optional
        Bits per second; the codec's default when left out.
    options : mapping, optional
        Codec options.

    Returns
    -------
    av.AudioCodecContext
        Not opened yet.
    """
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, layout, "s16"
    encoder.time_base = Fraction(1, RATE)
    if bit_rate is not None:
        encoder.bit_rate = bit_rate
    encoder.options = dict(options or {})
    return encoder
