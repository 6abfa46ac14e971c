"""Where each segment belongs on the recording's clock."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget.recording.contents import Ended, Person
from rtc_widget.recording.finalize.people import Masks
from rtc_widget.recording.finalize.placement import length_of, segments_of
from rtc_widget.recording.manifest import Manifest
from rtc_widget.trace.events import Event
from rtc_widget.trace.trace import Trace

if TYPE_CHECKING:
    from pathlib import Path

    from rtc_widget.recording.finalize.segments import Segment

BEGAN = 1_000.0
HEAD = Manifest("demo", BEGAN, 60.0, True, Ended("stopped", "It was stopped."))
ADA = Person("ada", "Ada", "browser", ((3.0, None),))


def line(at: float, number: int = 0, **more: Any) -> dict[str, Any]:
    """Return a line that says that Ada's segment began so many seconds after the recording did, by her clock."""
    file = f"media/ada-camera-{number}.webm"
    return {
        "participant": "ada",
        "track": "camera",
        "number": number,
        "at": (BEGAN + at) * 1000,
        "file": file,
        **more,
    }


def place(
    folder: Path, *lines: object, offsets: dict[str, float] | None = None, declined: tuple[str, ...] = ()
) -> tuple[dict[tuple[str, str], list[Segment]], list[str]]:
    (folder / "segments.jsonl").write_text("".join(f"{json.dumps(each)}\n" for each in lines))
    problems: list[str] = []
    trace = Trace([], names={"ada": "Ada"}, room="demo")
    placed = segments_of(folder, HEAD, 60.0, offsets or {}, (ADA,), Masks(trace, declined), problems)
    return placed, problems


def begins(placed: dict[tuple[str, str], list[Segment]]) -> list[float]:
    return [round(segment.begins, 3) for segment in placed["ada", "camera"]]


def test_segments_are_in_order_and_on_the_recordings_clock(tmp_path: Path) -> None:
    placed, problems = place(tmp_path, line(20.0, 1), line(5.0, 0))

    assert begins(placed) == [5.0, 20.0]
    assert [segment.path for segment in placed["ada", "camera"]] == [
        tmp_path / "media" / f"ada-camera-{number}.webm" for number in (0, 1)
    ]
    assert problems == []


def test_a_clock_that_is_off_is_put_right_by_how_much_it_was_measured_to_be(tmp_path: Path) -> None:
    placed, _problems = place(tmp_path, line(5.0), offsets={"ada": 2_500.0})

    assert begins(placed) == [7.5]


@pytest.mark.parametrize("off", [10_000.0, -10_000.0])
def test_whose_clock_cannot_be_right_begins_when_they_came(tmp_path: Path, off: float) -> None:
    placed, problems = place(tmp_path, line(off), line(off + 10, 1))

    assert begins(placed) == [3.0, 13.0]
    assert problems == [
        "The clock of Ada differs widely from the relay's: the times of its media may be off by seconds."
    ]


def test_one_time_that_cannot_be_is_put_behind_the_one_before_it(tmp_path: Path) -> None:
    placed, problems = place(tmp_path, line(5.0), line(9_000.0, 1), line(30.0, 2))

    assert begins(placed) == [5.0, 5.0, 30.0]
    assert [segment.follows for segment in placed["ada", "camera"]] == [False, True, False]
    assert problems == ["ada-camera-1.webm has an impossible time: it was moved behind the previous segment."]


def test_a_segment_that_is_told_twice_counts_once(tmp_path: Path) -> None:
    assert begins(place(tmp_path, line(5.0), line(7.0))[0]) == [5.0]


def test_who_has_declined_has_no_segments(tmp_path: Path) -> None:
    assert place(tmp_path, line(5.0), declined=("ada",))[0] == {}


@pytest.mark.parametrize(
    "bad", [{"participant": "../../etc"}, {"track": "smell"}, {"number": "1"}, {"at": None}]
)
def test_a_line_that_is_none_ends_nothing_but_itself(tmp_path: Path, bad: dict[str, Any]) -> None:
    placed, problems = place(tmp_path, line(5.0), {**line(6.0, 1), **bad})

    assert begins(placed) == [5.0]
    assert problems


def test_a_file_outside_of_the_folder_is_none(tmp_path: Path) -> None:
    placed, _problems = place(tmp_path, line(5.0, file="../../../etc/passwd"))

    assert placed["ada", "camera"][0].path == tmp_path / "media" / "passwd"


def test_what_is_unwanted_of_a_segment_is_said(tmp_path: Path) -> None:
    (segment,) = place(tmp_path, line(5.0, video=False, audio=True))[0]["ada", "camera"]

    assert (segment.has_video, segment.has_audio) == (False, True)


def test_a_recording_is_as_long_as_its_clock_and_whoever_came_and_went_say() -> None:
    def trace(*events: tuple[str, float]) -> Trace:
        return Trace([Event(BEGAN + at, "ada", kind) for kind, at in events], names={}, room="demo")

    assert length_of(HEAD, trace()) == 60.0
    assert length_of(HEAD, trace(("join", 1.0), ("leave", 75.0), ("stats", 900.0))) == 75.0


def test_a_relay_whose_clock_was_set_meanwhile_makes_it_no_longer(tmp_path: Path) -> None:
    late = Event(BEGAN + 3_610.0, "bob", "join", data={"name": "Bob"})

    assert length_of(HEAD, Trace([late], names={"bob": "Bob"}, room="demo")) == HEAD.seconds
    placed, problems = place(tmp_path, line(5.0, 0), line(3_610.0, 1))
    assert [segment.follows for segment in placed["ada", "camera"]] == [False, True]
    assert problems == ["ada-camera-1.webm has an impossible time: it was moved behind the previous segment."]
