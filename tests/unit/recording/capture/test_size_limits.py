"""Where a recording stops by itself."""

from __future__ import annotations

from typing import Any

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.recording.arguments import MB
from rtc_widget.recording.capture.size_limits import SizeLimits


@pytest.mark.parametrize(
    ("megabytes", "seconds", "share", "which"),
    [
        (0, 0, 0.0, "180 minutes"),
        (10, 60, 0.5, "20 MB"),
        (1, 9_720, 0.9, "180 minutes"),
        (30, 60, 1.5, "20 MB"),
    ],
)
def test_the_nearer_limit_is_told(megabytes: int, seconds: float, share: float, which: str) -> None:
    usage = SizeLimits(20, 180).usage(megabytes * MB, seconds)

    if share:
        assert usage == (pytest.approx(share), which)
    assert usage[0] == pytest.approx(share)


@pytest.mark.parametrize("wrong", [0, -1, float("nan"), "20", True, None])
@pytest.mark.parametrize("what", ["max_mb", "max_minutes"])
def test_a_limit_is_a_number_above_zero(what: str, wrong: Any) -> None:
    given: dict[str, Any] = {"max_mb": 20, "max_minutes": 180, what: wrong}

    with pytest.raises(InvalidArgumentError, match=what) as caught:
        SizeLimits(**given)

    assert caught.value.code == "bad_argument"
