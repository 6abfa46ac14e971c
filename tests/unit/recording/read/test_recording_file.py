"""Opening what was not finished, and what becomes of it."""

from __future__ import annotations

import json
import re
import resource
import shutil
import signal
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rtc_widget import InvalidArgumentError, Recording, RtcWidgetError
from rtc_widget.recording.contents import Chapter
from rtc_widget.recording.finalize.finalize import finish
from tests.support.recording_files import change, full_disk
from tests.support.staging_folders import ADA, BOB, level, said_by, two

if TYPE_CHECKING:
    from collections.abc import Callable


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


# -- a file that is not there any more, or another


def deleted(path: Path) -> None:
    path.unlink()


def moved(path: Path) -> None:
    path.rename(path.with_name("elsewhere.rtcw.zip"))


def replaced_by_a_page(path: Path) -> None:
    path.write_text("<!doctype html>")


def replaced_by_another_recording(path: Path) -> None:
    other = path.with_name("other")
    other.mkdir()
    part = two(other)
    part.line("messages", time=7.0, to=None, data="later", **{"from": ADA})
    finish(part.path).replace(path)


GONE = (deleted, moved, replaced_by_a_page, replaced_by_another_recording)
READ: dict[str, Callable[[Recording, Path], object]] = {
    "frame": lambda recording, _: recording.frame("Ada", 1.0),
    "media": lambda recording, _: recording.media,
    "trace": lambda recording, _: recording.trace,
    "stats": lambda recording, _: recording.stats,
    "messages": lambda recording, _: recording.messages,
    "traits": lambda recording, _: recording.traits,
    "problems": lambda recording, _: recording.problems,
    "video": lambda recording, folder: recording.export(folder / "all.webm"),
    "page": lambda recording, folder: recording.to_html(folder / "page.html"),
    "replay": lambda recording, _: recording.replay()._repr_mimebundle_(),
    "chapter": lambda recording, _: recording.chapter("Later", 2.0),
}


@pytest.mark.parametrize("go", GONE)
@pytest.mark.parametrize("read", READ.values(), ids=READ)
def test_nothing_is_told_of_a_recording_that_is_not_there_any_more(
    lesson: Recording, tmp_path: Path, go: Callable[[Path], None], read: Callable[[Recording, Path], object]
) -> None:
    go(lesson.path)
    left = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    with pytest.raises(RtcWidgetError, match="since it was opened") as refused:
        read(lesson, tmp_path)

    assert refused.value.code == "bad_recording"
    assert {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()} == left


@pytest.mark.parametrize("go", GONE)
def test_what_was_read_before_a_recording_went_away_stays(
    lesson: Recording, go: Callable[[Path], None]
) -> None:
    trace, media = lesson.trace, lesson.media
    go(lesson.path)

    assert (lesson.trace, lesson.media, lesson.room) == (trace, media, "demo")
    assert repr(lesson).startswith("<Recording of 'demo': 10.0 s, Ada and Bob")
    with pytest.raises(RtcWidgetError, match="since it was opened"):
        lesson.frame("Ada", 1.0)


def test_a_copy_in_a_recordings_place_is_the_same_recording(lesson: Recording) -> None:
    copy = lesson.path.with_name("copy")
    shutil.copy(lesson.path, copy)
    copy.replace(lesson.path)
    with Recording.open(lesson.path) as other:
        other.chapter("Later", 8.0)

    assert said_by(lesson.frame("Bob", 3.3)) == (BOB, level(3.3))
    assert lesson.problems == ()


def test_what_was_recorded_and_is_damaged_is_not_said_to_be_missing(
    lesson: Recording, tmp_path: Path
) -> None:
    def flipped(data: bytes) -> bytes:
        at = len(data) // 2
        return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]

    for name in ("a1", "b2"):
        change(lesson.path, f"media/{name}.webm", flipped)

    with Recording.open(lesson.path) as again:
        for act in (
            lambda: again.frame("Ada", 1.0),
            lambda: again.export(tmp_path / "ada.webm", "Ada"),
            lambda: again.export(tmp_path / "all.webm"),
        ):
            with pytest.raises(
                InvalidArgumentError, match=r"of Ada cannot be read: media/a1\.webm is dam"
            ) as refused:
                act()
            assert refused.value.code == "bad_recording"
        with pytest.raises(InvalidArgumentError, match="no shared screen of Ada"):
            again.frame("Ada", 1.0, screen=True)
        # A page is made of the rest, and says whose media are not in it.
        page = again.to_html(tmp_path / "page.html").read_text("utf-8")
        for name in ("Ada", "Bob"):
            assert any(name in problem for problem in again.problems)
        data = json.loads(page.split('class="rtcr-data">')[1].split("</script>")[0])
        assert data["problems"] == list(again.problems)
        assert data["clips"] == []
