"""Opening what was not finished, and what becomes of it."""

from __future__ import annotations

import re
import resource
import signal
import zipfile
from pathlib import Path

import pytest

from rtc_widget import Recording, RtcWidgetError
from rtc_widget.recording.contents import Chapter
from rtc_widget.recording.finalize.finalize import finish
from tests.support.recording_files import full_disk
from tests.support.staging_folders import BOB, level, said_by, two


def test_a_folder_opens_in_place_of_the_file(tmp_path: Path) -> None:
    part = two(tmp_path, ended=None)

    for name in ("lesson", "lesson.rtcw.zip", "lesson.rtcw.zip.part"):
        with Recording.open(tmp_path / name) as recording:
            assert recording.ended.reason == "kernel"
            assert said_by(recording.frame("Bob", 3.3)) == (BOB, level(3.3))
            assert repr(recording).endswith("ended by kernel>")
    assert part.path.is_dir()


def test_what_was_made_to_read_a_folder_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two(tmp_path)
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(scratch))

    with Recording.open(tmp_path / "lesson"):
        assert list(scratch.iterdir())
    assert not list(scratch.iterdir())


def test_a_chapter_added_to_a_folder_stays(tmp_path: Path) -> None:
    two(tmp_path)
    with Recording.open(tmp_path / "lesson") as recording:
        recording.chapter("Later", 8.0)
        assert Chapter(8.0, "Later") in recording.chapters

    with Recording.open(tmp_path / "lesson") as again:
        assert Chapter(8.0, "Later") in again.chapters


def test_lines_that_break_off_are_read_up_to_there(tmp_path: Path) -> None:
    part = two(tmp_path, ended=None)
    for name in ("heard", "messages", "segments"):
        with (part.path / f"{name}.jsonl").open("a") as file:
            file.write('{"time": 3.0, "eve')

    with Recording.open(tmp_path / "lesson") as recording:
        assert [event.type for event in recording.trace] == ["join", "join", "leave"]
        assert len(recording.messages) == 1
        assert len(recording.media) == 2
        assert [re.sub(r" .*line (\d+).*", r" \1", problem) for problem in recording.problems] == [
            "heard.jsonl 7",
            "messages.jsonl 2",
            "segments.jsonl 5",
        ]


def test_a_full_disk_leaves_the_folder_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = two(tmp_path)
    before = {path: path.read_bytes() for path in part.path.rglob("*") if path.is_file()}
    monkeypatch.setattr(zipfile.ZipFile, "write", full_disk)

    with pytest.raises(RtcWidgetError, match=r"No space left.*Recording\.open") as failed:
        finish(part.path)

    assert failed.value.code == "recording_failed"
    assert {path: path.read_bytes() for path in part.path.rglob("*") if path.is_file()} == before
    assert list(tmp_path.iterdir()) == [part.path]


def test_a_disk_that_is_full_while_media_are_joined_is_noticed(tmp_path: Path) -> None:
    part = two(tmp_path)
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.getsignal(signal.SIGXFSZ)
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, before[1]))
    try:
        with pytest.raises(RtcWidgetError, match="recording_failed"):
            finish(part.path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)

    assert list(tmp_path.iterdir()) == [part.path]
    assert finish(part.path).is_file()


def test_a_place_that_cannot_be_written_is_refused(tmp_path: Path) -> None:
    part = two(tmp_path)
    # A folder of the file's name is in the way; root may write anywhere else.
    (tmp_path / "lesson.rtcw.zip" / "mine").mkdir(parents=True)

    with pytest.raises(RtcWidgetError, match="recording_failed"):
        finish(part.path)

    assert part.path.is_dir()
    assert (tmp_path / "lesson.rtcw.zip" / "mine").is_dir()
    assert len(list(tmp_path.iterdir())) == 2
