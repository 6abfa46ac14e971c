"""The exercises of the first and fifth lesson: who is connected to whom, and what Python makes of a picture."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

from ...errors import InvalidArgumentError, RtcWidgetError
from .predictions import judge_number
from .requirement import Given, NotSo, Requirement
from .seen import is_connected, is_given, is_here, judge_connected

# -- 1: the first call

# As in "6 · 5 / 2 = 15 connections".
_WITH_ITS_NOUN: Final = re.compile(r"\b(?:peer )?connections?\b[\s.]*$")
_IN_LETTERS: Final = {"five": 5, "six": 6, "fifteen": 15, "thirty": 30, "thirty-six": 36}


def _has_met_both(room: Any, _given: Given) -> object:
    return judge_connected(room, "Cleo", "Ada", "Bob")


def _among_six(_room: Any, given: Given) -> object:
    answer = given["answer"]
    if isinstance(answer, str):
        counted = _WITH_ITS_NOUN.sub("", answer.casefold().rpartition("=")[2]).strip()
        answer = _IN_LETTERS.get(counted, counted)
    return judge_number(
        {"answer": answer},
        15,
        (
            (
                30,
                "Each connection has two ends, and you have counted both: from Ada to Bob is from Bob to Ada as well.",
            ),
            (6, "Six is how many there are of them. Each is connected to every other one."),
            (5, "Five is how many connections each of them has. How many are there in all?"),
            (36, "Nobody is connected to themselves, and each connection has two ends."),
        ),
        "Draw six dots, and a line between every two of them: how many lines are there?",
    )


# -- 5: Python in the call


def _picture() -> Any:
    """Return a picture that looks different from every side."""
    import numpy as np

    return np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)


def _is_function(_room: Any, given: Given) -> object:
    if not is_given(given, "function"):
        return False
    marks = "quotation marks around" if isinstance(given["function"], str) else "brackets behind"
    return callable(given["function"]) or NotSo(
        f"This is of type {type(given['function']).__name__}: give the function itself, without {marks} its name."
    )


def _mirrors(_room: Any, given: Given) -> object:
    import numpy as np

    from ...media.frame import check_frame

    if not is_given(given, "function") or not callable(given["function"]):
        return False
    picture = _picture()
    function: Callable[[Any], Any] = given["function"]
    frame = picture.copy()
    try:
        made = function(frame)
    except Exception as error:
        return NotSo(f"It raised {type(error).__name__}: {error}")
    if made is None and np.array_equal(frame, picture):
        return NotSo("It returned nothing: what is to be sent has to be returned.")
    # As for a Peer: a function that returns nothing has changed the frame itself.
    try:
        made = check_frame(frame if made is None else made)
    except InvalidArgumentError as error:
        return NotSo(
            f"A Peer could not send what it made (slicing would keep its type and shape). {error.message}"
        )
    if made.shape != picture.shape:
        return NotSo(f"It made a picture of shape {made.shape} out of one of shape {picture.shape}.")
    if np.array_equal(made, picture[:, ::-1]):
        return True
    slips = (
        (picture, "The picture is as it was. Which of its axes goes from left to right?"),
        (picture[::-1], "It is upside down: the first axis goes from top to bottom."),
        (picture[::-1, ::-1], "It is rotated by 180°: that is one axis too many."),
        (picture[::-1, ::-1, ::-1], "All three axes are turned round: that is two too many."),
        (
            picture[:, ::-1, ::-1],
            "It is a mirror, but its colours have changed places: that is one axis too many.",
        ),
        (picture[..., ::-1], "Its colours have changed places: the last axis is red, green and blue."),
    )
    return next(
        (NotSo(reason) for slip, reason in slips if np.array_equal(made, slip)),
        NotSo("What it made is something else than the picture in a mirror, pixel by pixel."),
    )


def _uses_it(_room: Any, given: Given) -> object:
    if not is_given(given, "peer"):
        return False
    peer = given["peer"]
    try:
        stats = getattr(peer, "stats", None)
    except RtcWidgetError:
        return NotSo("This Peer has been closed: make a new one named Mirror, and give that.")
    if not isinstance(stats, dict):
        return NotSo(
            f"This is of type {type(peer).__name__}: give the Peer itself, peer=…, with the name of its variable."
        )
    if peer.name != "Mirror":
        return NotSo(f"This Peer's name is {peer.name}: give the one that is called Mirror.")
    if stats["transform"] is None:
        return NotSo("It has no transform: Peer(…, transform=mirror), or peer.transform(mirror).")
    # A function that is written anew is another one, and the Peer goes on with the one that it was given.
    if peer._sender.function not in (None, given["function"]):
        return NotSo(
            "It has another function than the one that you gave here: peer.transform(mirror) hands over the new one."
        )
    worked = stats["transform"]["frames"] - stats["transform"]["errors"]
    return worked > 0 or (
        stats["transform"]["errors"] > 0
        and NotSo("It has raised at every picture of the call: the traceback says at what.")
    )


def _is_sent(room: Any, _given: Given) -> object:
    return is_here(room, "Mirror") and any(is_connected(room, "Mirror", other) for other in ("Ada", "Bob"))


JOINING: Final[dict[str, tuple[Requirement, ...]]] = {
    "1.1": (
        Requirement(
            "Your number of connections among six people is right.",
            'check("1.1", ada, answer=…): a number. Every two participants have one connection.',
            _among_six,
            asks="answer",
        ),
        Requirement(
            "Cleo has joined.",
            'cleo = RoomWidget("demo", name="Cleo", …), in a cell of her own that ends with cleo: a widget joins when it is shown.',
            lambda room, _: is_here(room, "Cleo"),
        ),
        Requirement(
            "She is connected to both of the others.",
            "That takes a moment: check again.",
            _has_met_both,
        ),
    ),
    "5.1": (
        Requirement(
            "You gave a function.",
            'check("5.1", ada, function=mirror, peer=…), once mirror is defined.',
            _is_function,
            asks="function",
        ),
        Requirement(
            "It shows the picture as a mirror does.",
            "An array can be sliced backwards: [::-1]. Along which axis?",
            _mirrors,
        ),
        Requirement(
            "A Peer named Mirror is connected.",
            'Peer("studio", name="Mirror", transform=mirror), and a moment until it is connected.',
            _is_sent,
        ),
        Requirement(
            "Pictures have gone through its transform.",
            "peer=…: the Peer that has it. Somebody else in its room must send a picture, and the first takes a moment.",
            _uses_it,
            asks="peer",
        ),
    ),
}
"""Exercises 1.1 and 5.1."""
