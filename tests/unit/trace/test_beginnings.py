"""A part of a longer trace: its diagram begins with how things were."""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

from rtc_widget.trace import Trace
from tests.support.stories import bands
from tests.support.traces import ADA, BOB, Script, answer, call, make_offer, trickle


def restarted() -> Script:
    script = call()
    script.say(ADA, "restartIce", BOB)
    offer = script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB, version=3))
    trickle(script, BOB, ADA, early=True)
    answer(script, BOB, ADA, offer)
    return script


def since_the_restart(script: Script) -> Trace:
    trace = script.trace
    return trace[[event.type for event in trace].index("restartIce") :]


def test_the_diagram_of_a_restart_begins_connected() -> None:
    said = since_the_restart(restarted()).diagram().text

    assert "0.0 ms  Ada: connection is connected" in said
    assert "0.0 ms  Bob: signaling is stable" in said
    assert "ICE connection is new" not in said
    first, *_ = bands(since_the_restart(restarted()))
    assert [first.before[side, "connection_state"] for side in (0, 1)] == ["connected", "connected"]


def test_an_open_offer_covers_that_there_is_a_connection_also_beside_the_title_of_a_phase() -> None:
    diagram = since_the_restart(restarted()).diagram()

    titles = re.findall(r"<summary><i class=\"rtcd-life.*?</summary>", diagram.html)
    lines = [re.findall(r'rtcd-line a (\w+)"', title) for title in titles]
    assert ["settled", "busy"] in lines
    assert ["busy", "settled"] not in lines

    drawn = [
        (each.get("class"), each.get("x"), float(each.get("y", "")), float(each.get("height", "")))
        for each in ET.fromstring(diagram.svg).iter("{http://www.w3.org/2000/svg}rect")
        if (each.get("class") or "").startswith("line ")
    ]
    for index, (kind, x, top, height) in enumerate(drawn):
        for later, other, begin, length in drawn[index + 1 :]:
            hides = x == other and begin < top + height - 0.1 and top < begin + length - 0.1
            assert not (hides and (kind, later) == ("line busy", "line settled"))


def test_candidates_of_a_later_generation_wait_for_their_description_not_for_any() -> None:
    assert "queued 4: their description is still to come" in since_the_restart(restarted()).diagram().text


def test_who_came_again_has_no_state_from_before() -> None:
    script = call()
    script.say(BOB, "leave")
    script.join(BOB, order=3)
    trace = script.trace

    assert [event for event in trace[-1:].before if BOB in (event.participant, event.peer)] == []


def test_a_whole_trace_begins_with_nothing_and_a_part_of_a_part_with_all_before() -> None:
    trace = call().trace
    begun = [event.type for event in trace].index("createAnswer")

    assert trace.before == trace[:].before == ()
    assert trace[2:][begun - 2 :].before == trace[begun:].before
    assert trace[begun:].between("Ada", "Bob").filter("state").before == trace[begun:].before
    assert {event.type for event in trace[begun:].before} == {
        "state",
        "setLocalDescription",
        "setRemoteDescription",
    }
