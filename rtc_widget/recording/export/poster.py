"""A small still image of the beginning of a video."""

from __future__ import annotations

from fractions import Fraction
from typing import IO, Any, Final

import av
import numpy as np
from av.codec.context import Flags

from ...media.open_media import open_media
from ..read.playback import frames
from .reencode import fitted

_SIDE: Final = 320
# MJPEG's scale is 2 to 31; this is about JPEG quality 60.
_QUALITY: Final = 7
# A camera that has just started delivers black or uniform frames.
_UNIFORM: Final = 8.0
_SECONDS: Final = 5.0


def poster_of(file: IO[bytes]) -> bytes | None:
    """Make a JPEG of the first frame of a video that is not black or uniform.

    Parameters
    ----------
    file : file
        The media file.

    Returns
    -------
    bytes or None
        At most 320 px wide and high; None when there is no frame.
    """
    best, most = None, -1.0
    with open_media(file) as container:
        for frame in frames(container, "video"):
            if best is not None and frame.time > _SECONDS:
                break
            luma = frame.reformat(width=64, height=48, format="gray", threads=1).to_ndarray()
            detail = float(np.std(luma)) + (0.1 * float(luma.mean()))
            if detail > most:
                best, most = frame, detail
            if detail > _UNIFORM and np.std(luma) > _UNIFORM:
                break
        return None if best is None else _jpeg(best)


def _jpeg(frame: Any) -> bytes:
    width, height = fitted(frame.width, frame.height, _SIDE)
    encoder: Any = av.CodecContext.create("mjpeg", "w")
    encoder.width, encoder.height, encoder.pix_fmt = width, height, "yuvj420p"
    encoder.time_base = Fraction(1, 25)
    encoder.flags |= Flags.bitexact  # otherwise a comment names the program that wrote it
    encoder.qmin = encoder.qmax = _QUALITY
    scaled = frame.reformat(width=width, height=height, format="yuvj420p", threads=1)
    scaled.pts, scaled.pict_type = 0, 0
    return b"".join(bytes(packet) for packet in [*encoder.encode(scaled), *encoder.encode(None)])
