"""Exercises 1.1 and 5.1, done rightly, wrongly and not at all."""

from __future__ import annotations

from functools import partial
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from rtc_widget.errors import RtcWidgetError
from tests.support.lesson_rooms import LessonRoom, judged


def cleo() -> LessonRoom:
    room = LessonRoom("Ada", "Bob", "Cleo")
    room.connects("Cleo", "Ada")
    return room


def test_1_1_is_done_when_cleo_has_met_both_and_the_prediction_is_right() -> None:
    room = cleo()
    assert judged("1.1", room, 15).verdict == "not yet"

    room.connects("Cleo", "Bob")

    assert judged("1.1", room, 15)
    assert judged("1.1", room, np.int64(15))
    # Who leaves the quotation marks of the lesson's "?" has answered, too.
    assert judged("1.1", room, " 15 ")


@pytest.mark.parametrize("answer", [None, ..., "?"])
def test_1_1_is_not_done_untouched_nor_without_a_prediction(answer: Any) -> None:
    assert judged("1.1", LessonRoom("Ada", "Bob"), answer).verdict == "not yet"
    room = cleo()
    room.connects("Cleo", "Bob")
    assert judged("1.1", room, answer).verdict == "not yet"


@pytest.mark.parametrize(
    ("answer", "reason"),
    [(30, "two ends"), (6, "how many there are"), (5, "each of them"), (36, "themselves"), (7, "six dots")],
)
def test_1_1_says_why_it_is_not_so(answer: int, reason: str) -> None:
    assert reason in judged("1.1", cleo(), answer).reason
    assert "is not a number" in judged("1.1", cleo(), "many").reason


def test_1_1_takes_the_number_with_its_noun_and_in_letters() -> None:
    room = cleo()
    room.connects("Cleo", "Bob")

    for answer in ("15 connections", "fifteen", "Fifteen peer connections.", "6 * 5 / 2 = 15"):
        assert judged("1.1", room, answer)


def test_1_1_is_done_when_cells_were_run_again_and_when_a_name_is_in_other_letters() -> None:
    room = LessonRoom("Ada", "Bob")
    # Who comes by a cell that is run again is there before the one whom they replace has left.
    for name in ("Ada", "Bob"):
        room.comes(name, key=f"{name.lower()}2", label=f"{name} (2)")
        room.leaves(name)
    room.comes("cleo")
    room.connects("cleo", "ada2")
    assert judged("1.1", room, 15).verdict == "not yet"
    room.connects("cleo", "bob2")
    assert judged("1.1", room, 15)

    room.comes("Cleo", key="another", label="Cleo (2)")
    room.leaves("cleo")
    assert judged("1.1", room, 15).verdict == "not yet"
    for other in ("ada2", "bob2"):
        room.connects("another", other)

    assert judged("1.1", room, 15)


@pytest.mark.parametrize("name", ["Cleo", "Bob"])
def test_1_1_says_who_has_left(name: str) -> None:
    room = cleo()
    room.connects("Cleo", "Bob")
    room.leaves(name)

    assert judged("1.1", room, 15).reason.startswith(f"{name} has left the room again")


WORKED = {"frames": 3, "errors": 0}


def mirror(rgb: Any) -> Any:
    return rgb[:, ::-1]


def sent() -> LessonRoom:
    room = LessonRoom("Ada", "Bob")
    room.comes("Mirror", "python")
    room.connects("Mirror", "Ada")
    return room


def peer(name: str = "Mirror", function: Any = mirror, **stats: Any) -> SimpleNamespace:
    return SimpleNamespace(
        name=name, stats={"sent": 3, "transform": None, **stats}, _sender=SimpleNamespace(function=function)
    )


def test_5_1_is_done_when_a_peer_sends_the_mirrored_picture() -> None:
    glass = peer(transform=WORKED)
    assert judged("5.1", LessonRoom("Ada", "Bob"), function=mirror, peer=glass).verdict == "not yet"
    assert judged("5.1", sent(), function=mirror).verdict == "not yet"
    assert (
        judged("5.1", sent(), function=mirror, peer=peer(transform={"frames": 0, "errors": 0})).verdict
        == "not yet"
    )
    assert judged("5.1", sent(), function=mirror, peer=glass)
    glass = peer(function=np.fliplr, transform=WORKED)
    assert judged("5.1", sent(), function=np.fliplr, peer=glass)
    glass = peer(function=None, transform=WORKED)  # run="peer"
    assert judged("5.1", sent(), function=np.fliplr, peer=glass)


def turned_in_place(rgb: Any, axis: int) -> None:
    rgb[:] = np.flip(rgb, axis).copy()


def test_5_1_is_done_by_a_function_that_changes_the_frame_in_place() -> None:
    in_place = partial(turned_in_place, axis=1)

    assert judged("5.1", sent(), function=in_place, peer=peer(function=in_place, transform=WORKED))


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (peer(), "It has no transform"),
        ("Mirror", "This is of type str"),
        (peer("Bob", transform=WORKED), "the one that is called Mirror"),
        (peer(function=np.flipud, transform=WORKED), "another function than"),
    ],
)
def test_5_1_is_not_done_by_a_peer_that_transforms_nothing(given: Any, reason: str) -> None:
    checked = judged("5.1", sent(), function=mirror, peer=given)

    assert checked.verdict == "not so"
    assert reason in checked.reason


@pytest.mark.parametrize("function", [None, ..., "?"])
def test_5_1_is_not_done_untouched(function: Any) -> None:
    assert judged("5.1", LessonRoom("Ada", "Bob"), function=function).verdict == "not yet"
    assert judged("5.1", sent(), function=function).verdict == "not yet"


@pytest.mark.parametrize(
    ("function", "reason"),
    [
        (lambda rgb: rgb, "as it was"),
        (lambda rgb: rgb[::-1], "upside down"),
        (lambda rgb: rgb[::-1, ::-1], "one axis too many"),
        (lambda rgb: rgb[..., ::-1], "Its colours"),
        (lambda rgb: None, "returned nothing"),
        (partial(turned_in_place, axis=0), "upside down"),
        (lambda rgb: rgb[:, ::2], "of shape (4, 3, 3)"),
        (lambda rgb: 255 - rgb, "something else"),
        (np.flip, "two too many"),
        (lambda rgb: rgb[:, ::-1, ::-1], "one axis too many"),
        (
            lambda rgb: rgb[:, ::-1].astype(float),
            "could not send what it made (slicing would keep its type and shape). A frame's values must be uint8",
        ),
        (lambda rgb: rgb.mirrored(), "It raised AttributeError"),
        (mirror(np.zeros((2, 2, 3))), "without brackets"),
        ("mirror", "without quotation marks"),
    ],
)
def test_5_1_says_why_it_is_not_so(function: Any, reason: str) -> None:
    checked = judged("5.1", sent(), function=function)

    assert checked.verdict == "not so"
    assert reason in checked.reason


class Closed(SimpleNamespace):
    @property
    def stats(self) -> Any:
        raise RtcWidgetError("closed", "This Peer has been closed: create a new one.")


def test_5_1_is_not_done_by_a_peer_that_has_raised_at_every_picture_was_closed_or_has_left() -> None:
    raised = peer(transform={"frames": 3, "errors": 3})
    assert "raised at every picture" in judged("5.1", sent(), function=mirror, peer=raised).reason
    assert "has been closed" in judged("5.1", sent(), function=mirror, peer=Closed(name="Mirror")).reason
    room = sent()
    room.leaves("Mirror")
    assert judged("5.1", room, function=mirror, peer=peer(transform=WORKED)).verdict == "not yet"
