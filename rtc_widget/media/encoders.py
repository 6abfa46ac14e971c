"""Encoders as this package sets them up: the one place that knows how PyAV wants them."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

import av

from .frame import RATE


def video_encoder(
    codec: str, width: int, height: int, *, bit_rate: int, time_base: Fraction, options: Mapping[str, str]
) -> Any:
    """Make an encoder of frames in yuv420p.

    Parameters
    ----------
    codec : str
        FFmpeg's name, such as "libvpx".
    width, height : int
        Of the frames, px, even.
    bit_rate : int
        bit/s.
    time_base : Fraction
        Of the frames' times.
    options : mapping
        The codec's own.

    Returns
    -------
    av.VideoCodecContext
        Before it is opened, so that more can be set.
    """
    encoder: Any = av.CodecContext.create(codec, "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuv420p"
    encoder.time_base, encoder.bit_rate = time_base, bit_rate
    encoder.options = dict(options)
    return encoder


def opus_encoder(
    layout: str, *, bit_rate: int | None = None, options: Mapping[str, str] | None = None
) -> Any:
    """Make an encoder of audio in s16, at `media.frame.RATE`.

    Parameters
    ----------
    layout : {"mono", "stereo"}
        Of the channels.
    bit_rate : int, optional
        bit/s; the codec's own choice when left out.
    options : mapping, optional
        The codec's own.

    Returns
    -------
    av.AudioCodecContext
        Before it is opened.
    """
    encoder: Any = av.CodecContext.create("libopus", "w")
    encoder.sample_rate, encoder.layout, encoder.format = RATE, layout, "s16"
    encoder.time_base = Fraction(1, RATE)
    if bit_rate is not None:
        encoder.bit_rate = bit_rate
    encoder.options = dict(options or {})
    return encoder
