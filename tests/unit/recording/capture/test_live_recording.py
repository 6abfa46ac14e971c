"""A recording from its beginning on: first what runs, and then what was made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import pytest

from rtc_widget.errors import InvalidArgumentError, ProtocolError
from rtc_widget.recording.capture.live_recording import LiveRecording
from rtc_widget.recording.capture.size_limits import SizeLimits
from tests.support.captures import FakeRecordingObserver, FakeRoomMember

if TYPE_CHECKING:
    from pathlib import Path


def record(
    folder: Path, told: list[Any] | None = None, finished: list[Any] | None = None, **observing: Any
) -> LiveRecording:
    told, finished = [] if told is None else told, [] if finished is None else finished
    return LiveRecording(
        folder / "lesson.rtcw.zip",
        cast("Any", FakeRoomMember()),
        observer=cast("Any", FakeRecordingObserver(**observing)),
        limits=SizeLimits(20, 180),
        private=True,
        replace=False,
        progress=told.append,
        finished=finished.append,
    )


def test_its_block_ends_it_also_with_an_error(tmp_path: Path, no_leaks: None) -> None:
    def fail(recording: LiveRecording) -> None:
        with recording:
            raise ZeroDivisionError

    recording = record(tmp_path)
    with pytest.raises(ZeroDivisionError):
        fail(recording)

    assert recording.state == "done"
    assert (tmp_path / "lesson.rtcw.zip").exists()


def test_before_it_has_ended_it_has_no_contents_and_afterwards_it_does(
    tmp_path: Path, no_leaks: None
) -> None:
    recording = record(tmp_path)
    assert repr(recording).startswith("<Recording of 'demo': recording")
    with pytest.raises(InvalidArgumentError, match="still running"):
        _ = recording.trace

    assert recording.stop() is recording

    assert list(recording.trace) == []
    assert "recording," not in repr(recording)
    assert recording.size == (tmp_path / "lesson.rtcw.zip").stat().st_size
    recording.close()


def test_who_shows_it_hears_of_it_first_and_last(tmp_path: Path, no_leaks: None) -> None:
    told: list[Any] = []
    finished: list[Any] = []
    recording = record(tmp_path, told, finished)
    assert told[0] is recording

    recording.stop()
    recording.stop()

    assert told[-1] is None
    assert told.count(None) == 1
    assert finished == [recording]


def test_a_chapter_is_now_unless_a_time_is_given(tmp_path: Path, no_leaks: None) -> None:
    with record(tmp_path) as recording:
        recording.chapter("Beginning", 0)
        before = recording.seconds
        recording.chapter("Now")

    times = {chapter.title: chapter.time for chapter in recording.chapters}
    assert times["Beginning"] == 0
    assert times["Now"] == pytest.approx(before, abs=0.5)
    recording.close()


def test_one_that_never_began_leaves_no_file(tmp_path: Path, no_leaks: None) -> None:
    told: list[Any] = []
    finished: list[Any] = []

    with pytest.raises(ProtocolError):
        record(tmp_path, told, finished, refusal=ProtocolError("forbidden", "No."))

    assert told[-1] is None
    assert finished == []
    assert list(tmp_path.iterdir()) == []
