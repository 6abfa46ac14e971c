"""Exercises 8.1 to 9.2, done rightly, wrongly and not at all."""

from __future__ import annotations

from types import SimpleNamespace

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


def test_8_1_is_done_when_everybody_who_was_there_is_connected_to_it_and_says_who_was_forgotten() -> None:
    room = LessonRoom("Ada", "Bob")
    room.comes("Mine", "mine")
    room.message("answer", "Mine", "Ada")
    room.connects("Ada", "Mine")
    assert judged("8.1", room).reason.startswith(
        "Bob got no answer: each offer is answered to whom it came from"
    )
    room.message("answer", "Mine", "Bob")
    assert judged("8.1", room).verdict == "not yet"
    room.connects("Bob", "Mine")
    assert judged("8.1", room)
    # Whoever comes later waits for an offer; another client of one's own answers only, too.
    room.comes("Cleo", "browser")
    assert judged("8.1", room)
    room.comes("Jay", "mine")
    room.leaves("Bob")
    room.leaves("Cleo")
    assert judged("8.1", room).verdict == "not yet"
    room.message("answer", "Jay", "Ada")
    room.connects("Ada", "Jay")
    assert judged("8.1", room)


def test_8_1_says_of_a_client_that_came_as_others_do_how_to_join() -> None:
    room = LessonRoom("Ada")
    room.comes("Mine", "mine")
    room.message("answer", "Mine", "Ada")
    room.connects("Ada", "Mine")
    room.leaves("Mine")
    checked = judged("8.1", room)
    assert "It has left again" in checked.reason
    assert [each.verdict for each in checked.findings] == ["not so", "not yet", "not yet"]
    room.comes("Mine", "browser", key="mine2")
    assert judged("8.1", room).reason.startswith('Mine has joined as "browser", as others do')


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


def test_9_1_is_not_done_by_a_fault_that_ends_by_itself_nor_by_one_that_keeps_everybody_out() -> None:
    room = broken("dropped")
    for ends in (SimpleNamespace(action="drop", count=2), SimpleNamespace(action="delay", count=None)):
        room.fault = [ends]
        assert "This fault ends by itself" in judged("9.1", room).reason
    room.fault = [SimpleNamespace(action="relay_down")]
    assert "Nobody can join while" in judged("9.1", room).reason


def test_9_1_is_not_done_by_who_was_connected_before_or_has_left() -> None:
    room = broken("dropped")
    room.leaves("Dora")
    assert "Dora or Ada has left" in judged("9.1", room).reason
    room = broken("duplicated", forwarded=True)
    room.connects("Ada", "Dora")
    room.leaves("Dora")
    assert "have connected all the same" in judged("9.1", room).reason


def test_9_1_and_9_2_know_who_is_meant_when_the_lesson_was_run_again() -> None:
    room = LessonRoom("Ada", "Bob")
    room.breaks()
    room.comes("Ada", key="ada2", label="Ada (2)")
    room.leaves("Ada")
    room.comes("Dora", "python")
    room.message("offer", "ada2", "Dora", "dropped", forwarded=False, content=OFFER)
    assert judged("9.1", room)

    room.fault = []
    room.negotiates("ada2", "Dora", room.message("offer", "ada2", "Dora", content=OFFER))
    room.connects("ada2", "Dora")

    assert judged("9.2", room, answer="again")
    assert not judged("9.2", room, answer="new")


def test_9_1_says_why_it_is_not_so() -> None:
    room = broken("dropped")
    room.connects("Ada", "Dora")
    assert "was not needed" in judged("9.1", room).reason
    room = broken(forwarded=True)
    room.connects("Ada", "Dora")
    assert "before she joins" in judged("9.1", room).reason
    room = broken("duplicated", forwarded=True)
    room.connects("Ada", "Dora")
    assert "was not needed" in judged("9.1", room).reason
    # She is there, and the fault is gone.
    room = broken("dropped")
    room.fault = []
    assert "cleared, or used up" in judged("9.1", room).reason


