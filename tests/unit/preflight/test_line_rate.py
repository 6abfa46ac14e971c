"""What a train of packets says of a line, and what is told of it."""

from __future__ import annotations

import pytest

from rtc_widget.preflight.line_rate import PACKET_BYTES, PACKETS, conclude, is_enough, rate_of

BITS = PACKET_BYTES * 8


def train(rate: float, *, count: int = PACKETS, at_once: int = 0) -> list[float]:
    """Return when packets come over a line, of which the first pass at once, as through a token bucket."""
    return [max(0, number - at_once) * BITS / rate for number in range(count)]


@pytest.mark.parametrize("rate", [3e5, 2e6, 1.5e7])
@pytest.mark.parametrize("at_once", [0, 14])
def test_a_rate_is_that_of_the_narrowest_line_also_where_it_lets_a_burst_through(
    rate: float, at_once: int
) -> None:
    assert rate_of(train(rate, at_once=at_once)) == pytest.approx(rate, rel=0.01)


def test_packets_that_overtake_each_other_change_nothing() -> None:
    assert rate_of(train(2e6)[::-1]) == pytest.approx(2e6)


@pytest.mark.parametrize("count", [0, 1, 23])
def test_where_too_few_came_nothing_is_told_and_nothing_more_sent(count: int) -> None:
    few = train(1e6, count=count)

    assert rate_of(few) is None
    assert is_enough(few)
    assert conclude("stun:one.example", [few]) == []


@pytest.mark.parametrize(
    ("rate", "state", "text"),
    [
        (3e5, "warning", "About 0.3 Mbit/s pass to stun:one.example."),
        (2.9e6, "warning", "About 2.9 Mbit/s pass to stun:one.example."),
        (3.1e6, "good", "About 3.1 Mbit/s pass to stun:one.example."),
        (1e9, "good", "More than 20 Mbit/s pass to stun:one.example."),
    ],
)
def test_it_is_told_in_figures_and_too_little_as_a_warning_with_what_helps(
    rate: float, state: str, text: str
) -> None:
    (finding,) = conclude("stun:one.example", [train(rate)])

    assert (finding.state, finding.text) == (state, text)
    assert ("fewer people" in finding.advice) == (state == "warning")


def test_a_train_that_something_was_in_the_way_of_is_followed_by_another_which_counts() -> None:
    slow, fast = train(1e6), train(1e7)

    assert not is_enough(slow)
    assert is_enough(fast)
    assert conclude("stun:one.example", [slow, fast])[0].state == "good"
