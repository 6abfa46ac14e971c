"""What an error says is to be done with an array gives the right picture."""

from __future__ import annotations

import re
from typing import Any

import numpy
import numpy as np
import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.media.frame import check_frame

PICTURE = np.random.default_rng(7).integers(0, 256, (24, 32, 3), np.uint8)
PICTURE[0, 0] = 0, 255, 128


def followed(frame: Any) -> Any:
    """Return what becomes of an array when the errors' hints are followed until there is none."""
    for _ in range(3):
        try:
            return check_frame(frame)
        except InvalidArgumentError as error:
            message = error.message
        hint = re.search(r": ((?:frame|numpy|\().*?)(?: if .*)?\.$", message)
        assert hint is not None, message
        frame = eval(hint[1], {"numpy": numpy, "frame": frame})
    raise AssertionError("the hints lead nowhere")


@pytest.mark.parametrize(
    "frame",
    [
        PICTURE.astype(np.uint16) * 257,
        PICTURE.astype(np.uint16),
        PICTURE.astype(np.int64),
        PICTURE / 255,
        (PICTURE / 255).astype(np.float16),
        PICTURE.astype(float),
        np.where(np.arange(3) == 1, np.inf, PICTURE.astype(float)),
    ],
)
def test_values_become_what_they_mean(frame: Any) -> None:
    expected = np.where(np.isinf(frame), 255, PICTURE)

    assert np.abs(followed(frame).astype(int) - expected).max() <= 1


def test_what_is_true_is_white() -> None:
    assert (followed(PICTURE > 100) == np.where(PICTURE > 100, 255, 0)).all()


@pytest.mark.parametrize(
    "frame",
    [
        PICTURE.transpose(2, 0, 1),
        PICTURE.transpose(2, 0, 1) / 255,
        np.dstack([PICTURE, PICTURE]),
        np.stack([PICTURE] * 5),
        np.stack([PICTURE] * 3),
        np.stack([PICTURE]),
        np.stack([PICTURE.transpose(2, 0, 1)] * 5),
    ],
)
def test_colours_are_where_they_belong(frame: Any) -> None:
    assert np.abs(followed(frame).astype(int) - PICTURE).max() <= 1


@pytest.mark.parametrize(
    "frame",
    [
        PICTURE[:, :, :1],
        np.dstack([PICTURE[:, :, 0], np.full((24, 32), 255, np.uint8)]),
        PICTURE[None, :, :, 0],
        PICTURE[None, :, :, :1],
    ],
)
def test_what_is_grey_is_grey(frame: Any) -> None:
    assert (followed(frame) == PICTURE[:, :, :1]).all()


@pytest.mark.parametrize("frame", [np.zeros(9, np.uint8), np.array(["red"]), np.zeros((4, 4, 3), complex)])
def test_what_cannot_be_meant_as_a_picture_gets_no_hint(frame: Any) -> None:
    with pytest.raises(InvalidArgumentError, match=r"not [^:]*\.") as refused:
        check_frame(frame)

    assert refused.value.code == "bad_frame"
