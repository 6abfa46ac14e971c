"""The diagram as HTML, as an image and as text."""

from __future__ import annotations

import re
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
from rtc_widget.trace.diagram.measure import lines_of, width_of
from rtc_widget.trace.events import RELAY, Event
from rtc_widget.trace.glossary import EVENTS, STATES
from tests.support.traces import ADA, BOB, CAROL, NAMES, Script, call, crowd, glare, make_offer, stepped

if TYPE_CHECKING:
    from pathlib import Path

    from rtc_widget.trace.diagram.diagram import Scale


ALL = (call, glare, stepped, crowd)


# -- the image


@pytest.mark.parametrize("script", ALL)
@pytest.mark.parametrize("scale", ["even", "time"])
@pytest.mark.parametrize("size", ["normal", "slides"])
def test_the_image_is_xml_and_needs_nothing_else(script: object, scale: str, size: str) -> None:
    diagram = script().trace.diagram(scale=scale, size=size)  # type: ignore[operator]

    root = ET.fromstring(diagram.svg)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert not re.search(r"(?<!xmlns=\")https?://|url\(|\bid=|<script|@import", diagram.svg)
    assert diagram.svg_size == (
        float(root.get("width", "")),
        pytest.approx(float(root.get("height", "")), abs=1),
    )


def test_the_image_says_what_the_page_says() -> None:
    words = " ".join(ET.fromstring(stepped().trace.diagram().svg).itertext())

    for said in (
        "Ada",
        "signaling server",
        "createOffer()",
        "have-local-offer",
        "dropped",
        "held 3.2 s",
        "The answer is held",
    ):
        assert said in words


def test_a_request_for_an_offer_can_be_seen() -> None:
    script = Script()
    script.pass_on(BOB, ADA, "request_offer")
    diagram = script.trace.diagram()

    assert re.search(r"\.request\{stroke:#\w+", diagram.svg)
    assert 'class="way request"' in diagram.svg
    assert re.search(r"\.request\{--colour:", diagram.html)


@pytest.mark.parametrize("scale", ["even", "time"])
def test_a_copy_leaves_the_server_and_not_its_sender(scale: Scale) -> None:
    diagram = stepped().trace.diagram(scale=scale)

    [(start, again)] = re.findall(r'class="way \w+" d="M(\d+) [^"]*M(\d+)', diagram.svg)
    [server] = re.findall(r'x="(\d+)[^"]*"[^>]*>signaling server<', diagram.svg)
    assert start == again
    assert abs(int(start) - int(server)) < 10
    assert len(re.findall(r'class="rtcd-m [^"]*\bcopy\b', diagram.html)) == 1


