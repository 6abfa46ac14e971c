"""Where things stand: rows in the order of time, and lifelines beside them."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from rtc_widget.trace.diagram.bands import bands_both_ways
from rtc_widget.trace.diagram.parts import Arrow, Change, Chip
from tests.support.stories import bands, stories
from tests.support.traces import ADA, BOB, Script, call, candidate, crowd, glare, stepped

if TYPE_CHECKING:
    from rtc_widget.trace.diagram.bands import Band, Row

ALL = (call, glare, stepped, crowd)


def rows(script: Script) -> list[Row]:
    return [row for band in bands(script.trace) for row in band.rows]


def spans(band: Band, machine: str) -> list[tuple[int, str]]:
    return [(span.side, span.value) for span in band.spans if span.machine == machine]


@pytest.mark.parametrize("script", ALL)
@pytest.mark.parametrize("to_scale", [False, True])
def test_what_comes_later_stands_lower(script: object, to_scale: bool) -> None:
    found = [row for band in bands(script().trace, to_scale=to_scale) for row in band.rows]  # type: ignore[operator]

    # What shares a row, and what is only shown when asked for, may be a few milliseconds off.
    assert all(other.time - one.time > -0.031 for one, other in pairwise(found))


def test_offers_that_cross_share_a_row() -> None:
    (row,) = (row for row in rows(glare()) if sum(isinstance(item.part, Arrow) for item in row.items) > 1)

    assert {item.part.first.sender for item in row.items if isinstance(item.part, Arrow)} == {ADA, BOB}


def test_a_message_that_nothing_happened_under_is_one_arrow_and_others_are_two() -> None:
    legs = [item.leg for row in rows(stepped()) for item in row.items if isinstance(item.part, Arrow)]

    assert legs == ["out", "whole", "whole", "whole", "whole", "out"]


def test_both_connect_in_one_row() -> None:
    (row,) = (
        row
        for row in rows(call())
        if any(isinstance(item.part, Chip) and item.part.text.startswith("connected") for item in row.items)
    )

    assert sum(isinstance(item.part, Chip) for item in row.items) == 2


def test_a_lifeline_has_the_colour_of_its_state_from_the_change_on() -> None:
    first, second = bands(call().trace)

    assert spans(first, "signaling_state")[0] == (0, "stable")
    assert (0, "have-local-offer") in spans(first, "signaling_state")
    assert second.before[0, "signaling_state"] == "have-local-offer"
    assert [value for side, value in spans(second, "signaling_state") if side == 1] == [
        "stable",
        "have-remote-offer",
        "stable",
    ]


def test_who_connects_last_stays_connected_though_both_stand_in_one_row() -> None:
    script = Script()
    script.join(ADA)
    script.join(BOB)
    for who, other in ((BOB, ADA), (ADA, BOB)):
        for state in ("connecting", "connected"):
            script.state(who, other, "connection_state", state)
            script.wait(1)
    *_, last = bands(script.trace)

    at_the_end = {
        (span.side, span.value)
        for span in last.spans
        if (span.machine, span.last) == ("connection_state", len(last.rows))
    }
    assert at_the_end == {(0, "connected"), (1, "connected")}


def test_a_call_under_way_is_a_bar_with_the_change_inside() -> None:
    script = Script()
    script.say(ADA, "setLocalDescription", BOB, description="offer", duration=20)
    script.wait(5)
    script.state(ADA, BOB, "signaling_state", "have-local-offer")
    (band,) = bands(script.trace)

    (span,) = (span for span in band.spans if span.machine == "call")
    changed = next(
        index
        for index, row in enumerate(band.rows)
        if any(isinstance(item.part, Change) and item.part.value == "have-local-offer" for item in row.items)
    )
    assert span.first < changed < span.last


def test_who_has_not_come_or_has_left_has_no_lifeline() -> None:
    first, *_, last = bands(crowd().trace)

    assert first.before[1, "life"] == ""
    assert (1, "here") in spans(first, "life")
    assert spans(last, "life") == [(0, "here")]


def test_a_long_pause_is_said() -> None:
    script = call()
    script.wait(4000)
    script.say(ADA, "media", audio=False)

    assert [round(row.pause) for row in rows(script) if row.pause] == [4]


def test_to_scale_an_arrival_has_a_row_of_its_own() -> None:
    even, scaled = bands(call().trace), bands(call().trace, to_scale=True)

    assert sum(len(band.rows) for band in scaled) > sum(len(band.rows) for band in even)
    assert sum(not row.items for band in scaled for row in band.rows) == 4


def test_a_long_phase_is_in_parts_that_go_on_where_the_last_has_ended() -> None:
    script = Script()
    for who in (ADA, BOB):
        script.join(who)
    script.state(ADA, BOB, "signaling_state", "have-local-offer")
    for _ in range(100):
        lost = script.send(ADA, BOB, "ice_candidate", {"candidate": candidate()})
        script.at_relay("dropped", lost, ADA, BOB, "ice_candidate")
        script.wait(3000)
    (story,) = stories(script.trace)
    (parts,) = bands_both_ways(story)

    assert len(parts) > 5
    for even, scaled in parts:
        assert len(even.phase.items) <= 20
        assert even.phase is scaled.phase
    assert sum(len(even.phase.items) for even, _scaled in parts) == len(story.parts)
    assert [bool(even.title) for even, _scaled in parts] == [True] + [False] * (len(parts) - 1)
    assert all(even.before[0, "signaling_state"] == "have-local-offer" for even, _scaled in parts[1:])
