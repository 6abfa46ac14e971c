"""I420, the format of decoders and encoders: a plane of luma, and two of chroma with half the rows and columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


def even(size: int) -> int:
    """Round up to an even number: chroma planes have half as many rows and columns.

    Parameters
    ----------
    size : int
        Px.

    Returns
    -------
    int
        The next even number.
    """
    return size + size % 2


def padded(width: int, height: int) -> tuple[int, int]:
    """Return the array size that a frame needs: PyAV only reads I420 arrays with a multiple of 4 rows.

    Parameters
    ----------
    width, height : int
        The frame's size, px.

    Returns
    -------
    (int, int)
        Columns and rows.
    """
    return even(width), -(-height // 4) * 4


def plane_bytes(width: int, height: int) -> int:
    """Return the size of an I420 frame.

    Parameters
    ----------
    width, height : int
        The frame's size, px.

    Returns
    -------
    int
        Bytes.
    """
    columns, rows = padded(width, height)
    return columns * rows * 3 // 2


def copy_bytes(source: Any, target: Any) -> None:
    """Copy between contiguous buffers of the same size.

    Unlike numpy this keeps the GIL. A thread that releases it gets it back from a busy kernel only after the switch
    interval of 5 ms, many times longer than the copy takes.

    Parameters
    ----------
    source : object
        The buffer to read.
    target : object
        The buffer to write.
    """
    memoryview(target).cast("B")[:] = memoryview(source).cast("B")


def plane_views(planes: Bytes) -> list[Bytes]:
    """Return the Y, U and V planes of an I420 array, without copying.

    Parameters
    ----------
    planes : Bytes
        Shape (rows * 3 / 2, columns).

    Returns
    -------
    list of Bytes
        Three views.
    """
    rows, columns = planes.shape[0] * 2 // 3, planes.shape[1]
    flat = planes.reshape(-1)
    luma, chroma = rows * columns, rows * columns // 4
    return [
        flat[:luma].reshape(rows, columns),
        flat[luma : luma + chroma].reshape(rows // 2, columns // 2),
        flat[luma + chroma :].reshape(rows // 2, columns // 2),
    ]


def rows_of(plane: Any) -> Bytes:
    """Return an FFmpeg plane as an array, without copying and without its padding.

    Parameters
    ----------
    plane : object
        An `av.video.plane.VideoPlane` of 8 bits.

    Returns
    -------
    Bytes
        Shape (height, width).
    """
    rows = np.frombuffer(plane, np.uint8)[: plane.height * plane.line_size]
    return rows.reshape(plane.height, plane.line_size)[:, : plane.width]


def copy_planes(frame: Any, planes: Bytes) -> None:
    """Copy a frame into an I420 array, repeating its last row and column as padding.

    Parameters
    ----------
    frame : object
        An `av.VideoFrame` in yuv420p.
    planes : Bytes
        The array.
    """
    for plane, target in zip(frame.planes, plane_views(planes), strict=True):
        if (plane.height, plane.width) == target.shape and plane.line_size == plane.width:
            copy_bytes(memoryview(plane)[: target.size], target)
            continue
        source = rows_of(plane)
        height, width = source.shape
        target[:height, :width] = source
        target[:height, width:] = source[:, -1:]
        target[height:] = target[height - 1]
