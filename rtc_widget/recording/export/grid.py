"""All participants in one frame: each has a tile while they are there, dark while the camera is off."""

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
from ..read.playback import VideoPlayback

# Brightness of the background, and of a tile without a frame; 16 is black (BT.601).
_BACKGROUND: Final = 16
_DARK: Final = 40
_GREY: Final = 128
_GAP: Final = 4
# How long a frame stays visible after its span has ended, seconds.
_LATE: Final = 0.05


class Tile:
    """A participant's tile in the grid.

    Parameters
    ----------
    medium : Medium
        The media file that it shows.
    here : tuple of (float, float or None)
        When the tile is visible, in the recording's time, seconds.
    file : file or None
        The media, closed with the tile; None without video.
    """

    def __init__(
        self, medium: Medium, here: Sequence[tuple[float, float | None]], file: IO[bytes] | None
    ) -> None:
        self._medium = medium
        self._here = here
        self._video = VideoPlayback(file) if file is not None else None

    def is_there(self, time: float) -> bool:
        """Return whether the tile is visible.

        Parameters
        ----------
        time : float
            In the recording's time, seconds.

        Returns
        -------
        bool
            Whether it is visible then.
        """
        return any(start <= time and (end is None or time < end) for start, end in self._here)

    def at(self, time: float) -> Any:
        """Return the frame that the tile shows.

        Parameters
        ----------
        time : float
            In the recording's time, seconds; not before that of the previous call.

        Returns
        -------
        object
            An `av.VideoFrame`, None while the camera is off.
        """
        at = time - self._medium.begins
        if self._video is None or not any(start <= at < end + _LATE for start, end in self._medium.shown):
            return None
        return self._video.at(at)

    def close(self) -> None:
        """Close the file."""
        if self._video is not None:
            self._video.close()


class Canvas:
    """The frame with all tiles; only tiles that change are repainted.

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
        self._visible: list[Tile] | None = None
        self._painted: dict[int, Any] = {}
        width, height = size
        # I420: the rows of Y, then U and V, a quarter of the size each.
        self._planes = np.zeros((height * 3 // 2, width), np.uint8)

    def at(self, time: float) -> av.VideoFrame:
        """Paint the frame of a time.

        Parameters
        ----------
        time : float
            In the recording's time, seconds; not before that of the previous call.

        Returns
        -------
        VideoFrame
            I420, of the canvas's size.
        """
        visible = [tile for tile in self._tiles if tile.is_there(time)]
        if visible != self._visible:
            self._visible = visible
            self._painted = {}
            self._fill(self._planes_of((0, 0, *self._size)), _BACKGROUND)
        for index, tile in enumerate(visible):
            frame = tile.at(time)
            if index not in self._painted or self._painted[index] is not frame:
                self._painted[index] = frame
                self._paint(_area(index, len(visible), self._size), frame)
        return av.VideoFrame.from_ndarray(self._planes, format="yuv420p")

    def _paint(self, area: tuple[int, int, int, int], frame: Any) -> None:
        left, top, width, height = area
        self._fill(self._planes_of(area), _DARK)
        if frame is None:
            return
        scale = min(width / frame.width, height / frame.height)
        wide, high = (max(2, int(side * scale) // 2 * 2) for side in (frame.width, frame.height))
        inner = (left + (width - wide) // 4 * 2, top + (height - high) // 4 * 2, wide, high)
        planes = frame.reformat(width=wide, height=high, format="yuv420p", **COLOURS, threads=1).to_ndarray()
        for plane, part in zip(self._planes_of(inner), plane_views(planes), strict=True):
            plane[:] = part

    def _planes_of(self, area: tuple[int, int, int, int]) -> list[npt.NDArray[np.uint8]]:
        """Return the parts of the three planes that a place covers; its numbers are even."""
        left, top, width, height = area
        bright, *colours = plane_views(self._planes)
        half = (slice(top // 2, (top + height) // 2), slice(left // 2, (left + width) // 2))
        return [bright[top : top + height, left : left + width], *(colour[half] for colour in colours)]

    def _fill(self, planes: list[npt.NDArray[np.uint8]], brightness: int) -> None:
        for plane, value in zip(planes, (brightness, _GREY, _GREY), strict=True):
            plane[:] = value


def _area(index: int, count: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
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
