"""Pictures and sound as numpy arrays that know whose they are, and what a user may hand us as one."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import VideoReformatter

from ..errors import InvalidArgumentError
from ..runtime.validation import MAX_SIDE
from .i420 import even

RATE: Final = 48_000
"""Samples per second of everything that is sent: Opus' own rate (RFC 7587, section 4.1)."""


class Frame(npt.NDArray[np.uint8]):
    """A picture: an array of shape (height, width, 3), uint8, RGB, that shows itself in a notebook.

    Attributes
    ----------
    sender : str
        Name of the participant whose picture it is; empty for what was made from one.
    number : int
        Counts the sender's pictures from 1, those that nobody looked at too.
    time : float
        When it was decoded, in seconds since the epoch.
    """

    sender: str
    number: int
    time: float

    def __new__(cls, pixels: npt.ArrayLike, sender: str = "", number: int = 0, time: float = 0.0) -> Frame:
        """Make one of an array, without copying it."""
        frame = np.asarray(pixels).view(cls)
        frame.sender, frame.number, frame.time = sender, number, time
        return frame

    def __array_finalize__(self, origin: object) -> None:
        for name, default in (("sender", ""), ("number", 0), ("time", 0.0)):
            setattr(self, name, getattr(origin, name, default))

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        # A mean is a number and not somebody's picture.
        return array[()] if return_scalar or array.ndim == 0 else super().__array_wrap__(array, context)

    def _repr_png_(self) -> bytes | None:
        shown = self.dtype == np.uint8 and self.ndim == 3 and self.shape[2] == 3 and self.size > 0
        return png(np.asarray(self)) if shown else None


def png(rgb: npt.NDArray[np.uint8]) -> bytes:
    """Return an RGB array as a PNG file."""
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = rgb.shape[1], rgb.shape[0], "rgb24"
    encoder.time_base = Fraction(1)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


@dataclass(frozen=True, eq=False)
class Audio:
    """A stretch of sound.

    Attributes
    ----------
    samples : numpy.ndarray
        Shape (samples, channels), float32, from -1 to 1.
    rate : int
        Samples per second.
    sender : str
        Name of the participant whose sound it is.
    number : int
        Index of the first sample, counted from the sender's first.
    time : float
        When the last sample was decoded, in seconds since the epoch.
    """

    samples: npt.NDArray[np.float32]
    rate: int
    sender: str
    number: int
    time: float

    @property
    def channels(self) -> int:
        """How many channels there are."""
        return int(self.samples.shape[1])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.samples, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        return f"Audio({len(self.samples)} samples, {self.channels} channels, {self.rate} Hz, from {self.sender!r})"

    def _repr_html_(self) -> str | None:
        try:
            from IPython.display import Audio as Player
        except ImportError:
            return None
        player: Any = Player
        return str(player(self.samples.T, rate=self.rate, normalize=False)._repr_html_())


def _refuse(message: str) -> InvalidArgumentError:
    return InvalidArgumentError("bad_frame", message)


def check_frame(pixels: object) -> npt.NDArray[np.uint8]:
    """Return what can be sent as a picture: (height, width, 3), uint8, contiguous.

    Grey pictures (height, width) and such with an alpha channel are taken too.

    Raises
    ------
    InvalidArgumentError
        ``bad_frame``, with what is wrong and how to put it right.
    """
    if not isinstance(pixels, np.ndarray):
        raise _refuse(f"A picture is a numpy array, not {type(pixels).__name__}: numpy.asarray(…) makes one.")
    if pixels.dtype != np.uint8:
        hint = "numpy.clip(picture, 0, 255).astype(numpy.uint8)"
        if np.issubdtype(pixels.dtype, np.floating):
            hint = "(numpy.clip(numpy.nan_to_num(picture), 0, 1) * 255).astype(numpy.uint8) if it goes from 0 to 1"
        raise _refuse(f"A picture's numbers are uint8 from 0 to 255, not {pixels.dtype}: {hint}.")
    shape = pixels.shape
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    elif pixels.ndim == 3 and shape[2] == 4:
        pixels = pixels[:, :, :3]
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise _refuse(f"A picture's shape is (height, width, 3), not {shape}.")
    if not all(1 <= side <= MAX_SIDE for side in shape[:2]):
        raise _refuse(f"A picture is 1 to {MAX_SIDE} pixels wide and high, not {shape[1]} by {shape[0]}.")
    return np.ascontiguousarray(pixels)


