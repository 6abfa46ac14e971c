"""The exercises "predict, then step" of the second, fourth, sixth and seventh lesson."""

from __future__ import annotations

import ast
import json
from typing import Any, Final

from ...trace.trace import Trace
from .predictions import judge_number, judge_order, without_repeats, words_given
from .requirement import Given, NotSo, Requirement
from .seen import crossing, is_given, is_here, messages
from .who_is_meant import newest

# Of a text that is read as Python.
_LONGEST: Final = 1_000
_ARRIVES: Final = {"points": [1, 2], "3": None}
_CALLS: Final = ("setRemoteDescription", "createAnswer", "setLocalDescription")


def _wrote(_room: Any, given: Given) -> object:
    return bool(words_given(given))


# -- 2: what Dan does with an offer


def _has_answered(room: Any, _given: Given) -> object:
    return any(messages(room, "answer", sender="Dan"))


def _calls(room: Any, given: Given) -> object:
    if not _has_answered(room, {}):
        return False
    answer, *_ = messages(room, "answer", sender="Dan")
    steps = room.trace.by(answer.sender).filter(*_CALLS)
    came = [event.type for event in steps if event.peer == answer.receiver]
    # "setLocalDescription" alone makes the answer by itself; the trace shows that as a step of its own.
    return judge_order(words_given(given), came[: len(_CALLS)], "call")


# -- 4: which states Eve passes


def _states(room: Any) -> list[str]:
    """Return Eve's signaling states towards Ada, from the offer of her own that she took back until all is agreed."""
    trace: Trace = room.trace
    eve = newest(trace, "Eve")
    events = [*trace.between(eve, newest(trace, "Ada")).by(eve).filter("state", "rollback")]
    back = next((place for place, event in enumerate(events) if event.type == "rollback"), len(events))
    states = [
        (place, str(event.data["value"]))
        for place, event in enumerate(events)
        if event.data.get("name") == "signaling_state"
    ]
    # What she had agreed on before is no part of it.
    begun = [place for place, state in states if state == "have-local-offer" and place < back][-1:]
    passed = without_repeats(state for place, state in states if place >= (begun or [0])[0])
    passed = passed[1:] if passed[:1] == ["stable"] else passed
    if "have-remote-offer" not in passed:
        return []
    agreed = passed.index("have-remote-offer") + 2
    return passed[:agreed] if len(passed) >= agreed else []


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
    return [each for each in given["heard"] if _as_json(each) == _as_json(_ARRIVES)]


def _as_json(value: object) -> str:
    """Return a value as JSON, which tells 1 from 1.0 and from True."""
    try:
        return json.dumps(value, sort_keys=True)
    except (TypeError, ValueError):
        return ""


def _has_arrived(_room: Any, given: Given) -> object:
    if _arrived(given):
        return True
    alike = [each for each in given["heard"] if isinstance(each, dict)]
    return bool(alike) and NotSo(
        f"Bob has received {alike[-1]!r}, and that was made of something else: send the dict of the exercise as it is."
    )


def _written(given: Given) -> object:
    """Return the value that a student wrote, as Python or as the text of it."""
    answer = given["answer"]
    if not isinstance(answer, str) or len(answer) > _LONGEST:
        return answer
    try:
        return ast.literal_eval(answer.strip())
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return answer


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _is_dict(_room: Any, given: Given) -> object:
    if not is_given(given):
        return False
    written = _written(given)
    if isinstance(written, str) and _is_json(written):
        return NotSo("That is JSON, as it travels: write the dict as Python shows it to Bob.")
    return isinstance(written, dict) or NotSo(
        f"You gave something of type {type(written).__name__}: write the dict as Bob will see it."
    )


def _is_what_arrived(_room: Any, given: Given) -> object:
    if not is_given(given):
        return False
    came, guess = _arrived(given)[-1], _written(given)
    if not isinstance(guess, dict):
        return False
    if guess == came and _as_json(guess) == _as_json(came):
        return True
    if any(not isinstance(key, str) for key in guess):
        return NotSo("The keys of an object in JSON are text, always.")
    if any(isinstance(value, tuple) for value in guess.values()):
        return NotSo("JSON has one kind of sequence, and Python reads it as a list.")
    if guess.keys() != came.keys():
        return NotSo("Nothing is lost on the way, and nothing is added: your dict has other keys than Bob's.")
    return NotSo("Your keys are right. Look at heard[-1]: which of your values is another one there?")


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
            "Dan has joined.",
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
            _has_arrived,
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
