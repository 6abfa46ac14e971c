"""A trace's connections, each with what concerns it."""

from __future__ import annotations

from rtc_widget.trace import Trace
from rtc_widget.trace.diagram.pairs import most_spoken, pairs_of
from rtc_widget.trace.events import RELAY, Event
from tests.support.traces import ADA, BOB, CAROL, NAMES, Script, call, crowd


def test_every_two_who_talk_are_a_connection_with_who_came_first_on_the_left() -> None:
    assert [*pairs_of(crowd().trace)] == [(ADA, BOB), (ADA, CAROL), (BOB, CAROL)]


def test_each_has_its_own_messages_and_what_concerns_all() -> None:
    script = crowd()
    script.say(RELAY, "control", paused=True, held=[], breaks=[], faults=[])
    pairs = pairs_of(script.trace)

    for pair, trace in pairs.items():
        assert {frozenset((m.sender, m.receiver)) for m in trace.messages()} == {frozenset(pair)}
        assert len(trace.filter("control")) == 1
        assert {event.participant for event in trace.filter("join")} == set(pair)
    assert sum(len(trace.messages()) for trace in pairs.values()) == len(script.trace.messages())


def test_what_the_relay_says_of_a_message_without_naming_its_ends_is_found() -> None:
    script = call()
    key = script.send(ADA, BOB, "offer", {})
    script.say(RELAY, "released", None, key)

    (trace,) = pairs_of(script.trace).values()
    assert [event.message for event in trace.filter("released")] == [key]


def test_who_is_there_and_says_most_is_shown_first() -> None:
    def shown(*leaving: str) -> int:
        script = crowd()
        for who in (ADA, CAROL):
            for _ in range(3 if who is CAROL else 1):
                script.send(who, BOB if who is CAROL else CAROL, "ice_candidate", {})
        script.say(BOB, "join", name="Bob")
        for who in leaving:
            script.say(who, "leave")
        return most_spoken(script.trace, pairs_of(script.trace))

    # Ada and Bob, Ada and Carol, Bob and Carol: these begin in this order.
    assert shown() == 2
    assert shown(BOB) == 1
    assert shown(ADA, BOB) == 0
    assert most_spoken(Trace([], names={}), {}) == 0

    # Who is alone has said nothing, however many have left.
    two_and_one = call()
    two_and_one.say(CAROL, "join", name="Carol")
    two_and_one.say(BOB, "leave")
    assert most_spoken(two_and_one.trace, pairs_of(two_and_one.trace)) == 0


def test_nobody_is_left_out() -> None:
    script = Script()
    for order, who in enumerate((ADA, BOB, CAROL), 1):
        script.join(who, order=order)

    assert [*pairs_of(script.trace)] == [(ADA, BOB), (CAROL,)]


def test_who_sends_to_itself_is_no_connection() -> None:
    events = [Event(1.0, ADA, "state", ADA, data={"name": "signaling_state", "value": "stable"})]

    assert [*pairs_of(Trace(events, names=NAMES))] == [(ADA,)]


def test_whom_the_trace_does_not_know_has_no_diagram() -> None:
    script = call()
    script.state(ADA, "l2TqGGReyCOQEliU", "connection_state", "closed")

    assert [*pairs_of(script.trace)] == [(ADA, BOB)]
