"""The exercises "find the bug", done rightly, wrongly and not at all, with the traces that students get."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from rtc_widget.teaching.check import check
from rtc_widget.teaching.exercises.bugs import BUGS
from rtc_widget.trace import Trace
from scripts.write_bug_traces import FOLDER, STORIES, trace_of
from tests.support.traces import glare

TRACES = {
    "2.4": "02_no_encryption",
    "3.2": "03_no_way",
    "8.2": "08_half_a_call",
    "9.3": "09_no_answer",
    "11.2": "11_no_screen",
}
# The message's place, and what else is asked for.
# Of private networks, and of those that are for examples.
HOMES = ("10.1.2.3", "10.1.7.3", "10.2.2.3", "10.9.0.5")
RIGHT: dict[str, tuple[int, dict[str, Any]]] = {
    "2.4": (1, {"line": "a=setup:actpass"}),
    "3.2": (6, {"step": "queued"}),
    "8.2": (3, {"to": "Bob"}),
    "9.3": (0, {"step": "rollback"}),
    "11.2": (10, {"mid": 1}),
}


def broken(number: str) -> Trace:
    return Trace.load(FOLDER / f"{TRACES[number]}.jsonl")


@pytest.mark.parametrize("number", RIGHT)
def test_it_is_done_with_the_message_and_what_is_wrong_with_it(number: str) -> None:
    place, given = RIGHT[number]
    trace = broken(number)

    assert check(number, trace, message=place, **given)
    for named in (str(place), f"message {place}", f"#{place}", float(place), np.int64(place)):
        assert check(number, trace, message=named, **given)
    assert check(number, trace, message=f"{place} answer from Bob", **given)
    assert "Name one message" in check(number, trace, message=[place, 2], **given).reason
    assert check(number, trace, message=trace.messages()[place], **given)
    assert check(number, trace, message=trace.messages()[place].id, **given)


@pytest.mark.parametrize(
    ("number", "given"),
    [
        ("2.4", {"line": "setup:actpass"}),
        ("2.4", {"line": "a=setup:actpass, since an answer has to choose"}),
        ("2.4", {"line": "a=setup: actpass"}),
        ("2.4", {"line": "a=setup:actpass must not be there"}),
        ("2.4", {"line": "a=setup:actpass, which should be a=setup:active"}),
        ("2.4", {"line": "a=setup:actpass instead of a=setup:active"}),
        ("3.2", {"step": "it should have been enqueued"}),
        ("3.2", {"step": "Every candidate is cached until the answer is set"}),
        ("3.2", {"step": "await the answer"}),
        ("3.2", {"step": "put into a list"}),
        ("3.2", {"step": "it was refused, and should have been queued"}),
        ("3.2", {"step": "kept, instead of being dropped"}),
        ("3.2", {"step": "queued, not dropped"}),
        ("3.2", {"step": "not thrown away but kept"}),
        ("8.2", {"to": "Bob, not Ada"}),
        ("3.2", {"step": "put into a queue until the answer is there"}),
        ("8.2", {"to": "bob"}),
        ("3.2", {"step": "keep it until the answer was set"}),
        ("3.2", {"step": "buffer it"}),
        ("3.2", {"step": "add it later"}),
        ("3.2", {"step": "wait with addIceCandidate until the answer was set"}),
        ("9.3", {"step": "roll its own offer back"}),
        ("9.3", {"step": "withdraw his offer"}),
        ("9.3", {"step": "undo his own offer"}),
        ("9.3", {"step": "go back to stable"}),
        ("9.3", {"step": "Takes its own offer back"}),
        ("9.3", {"step": "discard it"}),
        ("9.3", {"step": "drops its own offer"}),
        ("9.3", {"step": "give up its own offer"}),
        ("9.3", {"step": "throw its own offer away"}),
        ("9.3", {"step": "roll back its own offer, then take Ada's"}),
        ("11.2", {"mid": "1"}),
        ("11.2", {"mid": "mid 1"}),
        ("11.2", {"mid": 1.0}),
    ],
)
def test_it_is_done_in_a_students_own_words(number: str, given: dict[str, Any]) -> None:
    assert check(number, broken(number), message=RIGHT[number][0], **given)


@pytest.mark.parametrize("number", RIGHT)
def test_it_is_not_done_untouched_nor_by_half_of_it(number: str) -> None:
    place, given = RIGHT[number]
    trace = broken(number)

    for untouched in ({}, {"message": "?"} | dict.fromkeys(given, "?"), {"message": ...}):
        assert check(number, trace, **untouched).verdict == "not yet"
    assert check(number, trace, message=place).verdict == "not yet"
    assert [each.verdict for each in check(number, trace, **given).findings] == ["not yet"] * 3


@pytest.mark.parametrize("number", RIGHT)
def test_no_message_but_the_right_ones_passes_a_guess(number: str) -> None:
    _, given = RIGHT[number]
    trace = broken(number)

    passed = [place for place in range(len(trace.messages())) if check(number, trace, message=place, **given)]

    # Of the candidates that were refused, either is an answer.
    assert passed == ([6, 7] if number == "3.2" else [RIGHT[number][0]])


@pytest.mark.parametrize(
    ("number", "message", "given", "reason"),
    [
        ("2.4", 0, {"line": "a=setup:actpass"}, "nothing wrong with the offer"),
        ("2.4", 3, {"line": "a=setup:actpass"}, "That candidate is as it should be"),
        ("2.4", 1, {"line": "a=mid:0"}, "about who begins something"),
        ("2.4", 1, {"line": "a=setup"}, "Write all of it"),
        ("2.4", 1, {"line": "actpass"}, "Write all of it"),
        ("2.4", 1, {"line": "a=fingerprint:sha-256 AA"}, "Nothing is wrong with that line"),
        ("2.4", 1, {"line": "a=setup:passive"}, "Which line stands there instead?"),
        ("2.4", 1, {"line": "a=setup:holdconn"}, "says active or passive"),
        ("2.4", 1, {"line": "a=crypto"}, "has no such line"),
        ("2.4", 1, {"line": "every line, a=setup:actpass and a=mid:0"}, "decide for one"),
        ("2.4", 1, {"line": "a=setup:actpass, a=mid:0"}, "decide for one"),
        ("2.4", 1, {"line": "a=setup:active instead of a=setup:actpass"}, "Which line stands there instead?"),
        ("3.2", 6, {"step": "queued, dropped, added, refused"}, "decide for one"),
        ("3.2", 6, {"step": "keep it, resend it"}, "decide for one"),
        ("3.2", 6, {"step": "not queued but sent again"}, "and not what it is not"),
        ("8.2", 3, {"to": "Bob or Ada"}, "decide for one"),
        ("8.2", 3, {"to": "Ada, Bob"}, "decide for one"),
        ("9.3", 0, {"step": "wait and come back later"}, "As long as its own offer stands"),
        ("11.2", 10, {"mid": "0, 1"}, "decide for one"),
        ("11.2", 10, {"mid": 3}, "That is no mid of the message that you named: its mids are"),
        ("11.2", 10, {"mid": "video"}, "That is no mid of the message that you named: its mids are"),
        ("3.2", 5, {"step": "queued"}, "was set in the end"),
        ("3.2", 1, {"step": "queued"}, "its receiver had a queue"),
        ("3.2", 6, {"step": "dropped"}, "needed later"),
        ("8.2", 0, {"to": "Bob"}, "Both offers are right"),
        ("8.2", 2, {"to": "Bob"}, "went where it should"),
        ("8.2", 3, {"to": "Ada"}, "has all the answers"),
        ("8.2", 3, {"to": "Mine"}, "Mine is who answers"),
        ("8.2", 3, {"to": "the server"}, "Ada, Bob and Mine"),
        ("9.3", 1, {"step": "rollback"}, "was there first"),
        ("9.3", 0, {"step": "createAnswer"}, "As long as its own offer stands"),
        ("9.3", 0, {"step": "drop the incoming offer"}, "that the receiver had made itself"),
        ("9.3", 0, {"step": "discard Ada's offer"}, "that the receiver had made itself"),
        ("9.3", 0, {"step": "drop the call"}, "that the receiver had made itself"),
        ("9.3", 0, {"step": "setRemoteDescription"}, "something with its own, unasked"),
        ("9.3", 7, {"step": "rollback"}, "7 is no message of this trace"),
        ("11.2", 0, {"mid": 1}, "With this one the call was made"),
        ("11.2", 1, {"mid": 1}, "With this one the call was made"),
        ("11.2", 10, {"mid": 0}, "has been there from the beginning"),
        ("11.2", 10, {"mid": "mid 0"}, "has been there from the beginning"),
        ("11.2", 10, {"mid": "a=mid:0"}, "has been there from the beginning"),
        ("11.2", 11, {"mid": 1}, "It has 11 messages, message=0 to message=10"),
        ("11.2", 10, {"mid": 10}, "That is no mid"),
    ],
)
def test_it_says_why_it_is_not_so(number: str, message: int, given: dict[str, Any], reason: str) -> None:
    checked = check(number, broken(number), message=message, **given)

    assert checked.verdict == "not so"
    assert reason in " ".join(each.reason for each in checked.findings)


@pytest.mark.parametrize("number", RIGHT)
def test_what_is_said_of_another_message_is_not_judged(number: str) -> None:
    place, given = RIGHT[number]
    other = 1 if place == 0 else 0

    assert check(number, broken(number), message=other, **given).findings[-1].verdict == "not yet"


def test_a_participant_may_be_named_by_the_id_that_a_message_has() -> None:
    trace = broken("8.2")
    bob = next(key for key, name in trace.names.items() if name == "Bob")

    assert check("8.2", trace, message=3, to=bob)


@pytest.mark.parametrize("story", STORIES)
def test_the_traces_are_what_the_script_writes_and_tell_nothing_of_anybody(story: str) -> None:
    path: Path = FOLDER / f"{story}.jsonl"
    saved = Trace.load(path)

    assert saved == trace_of(story)
    addresses = set(re.findall(r"\b\d+\.\d+\.\d+\.\d+\b", path.read_text("utf-8")))
    assert addresses <= {"0.0.0.0", "127.0.0.1", "192.0.2.44", "198.51.100.7", "203.0.113.7", *HOMES}


def test_13_1_is_done_with_the_offer_that_was_ignored_and_who_gave_way() -> None:
    trace = glare().trace
    ignored, taken = [
        next(place for place, message in enumerate(trace.messages()) if message.id == key)
        for key in ("m2", "m1")
    ]

    for said in ("bob", "Bob did", "Bob, the polite one", "Bob gave way", SimpleNamespace(name="Bob")):
        assert check("13.1", trace, said, message=ignored)
    assert check("13.1", cast("Any", SimpleNamespace(trace=trace)), "bob", message=ignored)  # a recording
    assert check("13.1", trace, "?", message="?").verdict == "not yet"
    assert check("13.1", trace, message=ignored).verdict == "not yet"
    for message in (..., taken):
        assert check("13.1", trace, "bob", message=message).findings[-1].verdict == "not yet"
    for answer, message, reason in (
        ("Bob", taken, "took this offer, and answered it"),
        ("Ada", ignored, "On whose lifeline"),
        (SimpleNamespace(name="Ada"), ignored, "You answered Ada."),
        ("the polite one", ignored, "is none of these: Ada, Bob"),
        ("Ada and Bob", ignored, "You named Ada and Bob: decide for one"),
        ("not Ada", ignored, "and not what it is not"),
        ("Bob", 99, "is no message of this trace"),
        ("Bob", len(trace.messages()) - 1, "That is no offer"),
    ):
        checked = check("13.1", trace, answer, message=message)
        assert checked.verdict == "not so"
        assert reason in " ".join(each.reason for each in checked.findings)


@pytest.mark.parametrize("number", RIGHT)
def test_another_trace_is_not_judged(number: str) -> None:
    other = broken("3.2" if number == "11.2" else "11.2")

    checked = check(number, other, message=0, **RIGHT[number][1])

    assert "no message has the fault that is asked about: give check broken" in checked.reason


def test_13_1_knows_whoever_joined_while_another_of_that_name_was_there() -> None:
    trace = glare().trace
    trace.names = {key: f"{name} (2)" for key, name in trace.names.items()}
    [ignored] = [place for place, message in enumerate(trace.messages()) if message.id == "m2"]

    for said in ("Bob", "Bob (2)"):
        assert check("13.1", trace, said, message=ignored)
    assert "You answered Ada." in check("13.1", trace, "Ada (2)", message=ignored).reason


def test_every_exercise_is_tested() -> None:
    assert {*RIGHT, "13.1"} == set(BUGS)
