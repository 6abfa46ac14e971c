"""One picture, as each library has it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
import numpy.typing as npt
from PIL import Image


class Tensor:
    """What says itself how it is an array, as torch's tensors and OpenCV's do."""

    def __init__(self, pixels: npt.NDArray[np.uint8]) -> None:
        self._pixels = pixels

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> npt.NDArray[Any]:
        return np.array(self._pixels, dtype=dtype)

    def __iter__(self) -> Iterator[Any]:
        return iter(self._pixels)


def picture(level: int) -> npt.NDArray[np.uint8]:
    """Return a picture of which no two sides and no two colours are alike: dark at the left, and red below at the right."""
    pixels = np.full((48, 64, 3), 20, np.uint8)
    pixels[:, 32:] = level
    pixels[24:, 32:, 1:] = 20
    return pixels


def _spread(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    return pixels.repeat(2, axis=0).repeat(2, axis=1)[::2, ::2]


def _read_only(pixels: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    pixels.setflags(write=False)
    return pixels


KINDS: dict[str, Callable[[npt.NDArray[np.uint8]], Any]] = {
    "Pillow": Image.fromarray,
    "Pillow with alpha": lambda pixels: Image.fromarray(pixels).convert("RGBA"),
    "PyAV": lambda pixels: av.VideoFrame.from_ndarray(pixels, format="rgb24"),
    "PyAV in BGR": lambda pixels: av.VideoFrame.from_ndarray(pixels[:, :, ::-1].copy(), format="bgr24"),
    "tensor": Tensor,
    "not contiguous": _spread,
    "colours turned": lambda pixels: pixels[:, :, ::-1].copy()[:, :, ::-1],
    "upside down": lambda pixels: pixels[::-1].copy()[::-1],
    "columns first": np.asfortranarray,
    "read-only": _read_only,
    "of bytes": lambda pixels: np.frombuffer(pixels.tobytes(), np.uint8).reshape(pixels.shape),
}


def looks(pixels: npt.NDArray[np.uint8], level: int) -> bool:
    """Whether a picture that has been sent is `picture`."""
    inside = [pixels[4:20, 36:60], pixels[28:44, 36:60], pixels[4:44, 4:28]]
    seen = np.array([part.reshape(-1, 3).mean(axis=0) for part in inside])
    return bool(np.abs(seen - [[level] * 3, [level, 20, 20], [20] * 3]).max() < 16)


@dataclass
class Gives:
    """A transform that returns the picture as a library has it."""

    kind: str
    level: int

    def __call__(self, _frame: object) -> Any:
        return KINDS[self.kind](picture(self.level))
