"""Of whom nothing arrived that was announced, a recording says so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget import Recording
from rtc_widget.recording.finalize.finalize import finish
from tests.support.staging_folders import ADA, BOB, NAMES, Part

if TYPE_CHECKING:
    from pathlib import Path

ON = {"audio": False, "video": True, "screen": False}
OFF = {"audio": False, "video": False, "screen": False}


def roster(who: str, media: dict[str, bool], **more: Any) -> dict[str, Any]:
    return {
        "roomId": "demo",
        "socketId": who,
        "name": NAMES[who],
        "kind": "python",
        "order": 1,
        "media": media,
        "caps": {"records": True},
        **more,
    }


def join(part: Part, who: str, time: float, media: dict[str, bool], **more: Any) -> None:
    part.hear(time, "user_joined", **roster(who, media, **more))


def problems_of(part: Part) -> tuple[str, ...]:
    with Recording.open(finish(part.path)) as recording:
        return recording.problems


@pytest.fixture
def part(tmp_path: Path) -> Part:
    return Part(tmp_path, seconds=68.0)


def test_of_whom_nothing_arrived_that_is_said_and_for_how_long_it_was_on(part: Part) -> None:
    join(part, ADA, 0.0, ON)
    join(part, BOB, 1.0, ON)
    part.film(BOB, 1.2, 2.0)

    assert problems_of(part) == (
        "Neither video nor audio of Ada arrived, though their camera or microphone was on for 68 s.",
    )


def test_who_was_there_before_and_left_counts(part: Part) -> None:
    part.hear(0, "snapshot", participants=[roster(ADA, OFF)], time=part.at(0), control={})
    part.hear(10, "media_state", **{"from": ADA, **ON})
    part.hear(20, "media_state", **{"from": ADA, **OFF})
    part.hear(30, "media_state", **{"from": ADA, **OFF, "audio": True})
    part.leave(ADA, 35)

    assert problems_of(part) == (
        "Neither video nor audio of Ada arrived, though their camera or microphone was on for 15 s.",
    )


def test_a_snapshot_after_an_outage_does_not_count_twice(part: Part) -> None:
    join(part, ADA, 8.0, ON)
    part.hear(28, "snapshot", participants=[roster(ADA, ON)], time=part.at(28), control={})
    part.hear(38, "snapshot", participants=[], time=part.at(38), control={})

    (problem,) = problems_of(part)
    assert "was on for 30 s" in problem


@pytest.mark.parametrize(
    "about",
    [
        {"media": OFF},
        {"media": {**OFF, "screen": True}},
        {"caps": {}},
        {"caps": {"records": False}},
    ],
)
def test_nothing_is_said_of_who_had_nothing_on_or_does_not_record_themselves(
    part: Part, about: dict[str, Any]
) -> None:
    part.hear(0.0, "user_joined", **{**roster(ADA, ON), **about})

    assert problems_of(part) == ()


def test_a_relay_that_does_not_tell_the_time_is_no_problem(part: Part) -> None:
    part.line("heard", event="user_joined", payload=roster(ADA, ON))

    assert problems_of(part) == ()


def test_nothing_is_said_of_who_declined_or_was_there_for_a_moment(part: Part) -> None:
    join(part, ADA, 0.0, ON)
    part.line("declined", participant=ADA)
    join(part, BOB, 1.0, ON)
    part.leave(BOB, 2.0)

    assert problems_of(part) == ()
