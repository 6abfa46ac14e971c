"""What describes a picture beside its pixels: how it is turned or mirrored, and the shape of its pixels.

Phones film as they are held and say in a display matrix how the picture is to be turned (ISO/IEC 14496-12, section 8.3.2);
cameras say it as an Exif orientation, of which FFmpeg makes such a matrix. DVDs and television have pixels that are no
squares. An array has none of this, so it is applied to the pixels.
"""

from __future__ import annotations

import struct
from fractions import Fraction
from typing import Any, Final, NamedTuple

import av
from av.filter import Graph

from .frame import limit
from .i420 import rows_of

# The four of nine that turn: x' = a * x + c * y, y' = b * x + d * y, with y downwards.
_TURNING: Final = struct.Struct("=2i4x2i16x")
# FFmpeg's AV_FRAME_DATA_EXIF, with which PyAV 18 cannot list what a frame has.
_EXIF: Final = "31"


class _Turn(NamedTuple):
    transposed: bool
    backwards: bool
    upside_down: bool


_UPRIGHT: Final = _Turn(transposed=False, backwards=False, upside_down=False)


def upright(frame: av.VideoFrame, pixel_aspect: Fraction | None) -> av.VideoFrame:
    """Turn a picture, and stretch it, as everything that shows it would.

    Parameters
    ----------
    frame : VideoFrame
        As it was decoded.
    pixel_aspect : Fraction or None
        Width of a pixel divided by its height, as of PyAV's ``sample_aspect_ratio``.

    Returns
    -------
    VideoFrame
        The same frame when nothing is to be done, else one in yuv420p.
    """
    turn = _turn_of(frame)
    if turn == _UPRIGHT and pixel_aspect in (None, 0, 1):
        return frame
    square = limit(frame, pixel_aspect or Fraction(1))
    return square if turn == _UPRIGHT else _turned(square, turn)


def _turn_of(frame: av.VideoFrame) -> _Turn:
    try:
        matrix = _display_matrix(frame)
    except (ValueError, av.FFmpegError):
        # Something else that PyAV cannot list. It tells the angle all the same, but not what is mirrored.
        quarters = round(frame.rotation / 90) % 4
        return (_UPRIGHT, _Turn(True, False, True), _Turn(False, True, True), _Turn(True, True, False))[
            quarters
        ]
    if matrix is None:
        return _UPRIGHT
    a, b, c, d = _TURNING.unpack(matrix)
    if abs(b) + abs(c) > abs(a) + abs(d):
        return _Turn(transposed=True, backwards=c < 0, upside_down=b < 0)
    return _Turn(transposed=False, backwards=a < 0, upside_down=d < 0)


def _display_matrix(frame: av.VideoFrame) -> bytes | None:
    try:
        described: Any = frame.side_data
    except ValueError:
        described = _without_exif(frame).side_data
    matrix = described.get("DISPLAYMATRIX")
    return None if matrix is None else bytes(matrix)


def _without_exif(frame: av.VideoFrame) -> av.VideoFrame:
    graph: Any = Graph()
    source = graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=frame.time_base
    )
    graph.link_nodes(
        source, graph.add("sidedata", mode="delete", type=_EXIF), graph.add("buffersink")
    ).configure()
    graph.push(frame)
    made: av.VideoFrame = graph.pull()
    return made


def _turned(frame: av.VideoFrame, turn: _Turn) -> av.VideoFrame:
    size = (frame.height, frame.width) if turn.transposed else (frame.width, frame.height)
    made = av.VideoFrame(*size, "yuv420p")
    for source, target in zip(frame.planes, made.planes, strict=True):
        pixels = rows_of(source).T if turn.transposed else rows_of(source)
        rows_of(target)[:] = pixels[:: -1 if turn.upside_down else 1, :: -1 if turn.backwards else 1]
    made.pts, made.time_base = frame.pts, frame.time_base
    return made
