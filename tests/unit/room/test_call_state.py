"""The states of a call, row by row."""

from __future__ import annotations

import pytest

from rtc_widget.room.call_state import TRANSITIONS, CallState, is_legal

STATES = ("idle", "connecting", "joined", "reconnecting", "left", "failed")
TABLE = {
    # from:         to idle, connecting, joined, reconnecting, left, failed
    "idle": "yyyyyy",
    "connecting": "yyyyyy",
    "joined": "nnyyyy",
    "reconnecting": "nnyyyy",
    "left": "nyyyyy",
    "failed": "yyyyyy",
}


def test_a_state_follows_another_where_the_table_has_it() -> None:
    legal = {before: "".join("y" if is_legal(before, after) else "n" for after in STATES) for before in TABLE}

    assert legal == TABLE


def test_every_state_has_a_row() -> None:
    assert set(TRANSITIONS) == set(CallState)
    assert tuple(map(str, CallState)) == STATES


def test_what_is_no_state_is_an_error() -> None:
    with pytest.raises(ValueError, match="gone"):
        is_legal("idle", "gone")
