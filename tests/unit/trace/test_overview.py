"""Who is connected to whom, from a trace, its measurements and what is held."""

from __future__ import annotations

import re

from rtc_widget.trace import Trace
from rtc_widget.trace.overview import Overview, overview
from tests.support.traces import ADA, BOB, CAROL, NAMES, Script, make_offer

EMPTY = Trace((), names={})


def of(
    script: Script, measured: Script | None = None, held: tuple[tuple[str, str, str], ...] = ()
) -> Overview:
    stats = EMPTY if measured is None else measured.trace
    return overview(script.trace, stats, held)


def call(*people: str) -> Script:
    script = Script()
    for order, who in enumerate(people, 1):
        script.join(who, order=order)
    return script


def connect(script: Script, one: str, other: str, remote: str = "host") -> None:
    for who, peer in ((one, other), (other, one)):
        script.say(who, "pair", peer, local="host", remote=remote, protocol="udp")
        script.state(who, peer, "connection_state", "connected")


def test_a_connection_says_its_type_and_its_figures_from_row_to_column() -> None:
    script, measured = call(ADA, BOB), Script()
    connect(script, ADA, BOB, "srflx")
    measured.say(ADA, "stats", BOB, sent_bitrate=511_000, rtt=6.2, loss=0.0)
    measured.say(BOB, "stats", ADA, sent_bitrate=20_000, rtt=6.4, loss=0.04)

    room = of(script, measured)

    assert repr(room["Ada", "Bob"]) == "<Ada → Bob: ✓ srflx, 511 kbit/s · 6 ms · 4% lost>"
    assert repr(room["Bob", "Ada"]) == "<Bob → Ada: ✓ srflx, 20 kbit/s · 6 ms>"
    assert repr(room).splitlines() == [
        "Ada → Bob  ✓ srflx  511 kbit/s · 6 ms · 4% lost",
        "Bob → Ada  ✓ srflx  20 kbit/s · 6 ms",
    ]


def test_what_goes_through_a_turn_server_is_relay_whichever_end_it_is() -> None:
    script = call(ADA, BOB)
    connect(script, ADA, BOB, "relay")

    assert of(script)["Ada", "Bob"].candidate_type == "relay"


def test_what_goes_over_the_notebook_says_so() -> None:
    script = call(ADA, BOB)
    connect(script, ADA, BOB)
    for who, peer in ((ADA, BOB), (BOB, ADA)):
        script.say(who, "pair", peer, local="notebook", remote="notebook", protocol="notebook")

    assert repr(of(script)["Ada", "Bob"]) == "<Ada → Bob: ✓ notebook>"


def test_only_who_is_in_the_room_is_in_it_and_equal_names_are_told_apart() -> None:
    script = call(ADA, BOB, CAROL)
    script.say(BOB, "leave")
    trace = Trace(script.events, names={**NAMES, CAROL: "Ada"})

    room = overview(trace, EMPTY, ())

    assert room.names == ("Ada", "Ada (2)")
    assert set(room.links) == {("Ada", "Ada (2)"), ("Ada (2)", "Ada")}


def test_who_had_left_before_another_came_has_no_connection_with_them() -> None:
    script = call(ADA, BOB)
    script.say(BOB, "leave")
    script.wait(5)
    script.join(CAROL)

    links = overview(script.trace, EMPTY, (), everybody=True).links

    assert {frozenset(ends) for ends in links} == {frozenset(("Ada", "Bob")), frozenset(("Ada", "Carol"))}


def test_a_name_that_looks_like_a_number_behind_another_costs_nobody_their_row() -> None:
    trace = Trace(call(ADA, BOB, CAROL).events, names={ADA: "Ada", BOB: "Ada", CAROL: "Ada (2)"})

    room = overview(trace, EMPTY, ())

    assert room.names == ("Ada", "Ada (3)", "Ada (2)")
    assert len(room.links) == 6


def test_what_is_held_comes_first() -> None:
    script = call(ADA, BOB)
    held = ((ADA, BOB, "offer"), (ADA, BOB, "ice_candidate"), (ADA, BOB, "ice_candidate"))

    room = of(script, held=held)

    assert (room["Ada", "Bob"].heading, room["Ada", "Bob"].details) == ("held 3", "offer, 2 candidates")
    assert room["Bob", "Ada"].heading == "… new"


