"""Exercises 2.1 to 4.2, done rightly, wrongly and not at all."""

from __future__ import annotations

from dataclasses import replace
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


def test_2_1_is_not_so_when_the_answer_was_dropped_or_carol_has_left() -> None:
    room = paused()
    room.message("offer", "Ada", "Carol", "held", "released")
    room.message("answer", "Carol", "Ada", "held", "dropped", forwarded=False)
    assert judged("2.1", room).reason.startswith("Carol's answer was dropped")
    room.leaves("Carol")
    assert judged("2.1", room).reason.startswith("Carol has left the room again")


def test_2_1_is_done_by_those_whose_cells_were_run_again() -> None:
    room = paused()
    for name in ("Ada", "Carol"):
        room.comes(name, key=f"{name.lower()}2", label=f"{name} (2)")
        room.leaves(name)
    room.held.clear()
    room.message("offer", "Carol", "carol2")
    room.message("offer", "ada2", "carol2", "held", "released")
    room.holds("answer", "carol2", "ada2")
    room.held = [replace(each, sender="Carol (2)", to="Ada (2)") for each in room.held]

    assert judged("2.1", room)


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


@pytest.mark.parametrize(
    "answer", ["Bob", "bob", " BOB ", SimpleNamespace(name="Bob"), "'Bob'", "Bob, the answerer", "bob (2)"]
)
@pytest.mark.parametrize("line", ["a=setup:active", "setup:active\r\n", "A=SETUP:ACTIVE", "a=setup: active"])
def test_2_2_takes_a_name_in_any_case_a_participant_or_a_peer(answer: Any, line: str) -> None:
    assert judged("2.2", agreed(), answer, line=line)
    assert judged("2.2", agreed(), answer=answer, line=line)


@pytest.mark.parametrize(
    "given", [{}, {"answer": "?", "line": "?"}, {"answer": "Bob"}, {"answer": "Bob", "line": "…"}]
)
def test_2_2_is_not_done_untouched_nor_by_a_guess_of_the_name(given: dict[str, Any]) -> None:
    assert judged("2.2", agreed(), **given).verdict == "not yet"


@pytest.mark.parametrize(
    "given",
    [
        {"answer": "?", "line": "a=setup:active"},
        {"answer": "?", "line": "a=setup:passive"},
        {"answer": "Bob", "line": "a=mid:0"},
        {"answer": "Ada", "line": "a=mid:0"},
    ],
)
def test_2_2_tells_nobody_which_half_of_a_guess_is_right(given: dict[str, Any]) -> None:
    _, line, side = judged("2.2", agreed(), **given).findings

    assert line.verdict == ("not yet" if given["answer"] == "?" else "not so")
    assert side.verdict == "not yet"


def test_2_2_says_so_before_anything_was_agreed() -> None:
    assert "agreed on nothing" in judged("2.2", LessonRoom("Ada", "Bob"), "Bob", line="a=setup:active").reason


def test_2_2_is_about_those_who_came_last() -> None:
    room = agreed()
    for name in ("Ada", "Bob"):
        room.comes(name, key=f"{name.lower()}2", label=f"{name} (2)")
        room.leaves(name)
    room.message("offer", "bob2", "ada2")
    room.message("answer", "ada2", "bob2", setup="active")

    assert judged("2.2", room, "Ada", line="a=setup:active")
    assert judged("2.2", room, SimpleNamespace(name="Ada (2)"), line="a=setup:active")
    assert judged("2.2", room, "ada2", line="a=setup:active")
    assert not judged("2.2", room, "Bob", line="a=setup:active")


