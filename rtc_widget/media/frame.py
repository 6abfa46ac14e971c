"""Frames and sound as numpy arrays with their origin, and checks of what users send."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Final, Literal, cast

import av
import numpy as np
import numpy.typing as npt
from av.video.reformatter import ColorRange, VideoReformatter

from ..errors import InvalidArgumentError
from ..plain_numbers import number
from ..runtime.validation import MAX_SIDE
from . import hints
from .i420 import even
from .open_media import COLOURS
from .picture import is_picture

RATE: Final = 48_000
"""Samples per second of everything that is sent: Opus' own rate (RFC 7587, section 4.1)."""


class Frame(npt.NDArray[np.uint8]):
    """A frame: an RGB array of shape (height, width, 3), uint8, that displays itself in a notebook.

    Attributes
    ----------
    sender : str
        Name of the participant who sent it; empty for a frame that was computed from another.
    number : int
        Counts the sender's frames from 1, including those that nobody received.
    time : float
        When it was decoded, seconds since the epoch.
    """

    sender: str
    number: int
    time: float

    def __new__(cls, pixels: npt.ArrayLike, sender: str = "", number: int = 0, time: float = 0.0) -> Frame:
        """Make a frame of an array, without copying it.

        Parameters
        ----------
        pixels : array_like
            The array.
        sender : str
            Name of the participant.
        number : int
            The frame's number.
        time : float
            Seconds since the epoch.

        Returns
        -------
        Frame
            The frame.
        """
        frame = np.asarray(pixels).view(cls)
        frame.sender, frame.number, frame.time = sender, number, time
        return frame

    def __array_finalize__(self, origin: object) -> None:
        for name, default in (("sender", ""), ("number", 0), ("time", 0.0)):
            setattr(self, name, getattr(origin, name, default))

    def __reduce__(self) -> tuple[Any, ...]:
        make, arguments, state = cast("tuple[Any, ...]", super().__reduce__())
        return make, arguments, (state, self.sender, self.number, self.time)

    def __setstate__(self, state: Any) -> None:
        pixels, self.sender, self.number, self.time = state
        super().__setstate__(pixels)

    def __array_wrap__(self, array: Any, context: Any = None, return_scalar: bool = False) -> Any:
        # A mean is a number rather than a frame.
        return array[()] if return_scalar or array.ndim == 0 else super().__array_wrap__(array, context)

    def _repr_png_(self) -> bytes | None:
        is_image = self.dtype == np.uint8 and self.ndim == 3 and self.shape[2] == 3 and self.size > 0
        return png(np.asarray(self)) if is_image else None


def png(rgb: npt.NDArray[np.uint8]) -> bytes:
    """Encode an RGB array as PNG.

    Parameters
    ----------
    rgb : numpy.ndarray
        Shape (height, width, 3).

    Returns
    -------
    bytes
        A PNG file.
    """
    encoder = av.CodecContext.create("png", "w")
    encoder.width, encoder.height, encoder.pix_fmt = rgb.shape[1], rgb.shape[0], "rgb24"
    encoder.time_base = Fraction(1)
    frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(rgb), format="rgb24")
    return b"".join(bytes(packet) for packet in [*encoder.encode(frame), *encoder.encode(None)])


@dataclass(frozen=True, eq=False)
class Sound:
    """A section of sound.

    Attributes
    ----------
    samples : numpy.ndarray
        Shape (samples, channels), float32, from -1 to 1.
    rate : int
        Samples per second.
    sender : str
        Name of the participant who sent it.
    number : int
        Index of the first sample, counted from the sender's first.
    time : float
        When the last sample was decoded, seconds since the epoch.
    """

    samples: npt.NDArray[np.float32]
    rate: int
    sender: str
    number: int
    time: float

    @property
    def channels(self) -> int:
        """The number of channels."""
        return int(self.samples.shape[1])

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self.samples, dtype=dtype, copy=copy)

    def __repr__(self) -> str:
        return f"Sound({len(self.samples)} samples, {self.channels} channels, {self.rate} Hz, from {self.sender!r})"

    def _repr_html_(self) -> str | None:
        try:
            from IPython.display import Audio as Player
        except ImportError:
            return None
        player: Any = Player
        return str(player(self.samples.T, rate=self.rate, normalize=False)._repr_html_())


def _refuse(message: str) -> InvalidArgumentError:
    return InvalidArgumentError("bad_frame", message)


