"""Checks of what users pass to a `Peer`."""

from __future__ import annotations

import math
import pickle
import sys
from typing import Any

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.peer.kernel.arguments import check_rate, check_transform, pickled


@pytest.mark.parametrize("fps", [1, 0.5, 1000])
def test_a_frame_rate_is_a_number(fps: float) -> None:
    assert check_rate(fps) == float(fps)


@pytest.mark.parametrize("fps", [0, -1, 1001, True, "30", None, math.nan])
def test_what_no_clock_can_keep_to_is_refused(fps: object) -> None:
    with pytest.raises(InvalidArgumentError, match="fps must be a number above 0"):
        check_rate(fps)


@pytest.mark.parametrize(
    ("function", "run", "code"), [(len, "gpu", "bad_argument"), ("blur", "kernel", "bad_transform")]
)
def test_what_cannot_be_a_transform_is_refused(function: Any, run: str, code: str) -> None:
    check_transform(None, "kernel")
    check_transform(len, "peer")

    with pytest.raises(InvalidArgumentError) as refused:
        check_transform(function, run)
    assert refused.value.code == code


def test_a_function_travels_with_the_way_to_its_module() -> None:
    path, function = pickle.loads(pickled(math.sqrt))

    assert path == list(map(str, sys.path))
    assert pickle.loads(function) is math.sqrt


def test_what_the_other_process_cannot_load_is_refused_with_what_to_do() -> None:
    def local(frame: Any) -> Any:
        return frame

    of_the_notebook: Any = lambda frame: frame  # noqa: E731
    of_the_notebook.__module__ = "__main__"

    for function in (local, of_the_notebook):
        with pytest.raises(InvalidArgumentError, match="put it into a module"):
            pickled(function)
