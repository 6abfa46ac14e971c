"""Exercises 6.1 to 7.2, done rightly, wrongly and not at all."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tests.support.lesson_rooms import LessonRoom, judged

ROOM = LessonRoom("Ada", "Bob")


def test_6_1_is_done_when_the_last_thing_is_a_dict_with_a_question() -> None:
    assert judged("6.1", ROOM, heard=[]).verdict == "not yet"
    assert "heard=heard" in judged("6.1", ROOM, ["hello"]).reason
    assert judged("6.1", ROOM, heard=["hello", {"question": "who are you?"}])


@pytest.mark.parametrize(
    ("heard", "reason"),
    [
        (["question"], "of type str"),
        ([{"answer": 1}], 'but no "question"'),
        ([{"question": 1}, b"bytes"], "of type bytes"),
    ],
)
def test_6_1_says_why_it_is_not_so(heard: list[Any], reason: str) -> None:
    assert reason in judged("6.1", ROOM, heard=heard).reason


def test_6_2_is_done_with_a_float32_array_of_two_dimensions() -> None:
    assert judged("6.2", ROOM, heard=[]).verdict == "not yet"
    assert "heard=heard" in judged("6.2", ROOM).reason
    assert judged("6.2", ROOM, heard=[np.zeros((2, 2), np.float32)])
    assert judged("6.2", ROOM, heard=[np.zeros((2, 2), ">f4")])


@pytest.mark.parametrize(
    ("heard", "reason"),
    [
        ([[[0.0, 1.0]]], "a list is sent as JSON"),
        ([np.zeros((2, 2))], "Its dtype is float64"),
        ([np.zeros(4, np.float32)], "It has 1 dimension: its shape is (4,)"),
        ([np.zeros((2, 2), np.float32), np.zeros((1, 2, 2), np.float32)], "It has 3 dimensions"),
    ],
)
def test_6_2_says_why_it_is_not_so(heard: list[Any], reason: str) -> None:
    assert reason in judged("6.2", ROOM, heard=heard).reason


def measured(*rates: float) -> LessonRoom:
    room = LessonRoom("Ada", "Bob")
    room.measures("Bob", "Ada", *({"fps": rate} for rate in rates))
    return room


@pytest.mark.parametrize(
    "answer",
    [
        25,
        27.9,
        np.float32(22.5),
        "25",
        "25 fps",
        "25 frames per second",
        "about 25",
        "25/s",
        "25.0 Hz",
        "24,5",
    ],
)
def test_7_1_is_done_near_the_median_of_the_last_five(answer: Any) -> None:
    assert judged("7.1", measured(0, 0, 0, 24, 25, 60, 25, 26), answer)


@pytest.mark.parametrize("answer", [None, ..., "?"])
def test_7_1_is_not_done_untouched(answer: Any) -> None:
    assert judged("7.1", measured(25, 25, 25, 25, 25), answer).verdict == "not yet"


def test_7_1_is_not_judged_before_there_are_five_figures_of_a_picture() -> None:
    assert judged("7.1", measured(25, 25), 25).verdict == "not yet"
    assert judged("7.1", measured(0, 0, 0, 0, 0), 0).verdict == "not yet"


def test_7_1_is_not_done_with_the_rate_of_a_still_picture() -> None:
    said = judged("7.1", measured(25, 1, 1, 2, 1, 1), 1)
    assert said.verdict == "not so"
    assert "still picture" in said.reason


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (0, "is higher"),
        (60, "is lower"),
        ("many", "'many' is not a number"),
        ("25 kbit/s", "is not a number"),
        ("25 or 30", "is not a number"),
        ("not 25", "is not a number"),
        ([25], "Something of type list is not a number"),
    ],
)
def test_7_1_says_why_it_is_not_so(answer: Any, reason: str) -> None:
    assert reason in judged("7.1", measured(24, 25, 60, 25, 26), answer).reason


def test_7_1_is_not_judged_while_figures_of_what_ada_sent_before_count() -> None:
    assert judged("7.1", measured(25, 1, 3, 11, 30, 27), 30).verdict == "not yet"


def test_7_1_is_about_ada_also_where_bob_sees_somebody_else() -> None:
    room = LessonRoom("Ada", "Bob", "Carol")
    for ada, carol in [(30, 0), (30, 1), (29, 1), (30, 2), (31, 1)]:
        room.measures("Bob", "Ada", {"fps": ada})
        room.measures("Bob", "Carol", {"fps": carol})

    assert judged("7.1", room, 30)
    assert "is higher" in judged("7.1", room, 1).reason


def test_7_1_and_7_2_are_about_those_who_are_there_when_a_cell_is_run_twice() -> None:
    room = measured(5, 5, 5, 5, 5)
    for name in ("Ada", "Bob"):
        room.comes(name, key=f"{name.lower()} again", label=f"{name} (2)")
        room.leaves(name)
    assert judged("7.1", room, 5).verdict == "not yet"
    room.measures("Bob again", "Ada again", *({"fps": 30, "width": 640} for _ in range(5)))
    assert judged("7.1", room, 30)
    assert judged("7.2", room).verdict == "not yet"
    room.measures("Bob again", "Ada again", {"width": 160})
    assert judged("7.2", room)


def test_7_1_is_not_done_with_what_a_still_picture_has_while_figures_fall_to_it() -> None:
    assert judged("7.1", measured(30, 30, 4, 1, 1), 1).verdict == "not yet"


def widths(*seen: int) -> LessonRoom:
    room = LessonRoom("Ada", "Bob")
    room.measures("Bob", "Ada", *({"width": width} for width in seen))
    return room


def test_7_2_is_done_when_it_was_wide_and_is_narrow() -> None:
    assert judged("7.2", LessonRoom("Ada", "Bob")).verdict == "not yet"
    assert judged("7.2", widths(640, 640)).verdict == "not yet"
    assert judged("7.2", widths(640, 320, 160))


def test_7_2_is_not_done_by_another_ada() -> None:
    room = widths(640)
    room.comes("Ada", key="another", label="Ada (2)")
    room.measures("Bob", "another", {"width": 160})
    room.measures("Bob", "Ada", {"width": 640})

    assert "That is a new Ada" in judged("7.2", room).reason


def test_7_2_says_why_it_is_not_so() -> None:
    assert (
        "320 pixels wide: narrower than before, and not narrow enough"
        in judged("7.2", widths(640, 320)).reason
    )
    # Always narrow, or narrow and wide again.
    assert judged("7.2", widths(160, 160)).verdict == "not yet"
    assert judged("7.2", widths(160, 640)).verdict == "not yet"