def test_what_became_of_a_message_stands_below_the_part_of_its_way_that_is_drawn() -> None:
    script = Script()
    script.join(ADA)
    script.join(BOB, order=2)
    key = script.send(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    script.at_relay("delayed", key, ADA, BOB, "offer")
    script.wait(100)
    make_offer(script, BOB, ADA)
    script.wait(100)
    script.deliver(key, ADA, BOB, "offer")
    script.say(BOB, "failed", ADA, key, operation="setRemoteDescription", error="OperationError")

    places = {
        "".join(text.itertext()).partition(" ")[0]: text.get("x")
        for text in ET.fromstring(script.trace.diagram().svg).iter("{http://www.w3.org/2000/svg}text")
    }

    assert places["failed"] == places["offer"] != places["signaling"]


def test_words_are_folded_where_there_is_no_room_and_never_lost_before() -> None:
    text = "queued 4: no remote description yet"
    lines = lines_of(text, 13, 150)

    assert " ".join(lines) == text
    assert all(width_of(line, 13) <= 150 for line in lines)
    assert lines_of("x" * 300, 13, 100, 2)[-1].endswith("…")
    assert lines_of("", 13, 100) == [""]


# -- the page


def test_every_message_can_be_reached_and_says_what_it_is() -> None:
    found = re.findall(
        r'<details class="rtcd-m [^>]*><summary aria-label="([^"]+)"', glare().trace.diagram().html
    )

    # What is seen on it stands first: so whoever speaks to a computer names it.
    glares = "glare: it crossed an offer of the other side"
    assert found == [
        f"offer 11 ms, from Ada to Bob, {glares}",
        f"offer 5.2 ms, rolled back by Bob, from Bob to Ada, {glares}",
        "answer 5.2 ms, from Bob to Ada",
    ]


def test_one_connection_is_shown_at_a_time_and_every_one_can_be_chosen() -> None:
    html = crowd().trace.diagram().html

    assert re.findall(r'value="(\d)"( checked)?>(\w+\W\w+)', html) == [
        # Bob has left.
        ("0", "", "Ada\N{EN DASH}Bob"),
        ("1", " checked", "Ada\N{EN DASH}Carol"),
        ("2", "", "Bob\N{EN DASH}Carol"),
    ]
    assert html.count('<section class="rtcd-pair"') == 3
    assert "rtcd-pick" not in call().trace.diagram().html.replace(".rtcd-pick", "")


def test_who_came_after_another_of_the_same_name_is_told_apart_wherever_both_are_shown() -> None:
    script = Script()
    for who in (ADA, BOB):
        script.join(who)
    make_offer(script, ADA, BOB)
    script.say(BOB, "leave")
    script.wait(5)
    script.join(CAROL)
    make_offer(script, ADA, CAROL)
    diagram = Trace(script.events, names={ADA: "Ada", BOB: "Bob", CAROL: "Bob"}).diagram()

    assert re.findall(r"\d\"(?: checked)?>(Ada.*?)</", diagram.html) == [
        "Ada\N{EN DASH}Bob (earlier)",
        "Ada\N{EN DASH}Bob",
    ]
    assert diagram.text.startswith("Ada\N{EN DASH}Bob (earlier)\n")
    assert 'title="Open Ada → Bob (earlier)"' in diagram.html


def test_of_many_connections_the_overview_is_the_choice() -> None:
    script = Script()
    people = [f"p{number}" for number in range(5)]
    for one in people:
        for other in people:
            if one < other:
                script.say(one, "createOffer", other)
    html = Trace(script.events, names={one: one for one in people}).diagram().html

    assert 'class="rtcd-choice many"' in html
    assert html.count('name="pair"') == 11


def test_everybody_is_in_any_part_of_a_trace() -> None:
    trace = crowd().trace
    for start in range(0, len(trace), 7):
        part = trace[start : start + 20]
        words = "".join(ET.fromstring(part.diagram().svg).itertext())

        assert all(part.name_of(event.participant) in words for event in part if event.participant != RELAY)
        assert (part.diagram().html.count('class="rtcd-m ') > 0) == bool(part.messages())


def test_an_empty_trace_is_a_diagram_too() -> None:
    diagram = Trace([], names={}).diagram()

    ET.fromstring(diagram.svg)
    assert diagram.text == ""
    assert "rtcd-page" in diagram.html


def test_who_is_alone_is_shown() -> None:
    script = Script()
    script.join(CAROL)

    assert "Carol" in Trace(script.events, names=NAMES).diagram().html


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
            message=nasty,
            data={"from": ADA, "to": BOB, "event": nasty, "content": {"sdp": nasty}},
        ),
        Event(5.0, RELAY, "control", data={"paused": True, "reason": nasty, "faults": [nasty]}),
    ]
    diagram = Trace(events, names={ADA: nasty, BOB: nasty, CAROL: nasty}).diagram()

    ET.fromstring(diagram.svg)
    for written in (diagram.svg, diagram.html):
        assert "<img" not in written
        assert '"alert' not in written
        written.encode()


def test_every_state_and_every_step_says_on_hover_what_it_means() -> None:
    assert {name: tuple(values) for name, values in STATES.items()} == {
        "signaling_state": SIGNALING_STATES,
        "ice_gathering_state": ICE_GATHERING_STATES,
        "ice_connection_state": ICE_CONNECTION_STATES,
        "connection_state": CONNECTION_STATES,
    }
    html = call().trace.diagram().html
    assert f"signaling: have-local-offer. {STATES['signaling_state']['have-local-offer']}" in html
    assert f"ICE gathering: complete. {STATES['ice_gathering_state']['complete']}" in html
    assert EVENTS["createOffer"] in html


def test_the_page_has_words_for_those_who_do_not_see_whose_a_chip_is() -> None:
    assert '<span class="rtcd-who">Ada: </span>createOffer()' in call().trace.diagram().html


def test_no_word_of_a_relay_that_could_be_turns() -> None:
    said = [
        stepped().trace.diagram().text,
        re.sub(r"<script.*?</script>|<style.*?</style>", "", stepped().trace.diagram().html),
    ]

    assert not any(re.search(r"\brelay\b", text) for text in said)


# -- as files and in notebooks


def test_it_is_saved_as_what_the_name_says(tmp_path: Path) -> None:
    diagram = call().trace.diagram()

    assert diagram.save(tmp_path / "a.svg").read_text() == diagram.svg
    assert diagram.save(tmp_path / "a.html").read_text().startswith("<!doctype html>")
    with pytest.raises(InvalidArgumentError, match=r"\.png"):
        diagram.save(tmp_path / "a.png")


def test_what_is_not_known_is_refused() -> None:
    with pytest.raises(InvalidArgumentError, match="'even' or 'time'"):
        call().trace.diagram(scale="log")  # type: ignore[arg-type]
    with pytest.raises(InvalidArgumentError, match="'normal' or 'slides'"):
        call().trace.diagram(size="huge")  # type: ignore[arg-type]


def test_notebooks_get_html_and_a_picture_and_words() -> None:
    bundle = call().trace.diagram()._repr_mimebundle_()

    assert set(bundle) == {"text/html", "image/svg+xml", "text/plain"}
