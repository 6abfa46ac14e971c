"""How frames lie in memory."""

from __future__ import annotations

import av
import numpy as np
import pytest

from rtc_widget.media import i420


@pytest.mark.parametrize(
    ("width", "height", "columns", "rows"), [(16, 16, 16, 16), (17, 9, 18, 12), (2, 2, 2, 4), (1, 1, 2, 4)]
)
def test_a_frame_is_padded_to_what_can_be_read(width: int, height: int, columns: int, rows: int) -> None:
    assert i420.padded(width, height) == (columns, rows)
    assert i420.plane_bytes(width, height) == columns * rows * 3 // 2


def test_planes_are_views_of_one_array() -> None:
    planes = np.arange(6 * 4, dtype=np.uint8).reshape(6, 4)

    luma, blue, red = i420.plane_views(planes)

    assert (luma.shape, blue.shape, red.shape) == ((4, 4), (2, 2), (2, 2))
    assert np.array_equal(np.concatenate([luma.ravel(), blue.ravel(), red.ravel()]), np.arange(24))
    assert all(np.shares_memory(planes, plane) for plane in (luma, blue, red))


def test_bytes_are_copied_whatever_the_shape() -> None:
    source, target = np.arange(6, dtype=np.uint8).reshape(2, 3), np.zeros(6, np.uint8)

    i420.copy_bytes(source, target)

    assert np.array_equal(target, np.arange(6))


@pytest.mark.parametrize(("width", "height"), [(64, 32), (18, 10), (6, 6)])
def test_a_frame_is_copied_and_its_last_row_and_column_fill_the_padding(width: int, height: int) -> None:
    rng = np.random.default_rng(7)
    frame = av.VideoFrame(width, height, "yuv420p")
    wanted = []
    for plane in frame.planes:
        values = rng.integers(0, 256, (plane.height, plane.width), np.uint8)
        rows = np.zeros((plane.height, plane.line_size), np.uint8)
        rows[:, : plane.width] = values
        plane.update(rows.tobytes())
        wanted.append(values)
    columns, rows_in_all = i420.padded(width, height)
    planes = np.zeros((rows_in_all * 3 // 2, columns), np.uint8)

    i420.copy_planes(frame, planes)

    for view, values in zip(i420.plane_views(planes), wanted, strict=True):
        height_of, width_of = values.shape
        assert np.array_equal(view[:height_of, :width_of], values)
        assert np.all(view[height_of:, :width_of] == values[-1])
        assert np.all(view[:height_of, width_of:] == values[:, -1:])
