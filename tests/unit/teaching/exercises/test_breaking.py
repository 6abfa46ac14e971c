"""Exercises 8.1 to 9.2, done rightly, wrongly and not at all."""

from __future__ import annotations

from typing import Any, cast

from rtc_widget.teaching.check import Checked, check
from tests.support.lesson_rooms import LessonRoom


def judged(number: str, room: LessonRoom) -> Checked:
    return check(number, cast("Any", room))


def test_8_1_is_done_when_a_client_of_ones_own_has_answered_and_is_connected() -> None:
    room = LessonRoom("Ada")
    assert judged("8.1", room).verdict == "not yet"
    room.comes("Me", "mine")
    room.message("offer", "Ada", "Me")
    assert judged("8.1", room).verdict == "not yet"
    room.message("answer", "Me", "Ada")
    assert judged("8.1", room).verdict == "not yet"

    room.connects("Ada", "Me")

    assert judged("8.1", room)


def test_8_1_is_about_the_newest_client_of_ones_own() -> None:
    room = LessonRoom("Ada")
    for name in ("Mine", "Mine2"):
        room.comes(name, "mine")
        room.message("offer", "Ada", name)
        room.message("answer", name, "Ada")
    room.connects("Ada", "Mine")
    assert judged("8.1", room).verdict == "not yet"

    room.connects("Ada", "Mine2")

    assert judged("8.1", room)


def test_8_1_is_not_done_by_a_client_that_has_left_or_is_away() -> None:
    room = LessonRoom("Ada")
    room.comes("Mine", "mine")
    room.message("offer", "Ada", "Mine")
    room.message("answer", "Mine", "Ada")
    room.connects("Ada", "Mine")
    room.step("Mine", "away", "Ada")
    assert "run its cell once more" in judged("8.1", room).reason
    room.step("Mine", "back", "Ada")
    assert judged("8.1", room)

    room.step("Mine", "leave", "Ada")

    assert judged("8.1", room).verdict == "not so"


def test_8_1_is_not_done_by_a_peer_nor_by_others() -> None:
    room = LessonRoom("Ada", "Bob")
    room.comes("Me", "python")
    room.message("answer", "Me", "Ada")
    room.connects("Ada", "Me")
    assert judged("8.1", room).verdict == "not yet"
    room.comes("Mine", "mine")
    room.connects("Ada", "Bob")
    assert judged("8.1", room).verdict == "not yet"


def broken(*fate: str, forwarded: bool = False) -> LessonRoom:
    room = LessonRoom("Ada", "Bob")
    room.breaks()
    room.comes("Dora", "python")
    room.message("offer", "Ada", "Dora", *fate, forwarded=forwarded)
    return room


def test_9_1_is_done_when_a_fault_keeps_dora_and_ada_apart() -> None:
    assert judged("9.1", LessonRoom("Ada", "Bob")).verdict == "not yet"
    assert judged("9.1", broken("dropped"))


def test_9_1_is_not_done_by_any_fault_nor_before_anything_was_hit() -> None:
    room = LessonRoom("Ada", "Bob")
    room.breaks()
    room.comes("Dora", "python")
    assert judged("9.1", room).verdict == "not yet"
    room.message("offer", "Ada", "Bob", "dropped", forwarded=False)
    assert judged("9.1", room).verdict == "not yet"


def test_9_1_says_why_it_is_not_so() -> None:
    room = broken("dropped")
    room.connects("Ada", "Dora")
    assert "was not needed" in judged("9.1", room).reason
    room = broken(forwarded=True)
    room.connects("Ada", "Dora")
    assert "before she joins" in judged("9.1", room).reason
    # She is there, and the fault is gone.
    room = broken("dropped")
    room.fault = []
    assert "cleared, or used up" in judged("9.1", room).reason


def test_9_2_is_done_when_nothing_is_broken_any_more_and_they_are_connected() -> None:
    room = broken("dropped")
    assert judged("9.2", room).verdict == "not yet"
    room.fault = []
    assert judged("9.2", room).verdict == "not yet"

    room.connects("Ada", "Dora")

    assert judged("9.2", room)


def test_9_2_is_not_done_untouched_nor_by_others() -> None:
    assert judged("9.2", LessonRoom("Ada", "Bob")).verdict == "not yet"
    room = broken("dropped")
    room.fault = []
    room.connects("Ada", "Bob")
    assert judged("9.2", room).verdict == "not yet"
