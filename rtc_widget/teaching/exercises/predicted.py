"""The exercises "predict, then step" of the second, fourth, sixth and seventh lesson."""

from __future__ import annotations

import ast
from typing import Any, Final

from .predictions import judge_number, judge_order, without_repeats, words_given
from .requirement import Given, NotSo, Requirement
from .seen import crossing, is_given, is_here, messages

# Of a text that is read as Python.
_LONGEST: Final = 1_000
_CALLS: Final = ("setRemoteDescription", "createAnswer", "setLocalDescription")


def _wrote(_room: Any, given: Given) -> object:
    return bool(words_given(given))


# -- 2: what Dan does with an offer


def _has_answered(room: Any, _given: Given) -> object:
    return any(messages(room, "answer", sender="Dan"))


def _calls(room: Any, given: Given) -> object:
    if not _has_answered(room, {}):
        return False
    [peer, *_] = [message.receiver for message in messages(room, "answer", sender="Dan")]
    came = [event.type for event in room.trace.by("Dan").filter(*_CALLS) if event.peer == peer]
    # "setLocalDescription" alone makes the answer by itself; the trace shows that as a step of its own.
    return judge_order(words_given(given), came[: len(_CALLS)], "call")


# -- 4: which states Eve passes


def _states(room: Any) -> list[str]:
    """Return Eve's signaling states towards Ada, until all is agreed for the first time."""
    events = room.trace.between("Eve", "Ada").by("Eve").filter("state")
    states = without_repeats(
        event.data["value"] for event in events if event.data["name"] == "signaling_state"
    )
    states = states[1:] if states[:1] == ["stable"] else states
    if "have-remote-offer" not in states:
        return []
    agreed = states.index("have-remote-offer") + 2
    return states[:agreed] if len(states) >= agreed else []


def _passes(room: Any, given: Given) -> object:
    came, words = _states(room), words_given(given)
    # Where no offers cross, other states come.
    if not came or not words or not crossing(room, "Ada", "Eve"):
        return False
    words = words[1:] if words[0] == "stable" else words
    if came[1:2] == ["stable"] and words == [came[0], *came[2:]]:
        return NotSo(
            "There is a moment in between at which no offer is open on her side: what is she in then?"
        )
    return judge_order(words, came, "state")


# -- 6: what JSON makes of Python's values


def _arrived(given: Given) -> list[Any]:
    return [each for each in given["heard"] if isinstance(each, dict) and "points" in each]


def _written(given: Given) -> object:
    """Return the value that a student wrote, as Python or as the text of it."""
    answer = given["answer"]
    if not isinstance(answer, str) or len(answer) > _LONGEST:
        return answer
    try:
        return ast.literal_eval(answer.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return answer


def _is_dict(_room: Any, given: Given) -> object:
    if not is_given(given):
        return False
    written = _written(given)
    return isinstance(written, dict) or NotSo(
        f"You gave something of type {type(written).__name__}: write the dict as Bob will see it."
    )


def _is_what_arrived(_room: Any, given: Given) -> object:
    if not is_given(given):
        return False
    came, guess = _arrived(given)[-1], _written(given)
    if not isinstance(guess, dict):
        return False
    if guess == came and str(guess) == str(came):
        return True
    if any(not isinstance(key, str) for key in guess):
        return NotSo("The keys of an object in JSON are text, always.")
    if any(isinstance(value, tuple) for value in guess.values()):
        return NotSo("JSON has one kind of sequence, and Python reads it as a list.")
    return NotSo("Send it and look at heard[-1]: which of its values has changed on the way?")


# -- 7: how much a video would be


def _raw_bits(_room: Any, given: Given) -> object:
    bits = 640 * 360 * 3 * 8 * 30
    return judge_number(
        given,
        bits,
        (
            (bits / 8, "Those are bytes: a byte has eight bits."),
            (bits / 3, "A pixel has three colours, of a byte each."),
            (bits / 30, "That is one frame: there are 30 in a second."),
            (bits / 24, "Those are pixels: each has three colours, of eight bits each."),
            (bits / 8e6, "Those are megabytes: give it in bits per second."),
        ),
        "Width times height times three colours times eight bits times 30 frames a second.",
        near=0.01,
        unit="bits per second",
    )


PREDICTED: Final[dict[str, tuple[Requirement, ...]]] = {
    "2.3": (
        Requirement(
            "You have written down what Dan will call.",
            'check("2.3", room, answer=["…", "…", …]): the names of the calls, in their order.',
            _wrote,
            asks="answer",
        ),
        Requirement(
            "Dan is in the room.",
            "A Peer named Dan, made while the room is paused.",
            lambda room, _: is_here(room, "Dan"),
        ),
        Requirement(
            "He has answered an offer.",
            "Let an offer to him go: room.release(…), or room.step() where it is the first that waits.",
            _has_answered,
        ),
        Requirement(
            "It came as you predicted.",
            "Once he has answered, your prediction can be compared.",
            _calls,
        ),
    ),
    "4.3": (
        Requirement(
            "You have written down Eve's signaling states.",
            'check("4.3", ada, answer=["…", …]): the states of the W3C, in their order.',
            _wrote,
            asks="answer",
        ),
        Requirement(
            "They came as you predicted.",
            "Do 4.1 first: there is nothing to compare before Eve's offer has crossed Ada's.",
            _passes,
        ),
    ),
    "6.3": (
        Requirement(
            "You have written down what Bob will receive.",
            'check("6.3", room, answer={…}, heard=heard)',
            _is_dict,
            asks="answer",
        ),
        Requirement(
            "It has been sent, and has arrived.",
            'ada.send({"points": (1, 2), 3: None}, to="Bob")',
            lambda _, given: _arrived(given),
        ),
        Requirement(
            "It arrived as you predicted.",
            "A prediction and what came: then they can be compared.",
            _is_what_arrived,
        ),
    ),
    "7.3": (
        Requirement(
            "Your bitrate of Ada's video before it is encoded is right.",
            'check("7.3", room, answer=…), in bits per second.',
            _raw_bits,
            asks="answer",
        ),
    ),
}
"""Exercises 2.3, 4.3, 6.3 and 7.3."""
