"""Sizes, counts and times."""

from __future__ import annotations

import pytest

from rtc_widget.protocol.limits import LIMITS, TIMES_MS, seconds


@pytest.mark.parametrize("name", sorted(TIMES_MS))
def test_times_are_milliseconds_in_the_table_and_seconds_for_asyncio(name: str) -> None:
    assert seconds(name) * 1000 == pytest.approx(TIMES_MS[name])


def test_every_limit_is_above_zero() -> None:
    assert all(value > 0 for value in (*LIMITS.values(), *TIMES_MS.values()))


def test_what_is_put_into_a_message_fits_into_it() -> None:
    assert LIMITS["description_length"] < LIMITS["payload_length"]
    assert LIMITS["piece_bytes"] * 4 // 3 < LIMITS["payload_length"]


def test_pauses_grow_and_a_participant_is_away_for_longer_than_the_first_of_them() -> None:
    assert TIMES_MS["retry_first"] < TIMES_MS["retry_last"]
    assert TIMES_MS["retry_first"] * 1.5 < TIMES_MS["away"]