def _array_of(picture: Any) -> npt.NDArray[Any]:
    """Return a picture of another library as an array; that library knows what its colours are."""
    try:
        if hasattr(picture, "mode") and callable(getattr(picture, "convert", None)):
            # Pillow's modes of more than 8 bits have no range that is known.
            picture = picture if picture.mode[:1] in "IF" else picture.convert("RGB")
        elif isinstance(picture, av.VideoFrame):
            picture = picture.to_ndarray(format="rgb24")
        if is_picture(picture):
            return _plain(picture)
    except InvalidArgumentError:
        raise
    except Exception as reason:
        raise _refuse(f"{type(picture).__name__} cannot be converted to an array: {reason}") from None
    raise _refuse(f"A frame must be a numpy array, or a picture of Pillow, not {type(picture).__name__}.")


def _plain(array: Any) -> npt.NDArray[Any]:
    """Return an array as the base class has it: a matrix, for one, cannot have three dimensions."""
    if np.ma.isMaskedArray(array):
        raise _refuse("A masked array cannot be sent: array.filled(0) gives what is masked a value.")
    return np.asarray(array)


def check_frame(pixels: object) -> npt.NDArray[np.uint8]:
    """Check a frame that a user sends.

    Grey frames of shape (height, width) and frames with an alpha channel are converted, and so are pictures of Pillow and PyAV
    and tensors: whatever says itself how it is an array.

    Parameters
    ----------
    pixels : object
        What the user passed.

    Returns
    -------
    numpy.ndarray
        Shape (height, width, 3), uint8, contiguous.

    Raises
    ------
    InvalidArgumentError
        ``bad_frame``, with what is wrong and how to fix it.
    """
    pixels = _array_of(pixels)
    if pixels.dtype != np.uint8:
        hint = hints.of_values(pixels)
        raise _refuse(f"A frame's values must be uint8 from 0 to 255, not {pixels.dtype}{hint}.")
    shape = pixels.shape
    if pixels.ndim == 2:
        pixels = np.repeat(pixels[:, :, None], 3, axis=2)
    elif pixels.ndim == 3 and shape[2] == 4:
        pixels = pixels[:, :, :3]
    if pixels.ndim != 3 or pixels.shape[2] != 3:
        raise _refuse(f"A frame's shape must be (height, width, 3), not {shape}{hints.of_shape(shape)}.")
    if not all(1 <= side <= MAX_SIDE for side in shape[:2]):
        raise _refuse(f"A frame must be 1 to {MAX_SIDE} pixels wide and high, not {shape[1]} by {shape[0]}.")
    return np.ascontiguousarray(pixels)


# Eight times full scale is a loud passage of somebody who forgot to normalise; what is louder has another unit.
_LOUDEST: Final = 8.0


def check_audio(samples: object, rate: object) -> tuple[npt.NDArray[np.int16], int]:
    """Check audio that a user sends.

    Parameters
    ----------
    samples : object
        What the user passed: shape (samples,) or (samples, 1 or 2), int16 or floating point.
    rate : object
        Samples per second.

    Returns
    -------
    (numpy.ndarray, int)
        Samples of shape (samples, channels), int16, and their rate.

    Raises
    ------
    InvalidArgumentError
        ``bad_frame``, with what is wrong and how to fix it.
    """
    per_second = number(rate)
    if per_second is None or per_second % 1 or not 8_000 <= per_second <= 192_000:
        raise _refuse(f"rate must be 8000 to 192000 samples per second, not {rate!r}.")
    if not isinstance(samples, np.ndarray):
        raise _refuse(f"Sound must be a numpy array, not {type(samples).__name__}.")
    samples = _plain(samples)
    if samples.ndim == 1:
        samples = samples[:, None]
    if not samples.size:
        raise _refuse("There are no samples in this sound.")
    if samples.ndim != 2 or samples.shape[1] not in (1, 2):
        turned = ": samples.T" if samples.ndim == 2 and samples.shape[0] in (1, 2) else "."
        raise _refuse(
            f"The shape of audio must be (samples,) or (samples, 1 or 2), not {samples.shape}{turned}"
        )
    if samples.dtype.newbyteorder("=") == np.int16:
        return np.ascontiguousarray(samples, np.int16), int(per_second)
    if not np.issubdtype(samples.dtype, np.floating):
        how = hints.of_samples(samples) or "."
        raise _refuse(f"Sound must be int16, or floating point from -1 to 1, not {samples.dtype}{how}")
    if not np.isfinite(samples).all():
        raise _refuse("Sound must not contain NaN or infinity: numpy.nan_to_num(samples) replaces them.")
    if (largest := float(np.abs(samples).max())) > _LOUDEST:
        raise _refuse(
            f"Floating-point sound is from -1 to 1, and this reaches {largest:,.0f}: samples.astype(numpy.int16) if its "
            "values are those of 16 bits."
        )
    return np.ascontiguousarray((np.clip(samples, -1, 1) * 32_767).astype(np.int16)), int(per_second)


