"""Which connections only one end has said to be connected, and for how long the other is waited for."""

from __future__ import annotations

from rtc_widget.trace.half_told import HalfTold


def test_the_other_end_is_waited_for_a_second_from_the_first_word_on() -> None:
    told = HalfTold()
    assert told.remaining(0.0) == 0.0

    told.apply("ada", "bob", "connected", 10.0)
    told.apply("ada", "bob", "connected", 10.5)

    assert told.remaining(10.25) == 0.75
    assert told.remaining(12.0) <= 0


def test_nobody_is_waited_for_once_both_have_said_it_or_it_is_no_longer_so() -> None:
    told = HalfTold()
    told.apply("ada", "bob", "connected", 10.0)
    told.apply("bob", "ada", "connected", 10.1)
    assert told.remaining(10.2) == 0.0

    told.apply("carol", "ada", "connected", 10.0)
    told.apply("carol", "ada", "failed", 10.1)
    assert told.remaining(10.2) == 0.0


def test_nobody_waits_for_who_has_left() -> None:
    told = HalfTold()
    told.apply("ada", "bob", "connected", 10.0)

    told.forget("bob")

    assert told.remaining(10.1) == 0.0
