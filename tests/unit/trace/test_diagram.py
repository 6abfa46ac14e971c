"""The sequence diagram: what is in it, where it goes, and what may not be in it."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from rtc_widget.errors import InvalidArgumentError
from rtc_widget.room.participants import (
    CONNECTION_STATES,
    ICE_CONNECTION_STATES,
    ICE_GATHERING_STATES,
    SIGNALING_STATES,
)
from rtc_widget.trace import Trace
from rtc_widget.trace.diagram.layout import layout_of
from rtc_widget.trace.diagram.parts import Arrow, Fold, Note, Tick
from rtc_widget.trace.diagram.story import story_of
from rtc_widget.trace.events import RELAY, Event
from rtc_widget.trace.glossary import EVENTS, STATES
from tests.support.traces import (
    ADA,
    BOB,
    Script,
    answer,
    call,
    crowd,
    glare,
    long_trace,
    make_offer,
    stepped,
)

if TYPE_CHECKING:
    from pathlib import Path


ALL = (call, glare, stepped, crowd)


def arrows(trace: Trace) -> list[Arrow]:
    return [part for part in story_of(trace).parts if isinstance(part, Arrow)]


def ticks(trace: Trace) -> list[str]:
    return [part.text for part in story_of(trace).parts if isinstance(part, Tick)]


# -- what is in it


def test_candidates_of_one_way_are_one_arrow() -> None:
    assert [arrow.label for arrow in arrows(call().trace)] == [
        "offer",
        "4 candidates: 3 host, 1 srflx",
        "answer",
        "4 candidates: 3 host, 1 srflx",
    ]
    assert "queued 4 candidates" in ticks(call().trace)
    assert "gathered 3 host, 1 srflx, end" in ticks(call().trace)


def test_offers_that_cross_are_glare_and_others_are_not() -> None:
    ours, theirs, reply = arrows(glare().trace)

    assert (ours.glare, theirs.glare, reply.glare) == (True, True, False)
    assert theirs.outcome == "rolled back by Bob"
    assert not any(arrow.glare for arrow in arrows(call().trace))
    assert "Glare: Ada and Bob both sent an offer" in str(glare().trace.diagram())


def test_offers_one_after_the_other_are_no_glare() -> None:
    script = call()
    answer(script, ADA, BOB, script.pass_on(BOB, ADA, "offer", make_offer(script, BOB, ADA, "x")))

    assert not any(arrow.glare for arrow in arrows(script.trace))


def test_what_waits_says_what_each_side_waits_for() -> None:
    waiting = [arrow.waits for arrow in arrows(stepped().trace) if arrow.waits]

    assert waiting == ["Ada waits for the answer of Bob; Bob takes itself to be agreed"]


def test_an_offer_that_waits_while_the_other_offers_too_says_so() -> None:
    script = Script()
    key = script.send(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    script.at_relay("held", key, ADA, BOB, "offer")
    make_offer(script, BOB, ADA)

    (arrow,) = arrows(script.trace)
    assert arrow.waits == "Ada waits for the answer of Bob; Bob waits for an answer to an offer of its own"


def test_the_teachers_hand_is_shown_at_the_relay() -> None:
    notes = [part.text for part in story_of(stepped().trace).parts if isinstance(part, Note)]

    assert notes[:2] == ["fault: drop candidates to Bob", "paused: messages wait here"]


def test_a_lease_that_ends_says_why() -> None:
    script = Script()
    script.say(RELAY, "control", paused=True, held=[], breaks=[], faults=[])
    script.say(RELAY, "control", paused=False, held=[], breaks=[], faults=[], reason="lease")

    assert "resumed: the teacher is gone" in str(script.trace.diagram())


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({"fault": "delay", "kind": "answer", "seconds": 0.5}, "fault: delay answers by 0.5 s"),
        (
            {"fault": "drop", "sender": "Ada", "probability": 0.5},
            "drop every message from Ada with probability 0.5",
        ),
        ({"fault": "glare", "sender": "Ada", "to": "Bob"}, "fault: glare between Ada and Bob"),
        ({"fault": "no_candidates", "types": "host srflx"}, "fault: no candidates of type host srflx"),
    ],
)
def test_a_fault_is_named_once_however_often_it_strikes(rule: dict[str, object], words: str) -> None:
    script = Script()
    for done in range(3):
        script.say(RELAY, "control", paused=False, faults=[{"id": "f1", "done": done, **rule}])
    script.say(RELAY, "control", paused=False, faults=[], reason="clear")

    said = script.trace.diagram().text
    assert words in said
    assert said.count("fault: ") == said.count("fault over: ") == 1


def test_how_exact_the_times_are_is_said() -> None:
    assert "Ada 0.4 ms" in str(call().trace.diagram())
    assert "off by any amount: Ada, Bob" in str(stepped().trace.diagram())


# -- where it goes


@pytest.mark.parametrize("script", ALL)
@pytest.mark.parametrize("scale", ["even", "time"])
def test_what_comes_later_stands_lower(script: object, scale: str) -> None:
    layout = layout_of(story_of(script().trace), scale)  # type: ignore[operator]

    for placed in layout.arrows:
        heights = [placed.sent, placed.arrived, placed.forwarded, placed.received]
        known = [height for height in heights if height is not None]
        assert known == sorted(known)
        assert known[-1] < layout.height
    texts = sorted(layout.texts, key=lambda text: text.part.time)
    assert all(one.y <= other.y for one, other in pairwise(texts))


@pytest.mark.parametrize("script", ALL)
@pytest.mark.parametrize("scale", ["even", "time"])
def test_words_beside_a_lifeline_do_not_touch(script: object, scale: str) -> None:
    layout = layout_of(story_of(script().trace), scale)  # type: ignore[operator]

    for key in layout.columns:
        labels = [t.label for t in layout.texts if isinstance(t.part, Tick) and t.part.lane == key]
        assert len(labels) > 1 or key == RELAY, f"nothing is written beside {key}"
        assert all(other - one >= 14 for one, other in pairwise(sorted(labels)))


def test_to_scale_equal_times_are_equal_heights() -> None:
    layout = layout_of(story_of(call().trace), "time")

    times = {round((p.arrived - p.sent) / (p.arrow.arrived - p.arrow.sent)) for p in layout.arrows}
    assert len(times) == 1


def test_the_relay_is_between_the_participants() -> None:
    layout = layout_of(story_of(crowd().trace), "even")
    lines = [column.line for column in layout.columns.values()]

    assert lines == sorted(lines)
    assert lines[0] < layout.relay.line < lines[-1]


# -- what it is written as


@pytest.mark.parametrize("script", ALL)
@pytest.mark.parametrize("scale", ["even", "time"])
def test_the_picture_is_xml_and_needs_nothing_else(script: object, scale: str) -> None:
    svg = script().trace.diagram(scale=scale).svg  # type: ignore[operator]

    root = ET.fromstring(svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"(?<!xmlns=\")https?://|url\(|\bid=|<script|@import", svg)


def test_every_message_can_be_reached_and_says_what_it_is() -> None:
    root = ET.fromstring(glare().trace.diagram().svg)
    items = [each for each in root.iter() if each.get("class", "").startswith("m ")]

    assert [item.get("role") for item in items] == ["button"] * 3
    assert all(item.get("tabindex") == "0" and item[0].tag.endswith("title") for item in items)
    assert "glare" in items[0].get("aria-label", "")


def test_an_empty_trace_is_a_picture_too() -> None:
    diagram = Trace([], names={}).diagram()

    ET.fromstring(diagram.svg)
    assert diagram.text == ""
    assert "<svg" in diagram.html


def test_a_slice_from_the_middle_is_a_picture_too() -> None:
    trace = crowd().trace
    for start in range(0, len(trace), 7):
        part = trace[start : start + 20]
        drawn = ET.fromstring(part.diagram().svg)

        words = "".join(drawn.itertext())
        assert all(part.name_of(event.participant) in words for event in part if event.participant != RELAY)
        if any(True for _ in part.messages()):
            assert drawn.findall(".//*[@role='button']"), "no message can be reached"


def test_names_and_errors_are_text() -> None:
    nasty = '<img src=x onerror="alert(1)">&\x00\ud800'
    events = [
        Event(1.0, ADA, "join", data={"name": nasty, "kind": nasty}),
        Event(2.0, ADA, "failed", BOB, data={"operation": nasty, "error": nasty}),
        Event(3.0, ADA, "state", BOB, data={"name": "signaling_state", "value": nasty}),
        Event(
            4.0,
            RELAY,
            "arrived",
            message="m",
            data={"from": ADA, "to": BOB, "event": nasty, "content": {"sdp": nasty}},
        ),
        Event(5.0, RELAY, "control", data={"paused": True, "reason": nasty, "faults": [nasty]}),
    ]
    diagram = Trace(events, names={ADA: nasty, BOB: nasty}).diagram()

    ET.fromstring(diagram.svg)
    for written in (diagram.svg, diagram.html):
        assert "<img" not in written
        written.encode()


def test_it_is_saved_as_what_the_name_says(tmp_path: Path) -> None:
    diagram = call().trace.diagram()

    assert diagram.save(tmp_path / "a.svg").read_text() == diagram.svg
    assert diagram.save(tmp_path / "a.html").read_text().startswith("<!doctype html>")
    with pytest.raises(InvalidArgumentError, match=r"\.png"):
        diagram.save(tmp_path / "a.png")
    with pytest.raises(InvalidArgumentError, match="even"):
        call().trace.diagram(scale="log")  # type: ignore[arg-type]


def test_notebooks_get_html_and_a_picture_and_words() -> None:
    bundle = call().trace.diagram()._repr_mimebundle_()

    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}


# -- what is opened


def test_an_opened_message_says_its_lines_its_way_and_what_it_made_happen() -> None:
    html = call().trace.diagram().html

    assert "leaves the choice to the answer" in html
    assert "relay → Bob: 2.4 ms" in html
    assert "setRemoteDescription offer" in html
    assert "Negotiated away" in html or "None was dropped" in html


def test_a_second_description_says_what_changed() -> None:
    script = call()
    answer(
        script, BOB, ADA, script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB, "NewF", 3)), "NewQ"
    )
    html = script.trace.diagram().html

    assert "gone: <code>a=ice-ufrag:[ufrag-1]</code>" in html
    assert "new: <code>a=ice-ufrag:[ufrag-3]</code>" in html


def test_a_long_one_leaves_out_what_is_ordinary_and_keeps_what_is_not() -> None:
    trace = long_trace(10_000)
    parts = story_of(trace).parts

    folds = [part for part in parts if isinstance(part, Fold)]
    dropped = [part for part in parts if isinstance(part, Arrow) and part.marks]
    assert folds
    assert "offers" in folds[0].text
    assert len(dropped) == len(trace.filter("dropped"))
    assert len(trace.diagram().html) < 2_000_000


def test_every_state_and_every_step_says_on_hover_what_it_means() -> None:
    assert {name: tuple(values) for name, values in STATES.items()} == {
        "signaling_state": SIGNALING_STATES,
        "ice_gathering_state": ICE_GATHERING_STATES,
        "ice_connection_state": ICE_CONNECTION_STATES,
        "connection_state": CONNECTION_STATES,
    }
    svg = call().trace.diagram().svg
    assert f"signaling: have-local-offer. {STATES['signaling_state']['have-local-offer']}" in svg
    assert EVENTS["createOffer"] in svg
