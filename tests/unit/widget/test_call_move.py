"""A call is moved to another tab: who has it leaves first."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from rtc_widget.widget.call_move import CallMove


class Moved:
    """A move, and what it has asked for."""

    def __init__(self, *, is_in: bool) -> None:
        self.asked: list[Any] = []
        self.member = SimpleNamespace(me=object() if is_in else None)
        self.move = CallMove(
            cast("Any", self.member),
            cast("Any", SimpleNamespace(post=lambda act, *args: act(*args))),
            leave=lambda: self.asked.append("leave"),
            invite=self.asked.append,
        )

    def ask(self, client_id: str) -> None:
        self.move.receive(client_id, {"kind": "move"}, [])


def test_who_has_the_call_leaves_before_the_one_that_asks_is_invited() -> None:
    moved = Moved(is_in=True)

    moved.ask("here")
    assert moved.asked == ["leave"]

    moved.move.on_left()
    assert moved.asked == ["leave", "here"]


def test_where_nobody_has_it_any_more_the_one_that_asks_is_invited_at_once() -> None:
    moved = Moved(is_in=False)

    moved.ask("here")

    assert moved.asked == ["here"]


def test_of_two_that_ask_the_last_one_has_it() -> None:
    moved = Moved(is_in=True)

    moved.ask("here")
    moved.ask("there")
    moved.move.on_left()

    assert moved.asked == ["leave", "leave", "there"]


@pytest.mark.parametrize("times", [1, 2])
def test_leaving_without_that_anybody_asked_invites_nobody(times: int) -> None:
    moved = Moved(is_in=True)
    moved.ask("here")
    moved.move.on_left()

    for _ in range(times):
        moved.move.on_left()

    assert moved.asked == ["leave", "here"]
