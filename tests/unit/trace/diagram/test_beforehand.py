"""A diagram of a trace that begins in the middle of a call says how things were, and does not tell it as news."""

from __future__ import annotations

from rtc_widget.trace.diagram.bands import bands_of
from rtc_widget.trace.diagram.beforehand import without_beforehand
from rtc_widget.trace.diagram.phases import phases_of
from rtc_widget.trace.diagram.text import story_text
from tests.support.stories import stories
from tests.support.traces import ADA, BOB, CAROL, NAMES, Script, answer, connect, make_offer

MACHINES = {"signaling_state": "stable", "ice_connection_state": "completed", "connection_state": "connected"}


def watched_late() -> Script:
    """Ada and Bob are in a call, and tell whoever begins to watch it how it is."""
    script = Script()
    for order, who in enumerate((ADA, BOB), 1):
        script.say(who, "join", name=NAMES[who], kind="widget", order=order, here=True)
    for who, other in ((ADA, BOB), (BOB, ADA)):
        script.wait(5)
        for machine, value in MACHINES.items():
            script.state(who, other, machine, value)
        script.say(who, "pair", other, local="host", remote="host", protocol="udp")
    return script


def titles(script: Script) -> list[str]:
    return [phase.title for phase in phases_of(stories(script.trace)[0])]


def test_who_was_there_is_here_and_their_connection_is_not_told_to_begin() -> None:
    (story,) = stories(watched_late().trace)

    assert titles(watched_late()) == ["Ada and Bob are here"]
    text = story_text(story)
    assert "Ada was here" in text
    assert "joined" not in text
    assert "connected ·" not in text


def test_its_lifelines_have_their_states_from_the_first_row() -> None:
    (story,) = stories(watched_late().trace)

    assert [lane.here for lane in story.lanes] == [True, True]
    before = bands_of(story, to_scale=False)[0].before
    assert {before[side, "connection_state"] for side in (0, 1)} == {"connected"}


def test_times_are_counted_from_its_beginning() -> None:
    script = watched_late()
    script.wait(30_000)
    script.state(ADA, BOB, "connection_state", "closed")

    assert "-" not in story_text(stories(script.trace)[0])
    assert story_text(stories(script.trace)[0]).split()[0] == "0.0"


def test_the_overview_has_them_connected_and_each_connection_has_its_diagram() -> None:
    script = watched_late()
    script.say(CAROL, "join", name=NAMES[CAROL], kind="widget", order=3, here=True)
    for one, other in ((ADA, CAROL), (BOB, CAROL)):
        for who, peer in ((one, other), (other, one)):
            script.state(who, peer, "connection_state", "connected")
    page = script.trace.diagram().html

    assert page.count("<strong>new") == 0
    assert page.count('type="radio"') == 1 + 3  # everybody, and three connections


def test_what_happens_after_that_is_told() -> None:
    script = watched_late()
    script.wait(30_000)
    script.state(ADA, BOB, "connection_state", "disconnected")

    assert titles(script) == ["Ada and Bob are here, the connection is lost"]


def test_a_connection_that_is_made_after_that_is_told_to_begin() -> None:
    script = Script()
    script.say(ADA, "join", name=NAMES[ADA], kind="widget", order=1, here=True)
    script.join(BOB, order=2)
    key = script.send(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    script.deliver(key, ADA, BOB, "offer")
    answer(script, BOB, ADA, key)
    connect(script, ADA, BOB)

    assert titles(script) == ["Bob joins, Ada makes an offer", "Bob answers, both connect"]


def test_a_trace_in_which_everybody_joins_stays_as_it_is() -> None:
    script = Script()
    script.join(ADA)
    script.join(BOB, order=2)
    trace = script.trace

    assert without_beforehand(trace) is trace