def mended(*, again: bool, fate: str = "dropped") -> LessonRoom:
    """The offer that was hit is sent again, or another one is sent; that one is answered."""
    room = broken(fate, forwarded=fate != "dropped")
    room.fault = []
    offer = room.message(
        "offer", "Ada", "Dora", content=OFFER if again else {"type": "offer", "sdp": sdp("Zw8q")}
    )
    room.negotiates("Ada", "Dora", offer)
    room.connects("Ada", "Dora")
    return room


def test_9_2_is_done_when_nothing_is_broken_any_more_they_are_connected_and_it_is_told_how() -> None:
    room = broken("dropped")
    assert judged("9.2", room, answer="again").verdict == "not yet"
    room.fault = []
    assert judged("9.2", room, answer="again").verdict == "not yet"

    for told in (
        "again",
        "Sent again",
        "resent",
        "re-sent",
        "retransmitted",
        "the same offer, a second time",
        "again, not new",
        "not a new one, but the old one again",
    ):
        assert judged("9.2", mended(again=True), answer=told), told
    for told in ("new", "A new one", "a renewed offer", "another offer"):
        assert judged("9.2", mended(again=False), answer=told), told


def test_9_2_is_done_by_letting_dora_join_again() -> None:
    room = broken("dropped")
    room.fault = []
    room.leaves("Dora")
    room.comes("Dora", "python", key="dora2")
    room.negotiates("Ada", "Dora2", room.message("offer", "Ada", "Dora2", content=OFFER))
    room.connects("Ada", "Dora2")

    assert judged("9.2", room, answer="new")
    assert "first to this participant" in judged("9.2", room, answer="again").reason


def test_9_2_is_about_the_offer_that_was_answered_and_not_about_a_later_copy() -> None:
    room = broken("dropped")
    room.fault = []
    fresh = {"type": "offer", "sdp": sdp("Zw8q")}
    used = room.message("offer", "Ada", "Dora", content=fresh)
    room.step("Dora", "setRemoteDescription", "Ada", used)
    answer = room.message("answer", "Dora", "Ada")
    room.step("Dora", "setRemoteDescription", "Ada", room.message("offer", "Ada", "Dora", content=fresh))
    room.step("Ada", "setRemoteDescription", "Dora", answer)
    room.connects("Ada", "Dora")

    assert judged("9.2", room, answer="new")
    assert not judged("9.2", room, answer="again")


def test_9_2_an_offer_that_was_damaged_on_its_way_is_the_same_when_it_is_sent_again() -> None:
    assert judged("9.2", mended(again=True, fate="corrupted"), answer="again")
    assert not judged("9.2", mended(again=True, fate="corrupted"), answer="new")


def test_9_2_is_not_done_untouched_nor_by_others_nor_where_nothing_was_broken() -> None:
    assert judged("9.2", LessonRoom("Ada", "Bob"), answer="?").verdict == "not yet"
    assert judged("9.2", mended(again=True), answer="?").verdict == "not yet"
    room = broken("dropped")
    room.fault = []
    room.connects("Ada", "Bob")
    assert judged("9.2", room, answer="again").verdict == "not yet"
    room = broken(forwarded=True)
    room.fault = []
    room.negotiates("Ada", "Dora", room.message("offer", "Ada", "Dora"))
    room.connects("Ada", "Dora")
    assert "Exercise 9.1 comes first" in judged("9.2", room, answer="again").reason


def test_9_2_says_why_it_is_not_so_and_takes_no_guess() -> None:
    assert "what an earlier one had said" in judged("9.2", mended(again=True), answer="new").reason
    assert "differs from every earlier one" in judged("9.2", mended(again=False), answer="again").reason
    assert "differs from" in judged("9.2", mended(again=False), answer="again, not new").reason
    for guess in ("again or new", "a new one, sent again"):
        assert "decide for one" in judged("9.2", mended(again=True), answer=guess).reason
    for guess in ("both", "neither", "no"):
        assert judged("9.2", mended(again=True), answer=guess).reason == 'Answer "again" or "new".'
    for answer in ("not new", "not again"):
        assert "not what it is not" in judged("9.2", mended(again=True), answer=answer).reason
    still = mended(again=True)
    still.breaks()
    assert (
        judged("9.2", still, answer="new").reason == "room.fault lists one still: room.fault.clear() ends it."
    )
