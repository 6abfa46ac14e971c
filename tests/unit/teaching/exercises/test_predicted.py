"""Exercises 2.3, 4.3, 6.3 and 7.3, predicted rightly, wrongly and not at all."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.lesson_rooms import LessonRoom, judged

UNTOUCHED = [
    None,
    ...,
    "?",
    [],
    ["?"],
    ["…"],
    [...],
    ["", ""],
    ["setRemoteDescription", "?"],
    ["?", "stable"],
]


# -- 2.3

CALLS = ["setRemoteDescription", "createAnswer", "setLocalDescription"]


def dan(*, answered: bool = True) -> LessonRoom:
    room = LessonRoom("Ada", "Bob")
    room.comes("Dan", "python")
    room.message("offer", "Ada", "Dan")
    for call in CALLS:
        room.step("Dan", call, "Ada")
    if answered:
        room.message("answer", "Dan", "Ada")
    return room


@pytest.mark.parametrize(
    "answer",
    [
        CALLS,
        tuple(CALLS),
        "setRemoteDescription, createAnswer, setLocalDescription",
        ["setRemoteDescription(offer)", "createAnswer()", "SetLocalDescription(answer)"],
        ["set remote description", "create answer", "set_local_description"],
        ["'setRemoteDescription'", "2. createAnswer", "3) setLocalDescription"],
        ["setRemoteDescription offer", "Dan: createAnswer", "setLocalDescription: answer"],
        "setRemoteDescription(offer, then)\ncreateAnswer; setLocalDescription",
        "pc.setRemoteDescription > await pc.createAnswer() then pc.setLocalDescription",
        [", ".join(CALLS)],
    ],
)
def test_2_3_is_done_when_it_came_as_predicted(answer: Any) -> None:
    assert judged("2.3", LessonRoom("Ada", "Bob"), answer).verdict == "not yet"
    assert judged("2.3", dan(answered=False), answer).verdict == "not yet"
    assert judged("2.3", dan(), answer)


@pytest.mark.parametrize("answer", UNTOUCHED)
def test_2_3_is_not_done_untouched(answer: Any) -> None:
    assert judged("2.3", dan(), answer).verdict == "not yet"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (["createAnswer", *CALLS], "'createAnswer' is not what comes first"),
        (" ".join(CALLS), "Write a list, with one word for each call"),
        (CALLS[:2], "The first 2 of your calls are right. Something comes after that"),
        ([*CALLS, "createOffer"], "Nothing comes after that"),
        ([CALLS[0], CALLS[2]], "Your first call is right. 'setLocalDescription' is not what comes next"),
    ],
)
def test_2_3_says_how_far_it_is_right_and_not_what_comes(answer: list[str] | str, reason: str) -> None:
    checked = judged("2.3", dan(), answer)

    assert checked.verdict == "not so"
    assert reason in checked.reason


# -- 4.3


def eve(*states: str) -> LessonRoom:
    room = LessonRoom("Ada", "Eve")
    room.cross("Ada", "Eve")
    for state in states:
        room.states("Eve", "Ada", state)
    return room


CAME = ("have-local-offer", "stable", "have-remote-offer", "stable")


@pytest.mark.parametrize(
    "answer",
    [
        *(list(CAME), ["stable", *CAME], " → ".join(CAME), " -> ".join(CAME), ", then ".join(CAME)),
        ["have local offer", "Stable", "haveRemoteOffer", "stable"],
    ],
)
@pytest.mark.parametrize("came", [CAME, ("stable", *CAME, "stable", "have-remote-offer", "stable")])
def test_4_3_is_done_when_the_states_came_as_predicted(answer: Any, came: tuple[str, ...]) -> None:
    assert judged("4.3", eve(), answer).verdict == "not yet"
    assert judged("4.3", eve(*CAME[:3]), answer).verdict == "not yet"
    assert judged("4.3", eve(*came), answer)


@pytest.mark.parametrize("answer", UNTOUCHED)
def test_4_3_is_not_done_untouched(answer: Any) -> None:
    assert judged("4.3", eve(*CAME), answer).verdict == "not yet"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ([CAME[0], *CAME[2:]], "a moment in between"),
        (["have-remote-offer", "stable"], "not what comes first"),
        ([*CAME[:2]], "Something comes after"),
    ],
)
def test_4_3_says_why_it_is_not_so(answer: list[str], reason: str) -> None:
    assert reason in judged("4.3", eve(*CAME), answer).reason


@pytest.mark.parametrize(
    "before", [("have-remote-offer", "stable"), ("have-remote-offer", "stable", "have-local-offer", "stable")]
)
def test_4_3_begins_with_the_offer_that_eve_took_back(before: tuple[str, ...]) -> None:
    room = eve(*before, CAME[0])
    room.step("Eve", "rollback", "Ada")
    for state in CAME[1:]:
        room.states("Eve", "Ada", state)

    assert judged("4.3", room, list(CAME))
    assert not judged("4.3", room, ["have-remote-offer", "stable"])


def test_4_3_is_not_judged_where_no_offers_crossed() -> None:
    room = LessonRoom("Ada", "Eve")
    for state in ("have-remote-offer", "stable"):
        room.states("Eve", "Ada", state)

    checked = judged("4.3", room, list(CAME))

    assert checked.verdict == "not yet"
    assert "Do 4.1 first" in checked.reason


# -- 6.3

ROOM = LessonRoom("Ada", "Bob")
ARRIVED = {"points": [1, 2], "3": None}


def test_6_3_is_done_when_it_arrived_as_predicted() -> None:
    assert judged("6.3", ROOM, ARRIVED, heard=[]).verdict == "not yet"
    assert judged("6.3", ROOM, dict(ARRIVED), heard=[ARRIVED, "and more"])
    assert judged("6.3", ROOM, dict(reversed(ARRIVED.items())), heard=[ARRIVED])
    assert judged("6.3", ROOM, repr(ARRIVED), heard=[ARRIVED])
    assert not judged("6.3", ROOM, "{'points': (1, 2), 3: None}", heard=[ARRIVED])


@pytest.mark.parametrize("answer", [None, ..., "?"])
def test_6_3_is_not_done_untouched(answer: Any) -> None:
    assert judged("6.3", ROOM, answer, heard=[ARRIVED]).verdict == "not yet"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ({"points": (1, 2), "3": None}, "one kind of sequence"),
        ({"points": [1, 2], 3: None}, "keys of an object"),
        ({"points": [1, 2], "3": "None"}, "which of your values"),
        ({"points": [1.0, 2.0], "3": None}, "which of your values"),
        ({"points": [True, 2], "3": None}, "which of your values"),
        ({"points": [1, 2]}, "other keys than Bob's"),
        ('{"points": [1, 2], "3": null}', "That is JSON"),
        ("points and 3", "of type str"),
        ([1, 2], "of type list"),
    ],
)
def test_6_3_says_why_it_is_not_so(answer: Any, reason: str) -> None:
    assert reason in judged("6.3", ROOM, answer, heard=[ARRIVED]).reason


def test_6_3_is_about_the_dict_of_the_exercise() -> None:
    other = {"points": [1, 2]}

    assert "made of something else" in judged("6.3", ROOM, other, heard=[other]).reason
    assert judged("6.3", ROOM, other, heard=[{"question": 1}, ARRIVED]).verdict == "not so"


# -- 7.3


def test_7_3_is_done_with_every_bit_of_every_pixel() -> None:
    assert judged("7.3", ROOM, 640 * 360 * 24 * 30)
    assert judged("7.3", ROOM, 166e6)


@pytest.mark.parametrize(
    "answer",
    [
        "165888000",
        "165,888,000",
        "165 888 000",
        "165.888.000",
        "165_888_000 bits/s",
        "165888000 bit/s",
        "165.888 Mbit/s",
        "166 Mbps",
        "166 MBit/s",
        "about 166 million",
        "≈ 166 megabits per second",
        "0.166 Gbit/s",
        "1.66e8",
        "165 888 kbit/s",
    ],
)
def test_7_3_is_done_in_any_way_of_writing_it(answer: str) -> None:
    assert judged("7.3", ROOM, answer)


@pytest.mark.parametrize("answer", [None, ..., "?"])
def test_7_3_is_not_done_untouched(answer: Any) -> None:
    assert judged("7.3", ROOM, answer).verdict == "not yet"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (640 * 360 * 3 * 30, "bytes"),
        (640 * 360 * 8 * 30, "three colours, of a byte"),
        (640 * 360 * 24, "one frame"),
        (640 * 360 * 30, "Those are pixels"),
        (165.9, "give it in bits per second"),
        (165_888, "give it in bits per second"),
        (20.7, "megabytes"),
        (1e6, "Width times height"),
        ("much", "is not a number"),
        ("much", "Give one number, in bits per second"),
        ("20.7 MB/s", "as you have written it, and a byte has eight bits"),
        ("166 MB/s", "as you have written it, and a byte has eight bits"),
        ("20,736,000 bytes", "a byte has eight bits"),
        ("166 kbit/s", "give it in bits per second"),
        ("not 165888000", "is not a number"),
        ("166 or 20", "is not a number"),
        ([165888000], "Something of type list is not a number"),
    ],
)
def test_7_3_says_why_it_is_not_so(answer: Any, reason: str) -> None:
    assert reason in judged("7.3", ROOM, answer).reason
