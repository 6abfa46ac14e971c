"""aiortc's decoders with a limit, as `aiortc_internals`: a picture costs no more than what anybody's camera or screen needs.

VP8 and H.264 have pictures of 16,000 by 16,000, for which a decoder takes gigabytes.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import av
from aiortc.codecs.h264 import H264Decoder
from aiortc.codecs.vpx import Vp8Decoder
from aiortc.jitterbuffer import JitterFrame

from ...media.vp8 import key_frame_size
from ...runtime.validation import MAX_PIXELS


class _TooLarge(NamedTuple):
    width: int
    height: int


def limit_decoders() -> None:
    """Let this process' decoders refuse larger pictures than `MAX_PIXELS`; see `too_large`."""
    for decoder, decode in ((Vp8Decoder, _decode_vp8), (H264Decoder, _decode_h264)):
        original: Any = decoder.decode
        if original.__module__ != __name__:  # done before
            setattr(decoder, "decode", _limited(original, decode))  # noqa: B010


def _limited(original: Any, decode: Callable[[Any, Any, Any], list[Any] | _TooLarge]) -> Any:
    def limited(self: Any, encoded: JitterFrame) -> list[Any]:
        made = decode(self, original, encoded)
        if not isinstance(made, _TooLarge):
            return made
        stand_in = av.VideoFrame(16, 16, "yuv420p")
        stand_in.opaque = made
        return [stand_in]

    return limited


def _decode_vp8(decoder: Any, original: Any, encoded: JitterFrame) -> list[Any] | _TooLarge:
    """Look at a key frame's header, as the codec looks at the size when it has taken the memory."""
    size = key_frame_size(encoded.data)
    if size is not None:
        decoder.is_refusing = size[0] * size[1] > MAX_PIXELS
        if decoder.is_refusing:
            return _TooLarge(*size)
    # What follows a picture that was refused cannot be decoded.
    return [] if getattr(decoder, "is_refusing", False) else original(decoder, encoded)


def _decode_h264(decoder: Any, original: Any, encoded: JitterFrame) -> list[Any] | _TooLarge:
    codec = decoder.codec
    if not codec.is_open:
        codec.options = {"max_pixels": str(MAX_PIXELS)}
    try:
        frames: list[Any] = original(decoder, encoded)
    except av.FFmpegError:
        if codec.width * codec.height > MAX_PIXELS:
            return _TooLarge(codec.width, codec.height)
        raise
    return frames


def too_large(frame: object) -> tuple[int, int] | None:
    """Return the size of a picture that a decoder has refused.

    Parameters
    ----------
    frame : object
        What a track gave: a frame, or what stands for one that was refused.

    Returns
    -------
    (int, int) or None
        Px; None for a frame that was decoded.
    """
    size = getattr(frame, "opaque", None)
    return size if isinstance(size, _TooLarge) else None
