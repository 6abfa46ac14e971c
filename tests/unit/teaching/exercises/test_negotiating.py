"""Exercises 2.1 to 4.2, done rightly, wrongly and not at all."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from tests.support.lesson_rooms import LessonRoom, judged

# -- 2.1


def paused() -> LessonRoom:
    """Carol has come while the room is paused, and both who were there offer."""
    room = LessonRoom("Ada", "Bob")
    room.paused = True
    room.comes("Carol", "python")
    room.holds("offer", "Ada", "Carol")
    room.holds("offer", "Bob", "Carol")
    return room


def test_2_1_is_not_done_by_an_untouched_cell_nor_by_half_of_it() -> None:
    assert judged("2.1", LessonRoom("Ada", "Bob")).verdict == "not yet"
    assert judged("2.1", paused()).verdict == "not yet"


def test_2_1_is_done_when_adas_offer_went_through_and_carols_answer_waits() -> None:
    room = paused()
    room.message("offer", "Ada", "Carol", "held", "released")
    assert judged("2.1", room).verdict == "not yet"

    room.holds("answer", "Carol", "Ada")

    assert judged("2.1", room)


@pytest.mark.parametrize("senders", [["Bob"], ["Ada", "Bob"]])
def test_2_1_is_not_so_when_bobs_offer_went_through(senders: list[str]) -> None:
    room = paused()
    for sender in senders:
        room.message("offer", sender, "Carol", "held", "released")
    room.holds("answer", "Carol", senders[0])

    checked = judged("2.1", room)

    assert checked.verdict == "not so"
    assert "An offer of Bob went through" in checked.reason


def test_2_1_is_not_so_when_the_answer_went_on() -> None:
    room = paused()
    room.message("offer", "Ada", "Carol", "held", "released")
    room.message("answer", "Carol", "Ada", "held", "released")

    assert "one step too many" in judged("2.1", room).reason


def test_2_1_can_be_begun_again() -> None:
    room = paused()
    room.message("offer", "Bob", "Carol", "held", "released")
    room.message("answer", "Carol", "Bob")
    room.held.clear()
    room.comes("Carol", "python", key="another")
    room.message("offer", "Ada", "another", "held", "released")
    room.holds("answer", "Carol", "Ada")

    assert judged("2.1", room)


def test_2_1_is_not_done_without_a_pause() -> None:
    room = LessonRoom("Ada", "Bob")
    room.comes("Carol", "python")
    room.message("offer", "Ada", "Carol")
    room.message("offer", "Bob", "Carol")

    assert judged("2.1", room).verdict == "not so"


# -- 2.2


def agreed() -> LessonRoom:
    """Bob, who came later, has answered: he is active."""
    room = LessonRoom("Ada", "Bob")
    room.message("offer", "Ada", "Bob")
    room.message("answer", "Bob", "Ada", setup="active")
    return room


@pytest.mark.parametrize("answer", ["Bob", "bob", " BOB ", SimpleNamespace(name="Bob")])
@pytest.mark.parametrize("line", ["a=setup:active", "setup:active\r\n"])
def test_2_2_takes_a_name_in_any_case_a_participant_or_a_peer(answer: Any, line: str) -> None:
    assert judged("2.2", agreed(), answer, line=line)
    assert judged("2.2", agreed(), answer=answer, line=line)


@pytest.mark.parametrize(
    "given", [{}, {"answer": "?", "line": "?"}, {"answer": "Bob"}, {"answer": "Bob", "line": "…"}]
)
def test_2_2_is_not_done_untouched_nor_by_a_guess_of_the_name(given: dict[str, Any]) -> None:
    assert judged("2.2", agreed(), **given).verdict == "not yet"


@pytest.mark.parametrize(
    ("answer", "line", "reason"),
    [
        ("Ada", "a=setup:actpass", "leaves the choice to the other side"),
        ("Ada", "a=setup:active", "You answered Ada"),
        ("Bob", "a=setup:passive", "The passive side waits"),
        ("Bob", "a=mid:0", "a=setup:"),
        ("Teacher", "a=setup:active", "'Teacher' is none of these: Ada, Bob."),
    ],
)
def test_2_2_says_why_it_is_not_so(answer: str, line: str, reason: str) -> None:
    checked = judged("2.2", agreed(), answer, line=line)

    assert checked.verdict == "not so"
    assert reason in " ".join(each.reason for each in checked.findings)


# -- 3.1


def late(*fate: str, forwarded: bool = True) -> LessonRoom:
    room = LessonRoom("Ada", "Bob", "Dan")
    room.message("offer", "Ada", "Dan", *fate, forwarded=forwarded)
    return room


def test_3_1_is_not_done_by_an_untouched_cell_nor_by_a_natural_early_candidate() -> None:
    assert judged("3.1", LessonRoom("Ada", "Bob")).verdict == "not yet"
    room = late()
    room.step("Dan", "queued", "Ada", room.message("ice_candidate", "Ada", "Dan"))
    room.step("Dan", "added", "Ada", "m2")

    checked = judged("3.1", room, "Dan")

    assert checked.verdict == "not yet"
    assert [each.verdict for each in checked.findings] == ["done", "done", *["not yet"] * 4]


def test_3_1_is_done_when_a_candidate_overtook_a_delayed_offer_and_was_added() -> None:
    room = late("delayed")
    early = room.message("ice_candidate", "Ada", "Dan")
    room.step("Dan", "queued", "Ada", early)
    assert judged("3.1", room, "dan").verdict == "not yet"

    room.step("Dan", "added", "Ada", early)

    assert judged("3.1", room, "dan")
    assert judged("3.1", room, "?").verdict == "not yet"
    wrong = judged("3.1", room, "Ada")
    assert (wrong.verdict, "Dan had to queue" in wrong.reason) == ("not so", True)
    assert judged("3.1", room, "Eve").reason == "'Eve' is none of these: Dan, Ada, Bob, Carol."


def test_3_1_says_why_it_is_not_so() -> None:
    assert "dropped, not delayed" in judged("3.1", late("dropped", forwarded=False), "Dan").reason
    room = late()
    room.connects("Dan", "Ada")
    assert "before he joins" in judged("3.1", room, "Dan").reason
    # A delay of somebody else's is none of his.
    room = late()
    room.message("offer", "Ada", "Bob", "delayed")
    assert judged("3.1", room, "Dan").verdict == "not yet"


# -- 4.1


def test_4_1_is_done_when_offers_crossed_and_both_are_connected() -> None:
    room = LessonRoom("Ada", "Bob")
    assert judged("4.1", room).verdict == "not yet"
    room.comes("Eve")
    room.cross("Ada", "Eve")
    assert judged("4.1", room).verdict == "not yet"

    room.connects("Ada", "Eve")

    assert judged("4.1", room)


def test_4_1_says_why_it_is_not_so() -> None:
    room = LessonRoom("Ada", "Bob", "Eve")
    room.message("offer", "Ada", "Eve")
    room.message("answer", "Eve", "Ada")
    room.connects("Ada", "Eve")
    assert "before she joins" in judged("4.1", room).reason
    # Others' glare is none of hers.
    room = LessonRoom("Ada", "Bob", "Eve")
    room.cross("Ada", "Bob")
    assert judged("4.1", room).verdict == "not yet"
    # Crossed, and one of them is no longer connected.
    room.cross("Ada", "Eve")
    room.connects("Ada", "Eve")
    room.connects("Ada", "Eve", "failed")
    assert judged("4.1", room).verdict == "not yet"


# -- 4.2


def rolled_back() -> LessonRoom:
    room = LessonRoom("Ada", "Bob")
    room.step("Bob", "rollback", "Ada")
    room.step("Ada", "ignored", "Bob")
    return room


def test_4_2_is_done_with_the_name_and_the_step() -> None:
    assert judged("4.2", rolled_back(), "bob", step="rollback")
    for step in (
        "he rolls back his own offer",
        "rolled back",
        "roll back",
        "rolling back its offer",
        "took its own offer back",
        "rolls back its own offer, where Ada ignores his",
    ):
        assert judged("4.2", rolled_back(), "Bob", step=step)
    assert not judged("4.2", rolled_back(), "Bob", step="there is no rollback")


@pytest.mark.parametrize("given", [{}, {"answer": "?", "step": "?"}, {"answer": "Bob"}])
def test_4_2_is_not_done_untouched_nor_by_a_guess_of_the_name(given: dict[str, Any]) -> None:
    assert judged("4.2", rolled_back(), **given).verdict == "not yet"


@pytest.mark.parametrize(
    ("room", "answer", "step", "reason"),
    [
        (rolled_back(), "Ada", "ignored", "impolite"),
        (rolled_back(), "Ada", "rollback", "is it Ada's?"),
        (rolled_back(), "Bob", "createOffer", "no sign of giving way"),
        (rolled_back(), "Bob", "section 4", "what is the step in it called?"),
        (LessonRoom("Ada", "Bob"), "Bob", "rollback", "No offer has been rolled back"),
    ],
)
def test_4_2_says_why_it_is_not_so(room: LessonRoom, answer: str, step: str, reason: str) -> None:
    checked = judged("4.2", room, answer, step=step)

    assert checked.verdict == "not so"
    assert reason in " ".join(each.reason for each in checked.findings)
