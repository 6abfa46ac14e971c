"""Frames that move, and a track of them."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import av
import numpy as np
from aiortc import (
    MediaStreamTrack,
)

Pictures = Iterator[np.ndarray[Any, Any]]

FPS = 20


def picture(number: int) -> av.VideoFrame:
    """Return a small picture that differs from the one before."""
    pixels = np.full((120, 160, 3), 40 + number * 7 % 160, np.uint8)
    return av.VideoFrame.from_ndarray(pixels, format="rgb24").reformat(format="yuv420p")


def moving() -> Pictures:
    """Give pictures for ever."""
    number = 0
    while True:
        number += 1
        yield picture(number).to_ndarray(format="rgb24")


def breaking(broken: threading.Event) -> Pictures:
    """Give pictures until told to raise, as a user's own code does."""
    for pixels in moving():
        if broken.is_set():
            break
        yield pixels
    message = "a mistake of the user's"
    raise ValueError(message)


class Track(MediaStreamTrack):
    """Sends what an iterator gives; what that raises is raised here."""

    kind = "video"

    def __init__(self, pictures: Pictures) -> None:
        super().__init__()
        self._pictures = pictures
        self._began = time.monotonic()
        self._number = 0

    async def recv(self) -> av.VideoFrame:
        self._number += 1
        await asyncio.sleep(max(0.0, self._began + self._number / FPS - time.monotonic()))
        frame = av.VideoFrame.from_ndarray(next(self._pictures), format="rgb24")
        frame.pts, frame.time_base = self._number * 90_000 // FPS, Fraction(1, 90_000)
        return frame