def test_a_connection_that_does_not_come_says_what_is_missing() -> None:
    script = call(ADA, BOB)
    offer = make_offer(script, ADA, BOB)
    script.state(ADA, BOB, "connection_state", "connecting")
    assert of(script)["Ada", "Bob"].details == "no offer has arrived"

    message = script.send(ADA, BOB, "offer", offer)
    script.at_relay("dropped", message, ADA, BOB, "offer")
    script.state(ADA, BOB, "connection_state", "failed")

    link = of(script)["Ada", "Bob"]
    assert (link.heading, link.details) == ("✕ failed", "offer dropped")


def test_where_all_messages_came_and_it_failed_no_pair_worked() -> None:
    script = call(ADA, BOB)
    script.pass_on(ADA, BOB, "offer", make_offer(script, ADA, BOB))
    script.pass_on(BOB, ADA, "answer", {"type": "answer", "sdp": "v=0"})
    script.state(ADA, BOB, "connection_state", "failed")

    assert of(script)["Ada", "Bob"].details == "no candidate pair worked"


def test_in_a_notebook_it_is_a_table_in_which_names_are_text() -> None:
    script = call(ADA, BOB)
    trace = Trace(script.events, names={ADA: "<b>Ada</b>", BOB: "Bob"})

    shown = overview(trace, EMPTY, ())._repr_html_()

    assert shown.count('scope="row"') == shown.count('scope="col"') == 2
    assert "&lt;b&gt;Ada" in shown
    assert "<b>Ada" not in shown


def test_an_empty_room_and_one_with_somebody_alone_say_so() -> None:
    assert repr(of(Script())) == "<nobody in the room>"
    assert of(call(ADA))._repr_html_() == '<p dir="ltr">Only Ada in the room.</p>'


def test_live_there_is_an_overview_as_soon_as_there_are_two() -> None:
    for people, overviews in (((ADA,), 0), ((ADA, BOB), 1)):
        script = call(*people)
        page = script.trace.diagram().live_page(of(script))
        assert page.count('<section class="rtcd-everybody"') == overviews


def test_who_reports_nothing_is_said_to_and_who_has_left_too() -> None:
    script = call(ADA, BOB)
    script.state(ADA, BOB, "connection_state", "connected")
    assert of(script)["Bob", "Ada"].details == "Bob reports nothing"

    script.say(BOB, "leave")
    room = overview(script.trace, EMPTY, (), everybody=True)
    assert (room["Ada", "Bob"].heading, room["Ada", "Bob"].details) == ("closed", "Bob has left")


def test_who_comes_again_has_another_connection_and_what_was_lost_is_why_it_is_new() -> None:
    script = call(ADA, BOB)
    connect(script, ADA, BOB)
    answer = script.send(ADA, BOB, "answer")
    script.at_relay("dropped", answer, ADA, BOB, "answer")
    script.say(BOB, "leave")
    script.join(BOB, order=3)

    assert repr(of(script)["Ada", "Bob"]) == "<Ada → Bob: … new, stable>"

    candidate = script.send(BOB, ADA, "ice_candidate")
    script.at_relay("dropped", candidate, BOB, ADA, "ice_candidate")
    room = of(script)
    assert repr(room["Ada", "Bob"]) == "<Ada → Bob: … new, candidate dropped>"

    connect(script, ADA, BOB, "srflx")
    assert of(script)["Ada", "Bob"].heading == "✓ srflx"


def test_the_newest_overview_opens_the_diagrams_that_were_drawn() -> None:
    script = call(ADA, BOB, CAROL)
    for one, other in ((BOB, CAROL), (ADA, BOB)):
        script.pass_on(one, other, "offer", make_offer(script, one, other))
    diagram = script.trace.diagram()
    drawn = re.findall(r'data-pair="(\d)" aria-label="(\w+\W\w+)"', diagram.html)
    opens = re.findall(r'data-pair="(\d)" title="Open (\w+) → (\w+)"', diagram.live_overview(of(script)))

    pairs = {number: set(re.split(r"\W", name)) for number, name in drawn}
    assert opens
    assert all(pairs[number] == {one, other} for number, one, other in opens)
