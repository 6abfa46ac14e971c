"""The phases of a negotiation, and the sentence that each has."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rtc_widget.trace import Trace
from rtc_widget.trace.diagram.phases import phases_of
from tests.support.stories import stories
from tests.support.traces import (
    ADA,
    BOB,
    NAMES,
    Script,
    answer,
    call,
    connect,
    crowd,
    glare,
    long_trace,
    make_offer,
    stepped,
    trickle,
)


def titles(trace: Trace) -> list[str]:
    return [phase.title for phase in phases_of(stories(trace)[0])]


def overtaken() -> Script:
    """Ada's offer is delayed, and her candidates overtake it."""
    script = Script()
    script.join(ADA)
    script.join(BOB, order=2)
    key = script.send(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    script.at_relay("delayed", key, ADA, BOB, "offer")
    trickle(script, ADA, BOB, early=True)
    script.wait(1500)
    script.deliver(key, ADA, BOB, "offer")
    answer(script, BOB, ADA, key)
    connect(script, ADA, BOB)
    return script


def test_an_ordinary_call_is_an_offer_and_an_answer() -> None:
    assert titles(call().trace) == ["Bob joins, Ada makes an offer", "Bob answers, both connect"]


def test_people_are_called_as_they_call_themselves_also_at_the_beginning_of_a_sentence() -> None:
    trace = Trace(call().trace, names={ADA: "ada", BOB: "bot"})

    assert titles(trace) == ["bot joins, ada makes an offer", "bot answers, both connect"]


def test_a_delayed_offer_is_a_phase_and_so_is_its_arrival() -> None:
    assert titles(overtaken().trace) == [
        "Bob joins, Ada makes an offer",
        "The offer is delayed, its candidates overtake it",
        "The offer arrives",
        "Bob answers, both connect",
    ]


def test_a_message_arrives_before_it_is_used_though_its_receivers_clock_is_behind() -> None:
    script = overtaken()
    # Bob's clock is compared with the relay's, and still 6 ms off: what is "received" seems to be so before it was forwarded.
    behind = [
        replace(event, time=event.time - 0.006) if (event.participant, event.peer) == (BOB, ADA) else event
        for event in script.events
    ]

    assert titles(Trace(sorted(behind, key=lambda event: event.time), names=NAMES, room="demo")) == titles(
        script.trace
    )


def test_glare_is_one_phase_and_what_comes_of_it_another() -> None:
    assert titles(glare().trace) == [
        "Bob joins, Ada and Bob both make an offer, and the two cross, Bob rolls back its own offer",
        "Bob answers, both connect",
    ]


def test_what_is_held_says_for_how_long_and_what_fails_says_what() -> None:
    assert titles(stepped().trace)[1:] == [
        "The offer is held for 3.2 s",
        "Bob takes the offer, createAnswer fails",
        "The answer is held",
    ]


def test_a_second_negotiation_is_another_offer() -> None:
    script = call()
    script.wait(5000)
    key = script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB, "NewF", 3))
    answer(script, BOB, ADA, key, "NewQ")

    assert titles(script.trace)[2:] == ["Ada makes another offer", "Bob answers"]


def test_who_asks_for_an_offer_begins() -> None:
    script = Script()
    script.pass_on(BOB, ADA, "request_offer")
    key = script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    answer(script, BOB, ADA, key)

    assert titles(script.trace) == ["Bob asks Ada for an offer", "Ada makes an offer", "Bob answers"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("failed", "The connection fails"),
        ("disconnected", "The connection is lost"),
    ],
)
def test_the_end_of_a_connection_is_said(value: str, words: str) -> None:
    script = call()
    script.wait(2000)
    script.state(ADA, BOB, "connection_state", value)

    assert titles(script.trace)[-1] == words


def test_who_leaves_is_named() -> None:
    assert titles(crowd().trace)[-1] == "Bob leaves"


@pytest.mark.parametrize("script", [call, glare, stepped, crowd, overtaken])
def test_everything_is_in_one_phase_and_all_of_them_have_a_sentence(script: object) -> None:
    for story in stories(script().trace):  # type: ignore[operator]
        phases = phases_of(story)
        parts = {id(item.part) for phase in phases for item in phase.items}

        assert parts == {id(part) for part in story.parts}
        assert all(phase.title for phase in phases)
        assert [phase.since is None for phase in phases] == [True, *[False] * (len(phases) - 1)]


def test_any_part_of_a_trace_has_phases() -> None:
    trace = long_trace(300)
    for start in range(0, len(trace), 7):
        for story in stories(trace[start : start + 25]):
            assert all(phase.title for phase in phases_of(story))


def test_who_leaves_does_so_before_the_connection_is_closed_for_that() -> None:
    script = call()
    script.wait(5000)
    script.say(ADA, "leave")
    script.state(BOB, ADA, "connection_state", "closed")

    assert titles(script.trace)[-1] == "Ada leaves, Bob closes the connection"