def check_audio(samples: object, rate: object) -> npt.NDArray[np.int16]:
    """Return what can be sent as sound: (samples, channels), int16, one or two channels.

    Raises
    ------
    InvalidArgumentError
        ``bad_frame``, with what is wrong and how to put it right.
    """
    if not isinstance(rate, int) or not 8_000 <= rate <= 192_000:
        raise _refuse(f"rate is samples per second, 8000 to 192000, not {rate!r}.")
    if not isinstance(samples, np.ndarray):
        raise _refuse(f"Sound is a numpy array, not {type(samples).__name__}.")
    if samples.ndim == 1:
        samples = samples[:, None]
    if samples.ndim != 2 or samples.shape[1] not in (1, 2) or not len(samples):
        raise _refuse(f"Sound's shape is (samples,) or (samples, 1 or 2), not {samples.shape}.")
    if samples.dtype == np.int16:
        return np.ascontiguousarray(samples)
    if not np.issubdtype(samples.dtype, np.floating):
        raise _refuse(f"Sound is int16, or floating point from -1 to 1, not {samples.dtype}.")
    if not np.isfinite(samples).all():
        raise _refuse("Sound has a NaN or an infinity in it: numpy.nan_to_num(samples) takes them out.")
    return np.ascontiguousarray((np.clip(samples, -1, 1) * 32_767).astype(np.int16))


# A reformatter keeps what it has worked out for a size and a format, and one thread is quicker than several at this.
_of_thread = threading.local()


def _reformatted(frame: av.VideoFrame, pixel_format: str) -> av.VideoFrame:
    made: VideoReformatter | None = getattr(_of_thread, pixel_format, None)
    if made is None:
        made = VideoReformatter()
        setattr(_of_thread, pixel_format, made)
    return made.reformat(frame, format=pixel_format, threads=1)


def to_rgb(planes: npt.NDArray[np.uint8], width: int, height: int) -> npt.NDArray[np.uint8]:
    """Return an I420 array as RGB of the picture's own size; the only pass over the pixels on the way in."""
    return rgb_of(av.VideoFrame.from_numpy_buffer(planes, format="yuv420p"))[:height, :width]


def rgb_of(frame: av.VideoFrame) -> npt.NDArray[np.uint8]:
    """Return a frame as an RGB array of its own."""
    rgb: npt.NDArray[Any] = _reformatted(frame, "rgb24").to_ndarray()
    return rgb


def to_i420(rgb: npt.NDArray[np.uint8]) -> av.VideoFrame:
    """Return a checked picture in yuv420p; an odd side gains a repeated row or column."""
    height, width = rgb.shape[:2]
    if height % 2 or width % 2:
        rgb = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return _reformatted(av.VideoFrame.from_numpy_buffer(rgb, format="rgb24"), "yuv420p")


def limit(frame: av.VideoFrame) -> av.VideoFrame:
    """Return a frame that codecs can take: yuv420p, no side longer than `MAX_SIDE`."""
    scale = min(1.0, MAX_SIDE / max(frame.width, frame.height))
    width, height = even(int(frame.width * scale)), even(int(frame.height * scale))
    if frame.format.name == "yuv420p" and (width, height) == (frame.width, frame.height):
        return frame
    return frame.reformat(width=width, height=height, format="yuv420p")


Kind = Literal["audio", "video"]
