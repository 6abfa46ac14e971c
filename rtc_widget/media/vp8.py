"""VP8 a frame at a time, as the media channel carries it: no packets, no queue."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, Final

import av

from ..runtime.validation import MAX_PIXELS
from .encoders import video_encoder

_CLOCK: Final = 90_000
_OPTIONS: Final = {
    "deadline": "realtime",
    "cpu-used": "8",
    "lag-in-frames": "0",
    # A key frame costs as much as ten others: whoever needs one asks for it.
    "g": "9999",
    "undershoot-pct": "100",
    "overshoot-pct": "15",
    "qmin": "4",
    "qmax": "56",
}
_START_CODE: Final = b"\x9d\x01\x2a"
# Less of a change is not worth the key frame that it costs.
_CHANGE: Final = 0.15


class Vp8Encoder:
    """Encodes the newest frame, at a rate and a size that may be others each time."""

    def __init__(self) -> None:
        self._encoder: Any = None
        self._made_for = (0, 0, 0)
        self._needs_key = True

    def restart(self) -> None:
        """Let the next frame be a key frame. Callable from any thread, also while a frame is encoded."""
        self._needs_key = True

    def encode(self, frame: av.VideoFrame, *, bitrate: int, scale: float = 1.0) -> tuple[bytes, bool]:
        """Encode a frame.

        Parameters
        ----------
        frame : VideoFrame
            Of any format, with ``pts`` in a ``time_base``.
        bitrate : int
            Bits per second.
        scale : float
            How large it is to be, of its own size.

        Returns
        -------
        (bytes, bool)
            The encoded frame, and whether it is a key frame; b"" where the encoder left it out.
        """
        width, height = (max(2, round(side * scale) // 2 * 2) for side in (frame.width, frame.height))
        was = self._made_for
        if self._needs_key or was[:2] != (width, height) or abs(bitrate - was[2]) > _CHANGE * was[2]:
            self._needs_key = False
            self._made_for = (width, height, bitrate)
            self._encoder = video_encoder(
                "libvpx",
                width,
                height,
                bit_rate=bitrate,
                time_base=Fraction(1, _CLOCK),
                options=_OPTIONS,
            )
        # Others encode the same frame at the same time.
        own = frame.reformat(width, height, "yuv420p", threads=1)
        if own is frame:
            own = av.VideoFrame.from_ndarray(frame.to_ndarray(), format="yuv420p")
        own.pts, own.time_base = frame.pts, frame.time_base
        packets = self._encoder.encode(own)
        data = b"".join(bytes(packet) for packet in packets)
        return data, any(packet.is_keyframe for packet in packets)


class Vp8Decoder:
    """Decodes frame after frame; what is too large costs nothing."""

    def __init__(self) -> None:
        self._decoder: Any = None

    def decode(self, data: bytes, *, key: bool) -> list[av.VideoFrame]:
        """Decode a frame.

        Parameters
        ----------
        data : bytes
            As an encoder made it.
        key : bool
            Whether it is a key frame.

        Returns
        -------
        list of VideoFrame
            One frame, or none where a key frame is needed first.

        Raises
        ------
        ValueError
            For what is no VP8, or larger than `MAX_PIXELS`; a key frame is needed then.
        """
        if self._decoder is None and not key:
            return []
        size = key_frame_size(data)
        if size is not None and size[0] * size[1] > MAX_PIXELS:
            self._decoder = None
            msg = f"A picture of {size[0]} by {size[1]} pixels is too large: at most {MAX_PIXELS:,} are decoded."
            raise ValueError(msg)
        if self._decoder is None:
            self._decoder = av.CodecContext.create("libvpx", "r")
        try:
            return list(self._decoder.decode(av.Packet(data)))
        except av.FFmpegError as error:
            self._decoder = None
            raise ValueError("A frame cannot be decoded as VP8.") from error


def key_frame_size(data: bytes) -> tuple[int, int] | None:
    """Read the size of a key frame from its header (RFC 6386, section 9.1).

    Parameters
    ----------
    data : bytes
        A frame.

    Returns
    -------
    (int, int) or None
        Px; None for a frame that is none, and so has no size.
    """
    # Without the start code it is what is left of a frame whose beginning was lost.
    if len(data) < 10 or data[0] & 1 or data[3:6] != _START_CODE:
        return None
    width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    return width, height
