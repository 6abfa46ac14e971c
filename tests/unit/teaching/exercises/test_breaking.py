"""Exercises 8.1 to 9.2, done rightly, wrongly and not at all."""

from __future__ import annotations

from tests.support.lesson_rooms import LessonRoom, judged
from tests.support.traces import sdp

OFFER = {"type": "offer", "sdp": sdp("Kp3c")}


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
    room.message("offer", "Ada", "Dora", *fate, forwarded=forwarded, content=OFFER)
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


def mended(*, again: bool) -> LessonRoom:
    """The offer that was dropped is sent again, or Dora joins anew and is sent another."""
    room = broken("dropped")
    room.fault = []
    room.message("offer", "Ada", "Dora", content=OFFER if again else {"type": "offer", "sdp": sdp("Zw8q")})
    room.connects("Ada", "Dora")
    return room


def test_9_2_is_done_when_nothing_is_broken_any_more_they_are_connected_and_it_is_told_how() -> None:
    room = broken("dropped")
    assert judged("9.2", room, answer="again").verdict == "not yet"
    room.fault = []
    assert judged("9.2", room, answer="again").verdict == "not yet"

    for told in ("again", "Sent again", "resent", "the same offer, a second time"):
        assert judged("9.2", mended(again=True), answer=told), told
    for told in ("new", "A new one", "another offer"):
        assert judged("9.2", mended(again=False), answer=told), told


def test_9_2_is_not_done_untouched_nor_by_others() -> None:
    assert judged("9.2", LessonRoom("Ada", "Bob"), answer="?").verdict == "not yet"
    assert judged("9.2", mended(again=True), answer="?").verdict == "not yet"
    room = broken("dropped")
    room.fault = []
    room.connects("Ada", "Bob")
    assert judged("9.2", room, answer="again").verdict == "not yet"


def test_9_2_says_why_it_is_not_so_and_takes_no_guess() -> None:
    assert 'marks the last offer: "offer (again)"' in judged("9.2", mended(again=True), answer="new").reason
    assert 'not marked "(again)"' in judged("9.2", mended(again=False), answer="again").reason
    for guess in ("again or new", "a new one, sent again"):
        assert "decide for one" in judged("9.2", mended(again=True), answer=guess).reason
    assert "not what it is not" in judged("9.2", mended(again=True), answer="not new, but again").reason
