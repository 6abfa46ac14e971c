"""What becomes of a widget whose cell has made another one."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from rtc_widget.widget.succession import Succession


class Widget:
    """A widget, its session, and what was closed of them."""

    def __init__(self, *, is_open: bool, recordings: tuple[str, ...] = ()) -> None:
        self.closed: list[str] = []
        self.recordings = [SimpleNamespace(state=state) for state in recordings]
        self.session = SimpleNamespace(is_open=is_open, close=lambda: self.closed.append("session"))
        self.succession = Succession(cast("Any", self), lambda: cast("Any", self.session))

    def close(self) -> None:
        self.closed.append("widget")


@pytest.mark.parametrize("is_open", [True, False])
def test_one_that_is_shown_stays_until_nothing_shows_it(is_open: bool) -> None:
    widget = Widget(is_open=is_open)

    widget.succession.succeed()

    assert widget.closed == ([] if is_open else ["widget"])


def test_one_that_was_replaced_ends_once_nothing_shows_it() -> None:
    widget = Widget(is_open=True)
    widget.succession.succeed()

    widget.succession.on_abandoned()

    assert widget.closed == ["session", "widget"]


def test_one_without_a_successor_may_be_shown_again() -> None:
    widget = Widget(is_open=True)

    widget.succession.on_abandoned()
    assert widget.closed == ["session"]

    widget.session.is_open = False
    widget.succession.succeed()
    assert widget.closed == ["session", "widget"]


@pytest.mark.parametrize(
    ("recordings", "ends"), [(("done",), True), (("recording",), False), (("done", "finishing"), False)]
)
def test_what_it_records_goes_on(recordings: tuple[str, ...], ends: bool) -> None:
    widget = Widget(is_open=False, recordings=recordings)

    widget.succession.succeed()

    assert widget.closed == ["widget"] * ends
