"""Times in words."""

from __future__ import annotations

import math

import pytest

from rtc_widget.trace.times import duration, moment, span, transit


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.0, "0.00 ms"), (0.00042, "0.42 ms"), (0.0032, "3.2 ms"), (0.118, "118 ms"), (1.52, "1.5 s")],
)
def test_a_time_span_has_the_digits_that_matter(seconds: float, words: str) -> None:
    assert duration(seconds) == words


@pytest.mark.parametrize(
    ("seconds", "error", "words"),
    [
        (0.0, 0.0, "0.00 ms"),
        (0.0032, 0.0, "3.2 ms"),
        (0.0032, 0.0031, "3.2 ms"),
        (0.0, 0.0091, "≤10 ms"),
        (0.002, 0.0091, "≤12 ms"),
        (0.00001, 0.0003, "≤1 ms"),
        (0.002, math.inf, "2.0 ms"),
    ],
)
def test_a_way_is_no_more_exact_than_the_clocks_at_its_ends(seconds: float, error: float, words: str) -> None:
    assert transit(seconds, error) == words


def test_several_spans_are_told_as_one() -> None:
    assert (span(3.1, 3.12), span(0.1, 0.2), span(0.1, 2.0)) == (
        "3.1 s",
        "100\N{EN DASH}200 ms",
        "100 ms\N{EN DASH}2.0 s",
    )


def test_a_moment_may_be_before_the_first_signaling_event() -> None:
    assert [moment(at) for at in (-0.0001, -0.02, 0.118, 3.744)] == ["0 ms", "-20 ms", "118 ms", "3.74 s"]
