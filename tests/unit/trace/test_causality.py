"""Clocks that are compared and not equal: nothing comes before what it came of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from rtc_widget.trace import Trace
from rtc_widget.trace.causality import in_causal_order
from rtc_widget.trace.diagram.diagram import Diagram
from rtc_widget.trace.events import RELAY, Event
from tests.support.traces import ADA, BOB, Script, answer, make_offer


def call() -> Trace:
    script = Script()
    script.join(ADA, order=1)
    script.join(BOB, order=2)
    offer = script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    answer(script, BOB, ADA, offer)
    return script.trace


def shifted(trace: Trace, who: str, seconds: float) -> Trace:
    """Let somebody's clock be wrong."""
    events = [replace(e, time=e.time + seconds) if e.participant == who else e for e in trace]
    return Trace(events, names=trace.names, room=trace.room)


def told(trace: Trace, who: str) -> list[Event]:
    return [event for event in trace if event.participant == who]


def test_clocks_that_are_right_move_nothing() -> None:
    trace = call()
    assert in_causal_order(trace) is trace


@pytest.mark.parametrize("seconds", [-0.05, -60.0])
def test_what_came_of_a_message_happens_after_it_was_sent(seconds: float) -> None:
    trace = shifted(call(), BOB, seconds)
    offer = trace.messages()[0]
    assert any(event.message == offer.id and event.time < offer.departed for event in told(trace, BOB))

    made = in_causal_order(trace)

    assert all(event.time >= offer.departed for event in told(made, BOB) if event.message == offer.id)
    # Each of them tells the same in the same order, and nobody else's clock was touched.
    assert [e.type for e in told(made, BOB)] == [e.type for e in told(trace, BOB)]
    for who in (ADA, RELAY):
        assert [e.time for e in told(made, who) if e.message == offer.id] == [
            e.time for e in told(trace, who) if e.message == offer.id
        ]


@pytest.mark.parametrize("seconds", [0.05, 60.0])
def test_what_a_message_came_of_happened_before_it_arrived(seconds: float) -> None:
    trace = shifted(call(), ADA, seconds)
    offer = trace.messages()[0]

    made = in_causal_order(trace)

    events = told(made, ADA)
    sent = next(i for i, event in enumerate(events) if event.type == "sent" and event.message == offer.id)
    arrived = next(e.time for e in told(made, RELAY) if e.type == "arrived" and e.message == offer.id)
    assert "setLocalDescription" in [event.type for event in events[:sent]]
    assert all(event.time < arrived for event in events[: sent + 1])
    # Each of them tells the same in the same order, and nobody else's clock was touched.
    assert [e.type for e in events] == [e.type for e in told(trace, ADA)]
    for who in (BOB, RELAY):
        assert [e.time for e in told(made, who)] == [e.time for e in told(trace, who)]


def test_an_answer_is_set_after_it_was_made_also_where_making_it_was_moved() -> None:
    made = in_causal_order(shifted(shifted(call(), BOB, -0.05), ADA, -0.02))
    offer, reply = made.messages()

    assert offer.departed <= reply.departed
    assert all(event.time >= reply.departed for event in told(made, ADA) if event.message == reply.id)


def test_a_clock_that_is_far_ahead_moves_nobody_else() -> None:
    trace = shifted(call(), ADA, 3_600.0)

    made = in_causal_order(trace)

    assert [e.time for e in told(made, BOB)] == [e.time for e in told(trace, BOB)]


def test_what_somebody_tells_of_a_message_to_another_binds_nobody() -> None:
    trace = call()
    strange = Event(trace[0].time - 10, "eve", "setRemoteDescription", BOB, trace.messages()[0].id)
    told_so = Trace([*trace, strange], names=trace.names, room=trace.room)

    assert in_causal_order(told_so) is told_so


def test_a_diagram_shows_the_offer_above_what_came_of_it() -> None:
    lines = Diagram(shifted(call(), BOB, -0.05)).text.splitlines()

    assert [line.split(" ms  ")[1].split(",")[0] for line in lines if "offer" in line or "answer" in line][
        :7
    ] == [
        "Ada: setLocalDescription(offer)",
        "Ada: signaling is have-local-offer",
        "offer from Ada to Bob",
        "Bob: setRemoteDescription(offer)",
        "Bob: signaling is have-remote-offer",
        "Bob: setLocalDescription(answer)",
        "answer from Bob to Ada",
    ]
