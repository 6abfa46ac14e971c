"""A number is one whatever library it is from, and what looks like one is not."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from rtc_widget.plain_numbers import number


@pytest.mark.parametrize(
    "value", [2, 2.0, np.float32(2), np.int64(2), np.array(2), np.float16(2), Fraction(4, 2), Decimal(2)]
)
def test_every_library_s_number_is_one(value: Any) -> None:
    found = number(value)
    assert (found, type(found)) == (2.0, float)


@pytest.mark.parametrize(
    "value",
    [
        *("2", b"2", bytearray(b"2"), True, np.True_, None, [2], np.array([2]), object(), 2j),
        *(math.nan, math.inf, -math.inf, 10**400, Decimal("NaN"), np.array(True)),
    ],
    ids=lambda value: f"{type(value).__name__} {str(value)[:9]}",
)
def test_what_only_converts_to_one_or_has_no_end_is_none(value: Any) -> None:
    assert number(value) is None
