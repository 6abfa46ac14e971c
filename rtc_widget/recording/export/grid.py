"""Everybody in one picture: who is there has a place, and it is dark while the camera is off."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import IO, Any, Final

import av
import numpy as np
import numpy.typing as npt

from ...media.i420 import plane_views
from ...media.open_media import COLOURS
from ..contents import Medium
from ..read.playback import Film

# Brightness of what is around the places, and of a place without a picture; 16 is black (BT.601).
_AROUND: Final = 16
_DARK: Final = 40
_GREY: Final = 128
_GAP: Final = 4
# Somebody's picture stays as long as this beyond its last.
_LATE: Final = 0.05


class Tile:
    """Somebody's place in the picture.

    Parameters
    ----------
    medium : Medium
        What is shown in it.
    here : tuple of (float, float or None)
        When it is there, in the recording's time.
    file : file or None
        The media, closed with this; None where there are no pictures at all.
    """

    def __init__(
        self, medium: Medium, here: Sequence[tuple[float, float | None]], file: IO[bytes] | None
    ) -> None:
        self._medium = medium
        self._here = here
        self._film = Film(file) if file is not None else None

    def is_there(self, time: float) -> bool:
        """Whether there is a place at a time."""
        return any(start <= time and (end is None or time < end) for start, end in self._here)

    def at(self, time: float) -> Any:
        """Return the frame that is shown at a time, None while nothing is."""
        at = time - self._medium.begins
        if self._film is None or not any(start <= at < end + _LATE for start, end in self._medium.shown):
            return None
        return self._film.at(at)

    def close(self) -> None:
        """Close the file."""
        if self._film is not None:
            self._film.close()


class Canvas:
    """The picture with all places; only what changes is painted.

    Parameters
    ----------
    size : (int, int)
        Width and height, px, even.
    tiles : sequence of Tile
        In their order.
    """

    def __init__(self, size: tuple[int, int], tiles: Sequence[Tile]) -> None:
        self._size = size
        self._tiles = tiles
        self._there: list[Tile] | None = None
        self._painted: dict[int, Any] = {}
        width, height = size
        # I420: rows of brightness, then two quarters of colour.
        self._planes = np.zeros((height * 3 // 2, width), np.uint8)

    def at(self, time: float) -> av.VideoFrame:
        """Return the picture of a time no earlier than the last."""
        there = [tile for tile in self._tiles if tile.is_there(time)]
        if there != self._there:
            self._there = there
            self._painted = {}
            self._fill(self._planes_of((0, 0, *self._size)), _AROUND)
        for index, tile in enumerate(there):
            frame = tile.at(time)
            if index not in self._painted or self._painted[index] is not frame:
                self._painted[index] = frame
                self._paint(_place(index, len(there), self._size), frame)
        return av.VideoFrame.from_ndarray(self._planes, format="yuv420p")

    def _paint(self, place: tuple[int, int, int, int], frame: Any) -> None:
        left, top, width, height = place
        self._fill(self._planes_of(place), _DARK)
        if frame is None:
            return
        scale = min(width / frame.width, height / frame.height)
        wide, high = (max(2, int(side * scale) // 2 * 2) for side in (frame.width, frame.height))
        inner = (left + (width - wide) // 4 * 2, top + (height - high) // 4 * 2, wide, high)
        picture = frame.reformat(width=wide, height=high, format="yuv420p", **COLOURS).to_ndarray()
        for plane, part in zip(self._planes_of(inner), plane_views(picture), strict=True):
            plane[:] = part

    def _planes_of(self, place: tuple[int, int, int, int]) -> list[npt.NDArray[np.uint8]]:
        """Return the parts of the three planes that a place covers; its numbers are even."""
        left, top, width, height = place
        bright, *colours = plane_views(self._planes)
        half = (slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2))
        return [bright[top : top + height, left : left + width], *(colour[half] for colour in colours)]

    def _fill(self, planes: list[npt.NDArray[np.uint8]], brightness: int) -> None:
        for plane, value in zip(planes, (brightness, _GREY, _GREY), strict=True):
            plane[:] = value


def _place(index: int, count: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return left, top, width and height of a place in a grid; the last row is in the middle."""
    if count == 1:
        return (0, 0, *size)
    columns = math.ceil(math.sqrt(count))
    rows = math.ceil(count / columns)
    width, height = size[0] // columns, size[1] // rows
    row, column = divmod(index, columns)
    in_row = columns if row < rows - 1 else count - columns * (rows - 1)
    left = (size[0] - in_row * width) // 2 + column * width
    even = (left + _GAP // 2, row * height + _GAP // 2, width - _GAP, height - _GAP)
    return tuple(number // 2 * 2 for number in even)  # type: ignore[return-value]