@pytest.mark.parametrize(
    ("answer", "line", "reason"),
    [
        ("Ada", "a=setup:actpass", "leaves the choice to the other side"),
        ("Ada", "a=setup:active", "You answered Ada"),
        ("Bob", "a=setup:passive", "The passive side waits"),
        ("Bob", "a=mid:0", "a=setup:"),
        ("Bob", "active", "Write the whole line"),
        ("Bob", "not a=setup:active", "Write the line alone"),
        ("Bob", "a=mid:0\r\na=setup:active", "more than one line"),
        ("Bob or Ada", "a=setup:active", "decide for one"),
        ("not Ada", "a=setup:active", "'not Ada' is none of these"),
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


def overtaken(fate: str) -> tuple[LessonRoom, str]:
    """A candidate to Dan has overtaken the offer that it belongs to; also its id."""
    room = LessonRoom("Ada", "Bob", "Dan")
    offer = room.message("offer", "Ada", "Dan", fate, forwarded=False)
    early = room.message("ice_candidate", "Ada", "Dan")
    room.step("Dan", "queued", "Ada", early)
    if fate != "dropped":
        room.goes_on(offer, "offer", "Ada", "Dan")
    return room, early


def test_3_1_is_done_when_a_candidate_overtook_a_delayed_offer_and_was_added() -> None:
    room, early = overtaken("delayed")
    assert judged("3.1", room, "dan").verdict == "not yet"

    room.step("Dan", "added", "Ada", early)

    assert judged("3.1", room, "dan")
    assert judged("3.1", room, "?").verdict == "not yet"
    wrong = judged("3.1", room, "Ada")
    assert (wrong.verdict, "Dan had to queue" in wrong.reason) == ("not so", True)
    assert judged("3.1", room, "Eve").reason == "'Eve' is none of these: Dan, Ada, Bob, Carol."


@pytest.mark.parametrize("fate", ["held", "dropped"])
def test_3_1_is_done_when_the_offer_was_held_or_was_sent_again(fate: str) -> None:
    room, early = overtaken(fate)
    assert not judged("3.1", room, "Dan")
    # What others queue by themselves is not about that offer.
    room.step("Bob", "queued", "Dan", room.message("ice_candidate", "Dan", "Bob"))

    room.step("Dan", "added", "Ada", early)

    assert judged("3.1", room, "Dan")
    assert not judged("3.1", room, "Bob")


@pytest.mark.parametrize("fate", ["delayed", "held"])
def test_3_1_is_not_done_by_a_candidate_right_behind_the_offer(fate: str) -> None:
    room = late(fate)
    behind = room.message("ice_candidate", "Ada", "Dan")
    for step in ("queued", "added"):
        room.step("Dan", step, "Ada", behind)

    checked = judged("3.1", room, "Dan")

    assert checked.verdict == "not yet"
    assert [each.verdict for each in checked.findings] == ["done"] * 3 + ["not yet"] * 3


def test_3_1_says_why_it_is_not_so() -> None:
    assert "dropped, not delayed" in judged("3.1", late("dropped", forwarded=False), "Dan").reason
    room = late()
    room.connects("Dan", "Ada")
    assert "before he joins" in judged("3.1", room, "Dan").reason
    # Of one whom he has replaced, an offer to him is none.
    room.comes("Dan", key="another", label="Dan (2)")
    room.message("offer", "Dan", "another", "delayed")
    room.leaves("Dan")
    assert judged("3.1", room, "Dan").verdict == "not yet"
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
    room.leaves("Eve")
    assert "Eve has left the room again" in judged("4.1", room).reason
    # What another Eve has done does not count.
    room.comes("Eve", key="another", label="Eve (2)")
    room.connects("Ada", "another")
    assert "connected without a crossing" in judged("4.1", room).reason
    room.cross("Ada", "another")
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
    "given", [{"answer": "?", "step": "rollback"}, {"answer": "Bob", "step": "createOffer"}]
)
def test_4_2_tells_nobody_which_half_of_a_guess_is_right(given: dict[str, Any]) -> None:
    *_, step, polite = judged("4.2", rolled_back(), **given).findings

    assert step.verdict == ("not yet" if given["answer"] == "?" else "not so")
    assert polite.verdict == "not yet"


def test_4_2_is_about_the_last_rollback_of_the_two() -> None:
    room = rolled_back()
    room.comes("Eve")
    room.step("Ada", "rollback", "Eve")
    assert not judged("4.2", room, "Ada", step="rollback")
    room.step("Ada", "rollback", "Bob")

    assert judged("4.2", room, "Ada", step="rollback")
    assert not judged("4.2", room, "Bob", step="rollback")


@pytest.mark.parametrize(
    ("room", "answer", "step", "reason"),
    [
        (rolled_back(), "Ada", "ignored", "impolite"),
        (rolled_back(), "Ada", "rollback", "is it Ada's?"),
        (rolled_back(), "Bob", "createOffer", "Giving way shows in"),
        (rolled_back(), "Bob", ["ignored", "rollback"], "decide for one"),
        (rolled_back(), "Bob", "createOffer, rollback, ignored and answer", "decide for one"),
        (rolled_back(), "Bob", "section 4", "what is the step in it called?"),
        (LessonRoom("Ada", "Bob"), "Bob", "rollback", "no offer has been rolled back"),
    ],
)
def test_4_2_says_why_it_is_not_so(room: LessonRoom, answer: str, step: Any, reason: str) -> None:
    checked = judged("4.2", room, answer, step=step)

    assert checked.verdict == "not so"
    assert reason in " ".join(each.reason for each in checked.findings)