# A reformatter caches its set-up for a size and a format. Starting threads takes longer than any conversion of ours, here
# and wherever frames are scaled: each picture would start them anew.
_of_thread = threading.local()


def _reformatted(frame: av.VideoFrame, pixel_format: str) -> av.VideoFrame:
    reformatter: VideoReformatter | None = getattr(_of_thread, pixel_format, None)
    if reformatter is None:
        reformatter = VideoReformatter()
        setattr(_of_thread, pixel_format, reformatter)
    return reformatter.reformat(frame, format=pixel_format, threads=1)


def to_rgb(planes: npt.NDArray[np.uint8], width: int, height: int) -> npt.NDArray[np.uint8]:
    """Convert an I420 array to RGB. This is the only pass over the pixels of a received frame.

    Parameters
    ----------
    planes : numpy.ndarray
        The array, padded as `i420.padded` says.
    width, height : int
        The frame's size, px.

    Returns
    -------
    numpy.ndarray
        Shape (height, width, 3).
    """
    return rgb_of(av.VideoFrame.from_numpy_buffer(planes, format="yuv420p"))[:height, :width]


def rgb_of(frame: av.VideoFrame) -> npt.NDArray[np.uint8]:
    """Convert a frame to an RGB array.

    Parameters
    ----------
    frame : VideoFrame
        In any pixel format.

    Returns
    -------
    numpy.ndarray
        Shape (height, width, 3), a copy.
    """
    rgb: npt.NDArray[Any] = _reformatted(frame, "rgb24").to_ndarray()
    return rgb


def to_i420(rgb: npt.NDArray[np.uint8]) -> av.VideoFrame:
    """Convert a checked frame to yuv420p; an odd side is extended by repeating its last row or column.

    Parameters
    ----------
    rgb : numpy.ndarray
        As of `check_frame`.

    Returns
    -------
    VideoFrame
        The frame.
    """
    height, width = rgb.shape[:2]
    if height % 2 or width % 2:
        rgb = np.pad(rgb, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    return _reformatted(av.VideoFrame.from_numpy_buffer(rgb, format="rgb24"), "yuv420p")


# Unspecified, and the two of BT.601 (ISO/IEC 23091-2, matrix coefficients).
_BT601: Final = (2, 5, 6)


def limit(frame: av.VideoFrame, pixel_aspect: Fraction = Fraction(1)) -> av.VideoFrame:
    """Convert a frame to what codecs accept: yuv420p, no side longer than `MAX_SIDE`, in the colours of VP8.

    VP8 says nothing of its colours: they are ITU-R BT.601 in the limited range (RFC 6386, section 9.2). Cameras that send
    JPEG, and phones, use the full range; films use BT.709.

    Parameters
    ----------
    frame : VideoFrame
        The frame.
    pixel_aspect : Fraction
        Width of a pixel divided by its height, which becomes 1.

    Returns
    -------
    VideoFrame
        The same frame if it is acceptable, else a scaled copy.
    """
    # Nothing is lost when the shorter side of a pixel is stretched.
    aspect = float(pixel_aspect)
    wide, high = frame.width * max(1.0, aspect), frame.height / min(1.0, aspect)
    scale = min(1.0, MAX_SIDE / max(wide, high))
    width, height = even(max(2, int(wide * scale))), even(max(2, int(high * scale)))
    is_usual = (
        frame.format.name == "yuv420p"
        and frame.color_range in (ColorRange.UNSPECIFIED, ColorRange.MPEG)
        and frame.colorspace in _BT601
    )
    if is_usual and (width, height) == (frame.width, frame.height):
        return frame
    return frame.reformat(width=width, height=height, format="yuv420p", **COLOURS, threads=1)


Kind = Literal["audio", "video"]
