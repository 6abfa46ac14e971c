"""Sizes, counts and times."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rtc_widget.peer.process.connection import CONNECT_SECONDS
from rtc_widget.protocol.limits import LIMITS, TIMES_MS, seconds

ROOT = Path(__file__).parents[3]


def test_times_are_milliseconds_in_the_table_and_seconds_for_asyncio() -> None:
    assert {name: seconds(name) * 1000 for name in TIMES_MS} == pytest.approx(TIMES_MS)


def test_every_limit_is_above_zero() -> None:
    assert all(value > 0 for value in (*LIMITS.values(), *TIMES_MS.values()))


def test_what_is_put_into_a_message_fits_into_it() -> None:
    assert LIMITS["description_length"] < LIMITS["payload_length"]
    assert LIMITS["piece_bytes"] * 4 // 3 < LIMITS["payload_length"]


def test_pauses_grow_and_a_participant_is_away_for_longer_than_the_first_of_them() -> None:
    assert TIMES_MS["retry_first"] < TIMES_MS["retry_last"]
    assert TIMES_MS["retry_first"] * 1.5 < TIMES_MS["away"]


def test_the_lesson_about_what_is_lost_says_the_deadlines_by_which_it_is_mended() -> None:
    cells = json.loads((ROOT / "notebooks" / "09_break_it.ipynb").read_text("utf-8"))["cells"]
    text = " ".join(" ".join(map("".join, (cell["source"] for cell in cells))).split())
    words = {4.0: "four", 10.0: "ten", 15.0: "fifteen"}

    assert f"no answer after {words[seconds('answer')]} seconds is sent again" in text
    assert f"offered nothing for {words[seconds('offer_patience')]} seconds, asks for an offer" in text
    assert f"not connected after {words[CONNECT_SECONDS]} seconds starts again" in text
