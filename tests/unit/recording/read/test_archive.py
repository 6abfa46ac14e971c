"""Files that do not open, or not wholly."""

from __future__ import annotations

import contextlib
import gzip
import json
import shutil
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from rtc_widget import InvalidArgumentError, Recording, RtcWidgetError
from tests.support.recording_files import change, change_manifest, members
from tests.support.staging_folders import ADA, Part, level, said_by


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidArgumentError, match=r"no recording '.*lesson9'.*bad_recording"):
        Recording.open(tmp_path / "lesson9")
    with pytest.raises(InvalidArgumentError, match="bad_argument"):
        Recording.open(3)  # type: ignore[arg-type]


def test_a_newer_version_says_how_to_update(lesson: Recording) -> None:
    change_manifest(lesson.path, version=2)

    with pytest.raises(InvalidArgumentError, match=r"version 2.*pip install --upgrade rtc-widget"):
        Recording.open(lesson.path)


def test_a_newer_folder_says_how_to_update(tmp_path: Path) -> None:
    Part(tmp_path, version=2)

    with pytest.raises(InvalidArgumentError, match=r"version 2.*bad_recording"):
        Recording.open(tmp_path / "lesson")


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04 nor this", b"\0" * 5000])
def test_what_is_no_zip_is_no_recording(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "lesson.rtcw.zip"
    path.write_bytes(data)

    with pytest.raises(InvalidArgumentError, match="bad_recording"):
        Recording.open(path)


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"format": "other"}', '{"format": "rtc_widget.recording", "version": 1}']
)
def test_a_damaged_manifest_is_no_recording(lesson: Recording, text: str) -> None:
    change(lesson.path, "manifest.json", lambda _: text.encode())

    with pytest.raises(InvalidArgumentError, match="bad_recording"):
        Recording.open(lesson.path)


@pytest.mark.parametrize(
    "fields",
    [
        {"seconds": "long"},
        {"media": [{}]},
        {"media": 3},
        {"participants": [{"id": 1}]},
        {"ended": None},
        {"began": float("inf")},
        {"chapters": [[]]},
    ],
)
def test_a_manifest_of_other_shapes_is_no_recording(lesson: Recording, fields: dict[str, Any]) -> None:
    change_manifest(lesson.path, **fields)

    with pytest.raises(InvalidArgumentError, match="bad_recording"):
        Recording.open(lesson.path)


def test_fields_and_members_that_are_not_known_are_ignored(lesson: Recording) -> None:
    change_manifest(lesson.path, colour="blue")
    with zipfile.ZipFile(lesson.path, "a") as opened:
        opened.writestr("more.txt", "more")

    with Recording.open(lesson.path) as again:
        assert again.problems == ()


def test_media_that_are_missing_are_said_and_left_out(lesson: Recording) -> None:
    change(lesson.path, "media/b2.webm", lambda _: None)

    with Recording.open(lesson.path) as again:
        assert [medium.participant for medium in again.media] == [ADA]
        assert again.problems == ("What was recorded of Bob cannot be read: media/b2.webm is missing.",)
        assert said_by(again.frame("Ada", 1.0)) == (ADA, level(1.0))
        with pytest.raises(InvalidArgumentError, match=r"of Bob cannot be read: media/b2\.webm is missing"):
            again.frame("Bob", 3.0)


def test_media_that_were_swapped_are_said_and_left_out(lesson: Recording) -> None:
    ada = members(lesson.path)["media/a1.webm"]
    change(lesson.path, "media/b2.webm", lambda _: ada)

    with Recording.open(lesson.path) as again:
        assert [medium.participant for medium in again.media] == [ADA]
        assert "not the file that was recorded" in again.problems[0]


def test_one_byte_that_is_different_is_noticed(lesson: Recording) -> None:
    data = bytearray(lesson.path.read_bytes())
    at = data.index(members(lesson.path)["media/b2.webm"][:64]) + 20_000
    data[at] ^= 1
    lesson.path.write_bytes(data)

    with Recording.open(lesson.path) as again:
        assert [medium.participant for medium in again.media] == [ADA]


def test_other_members_that_are_missing_or_damaged_are_said(lesson: Recording) -> None:
    change(lesson.path, "trace.jsonl", lambda _: None)
    change(lesson.path, "stats.jsonl", lambda _: b"no stats")
    change(lesson.path, "messages.jsonl", lambda data: data + b'{"from": 3}\n')
    change(lesson.path, "traits.jsonl", lambda data: data + b'{"na')

    with Recording.open(lesson.path) as again:
        assert len(again.trace) == len(again.stats) == 0
        assert again.trace.name_of(ADA) == "Ada"
        assert len(again.messages) == len(again.traits) == 1
        assert [problem.split()[0] for problem in again.problems] == [
            "trace.jsonl",
            "stats.jsonl",
            "messages.jsonl",
            "traits.jsonl",
        ]


def test_a_file_that_was_not_copied_wholly_gives_what_is_there(lesson: Recording) -> None:
    whole = lesson.path.read_bytes()
    with zipfile.ZipFile(lesson.path) as opened:
        second = opened.getinfo("media/b2.webm").header_offset
    lesson.path.write_bytes(whole[: second + 1000])

    with Recording.open(lesson.path) as again:
        assert again.ended.reason == "damaged"
        assert again.problems[0] == "The file is incomplete."
        assert [medium.participant for medium in again.media] == [ADA]
        assert len(again.trace) == 3
        assert said_by(again.frame("Ada", 1.0)) == (ADA, level(1.0))


def test_a_file_may_break_off_anywhere(lesson: Recording, tmp_path: Path) -> None:
    whole = lesson.path.read_bytes()
    path = tmp_path / "piece.rtcw.zip"
    opened: list[int] = []
    refused: dict[int, str] = {}
    for size in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:size])
        try:
            with Recording.open(path) as recording:
                assert "The file is incomplete." in recording.problems
                assert recording.ended.reason == "damaged"
                opened.append(size)
        except InvalidArgumentError as error:
            refused[size] = error.code

    # Without its manifest, which comes first, a file is no recording; from there on there is something of it.
    with zipfile.ZipFile(lesson.path) as archived:
        after_manifest = archived.infolist()[1].header_offset
    assert opened == [size for size in (*refused, *opened) if size > after_manifest]
    assert len(opened) > len(refused) > 0
    assert set(refused.values()) == {"bad_recording"}


# -- archives that are made to fill the memory of whoever opens them


def peak(work: Callable[[], object]) -> int:
    """Return how many bytes Python held at most while something was done."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def refusal(path: Path) -> str:
    """Return why a recording is refused, having opened and read all of it otherwise."""
    try:
        with Recording.open(path) as recording:
            _ = recording.trace, recording.stats, recording.messages, recording.traits
            return " ".join(recording.problems)
    except InvalidArgumentError as error:
        return error.message


def put(path: Path, name: str, data: bytes, method: int = zipfile.ZIP_DEFLATED) -> None:
    """Put a member in the place of another, compressed in some way."""
    kept = members(path)
    with zipfile.ZipFile(path, "w") as archive:
        for other, content in kept.items():
            if other != name:
                archive.writestr(other, content)
        archive.writestr(name, data, method, 9)


LARGE = 12 << 20


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_only_what_a_recorder_writes_is_unpacked(lesson: Recording, method: int) -> None:
    put(lesson.path, "messages.jsonl", b" " * LARGE, method)

    held = peak(lambda: refusal(lesson.path))

    assert "compressed in a way that recorders do not use" in refusal(lesson.path)
    assert held < 8 << 20


def test_a_member_of_a_thousand_times_its_size_is_refused(lesson: Recording) -> None:
    put(lesson.path, "messages.jsonl", b'{"time": 1, "from": "a", "data": ""}\n' * (LARGE // 37))

    held = peak(lambda: refusal(lesson.path))

    assert "unpacks to more than 100 times its size" in refusal(lesson.path)
    assert held < 8 << 20


def lying(path: Path, name: str, size: int) -> None:
    """Let an archive say that a member unpacks to less than it does."""
    with zipfile.ZipFile(path) as archive:
        info = archive.getinfo(name)
        directory = archive.start_dir
    data = bytearray(path.read_bytes())
    entry = directory
    while data[entry + 46 :][: len(name)] != name.encode():
        entry = data.index(b"PK\x01\x02", entry + 4)
    # In the member's own header, and in the directory.
    for at in (info.header_offset + 22, entry + 24):
        data[at : at + 4] = size.to_bytes(4, "little")
    path.write_bytes(data)


def test_a_member_that_unpacks_to_more_than_it_says_ends_there(lesson: Recording) -> None:
    put(lesson.path, "messages.jsonl", b" " * LARGE)
    lying(lesson.path, "messages.jsonl", 1_000)

    held = peak(lambda: refusal(lesson.path))

    assert "messages.jsonl is damaged" in refusal(lesson.path)
    assert held < 8 << 20


@pytest.mark.parametrize("is_lying", [False, True])
def test_neither_is_more_unpacked_where_the_directory_is_missing(lesson: Recording, is_lying: bool) -> None:
    put(lesson.path, "messages.jsonl", b" " * LARGE)
    if is_lying:
        lying(lesson.path, "messages.jsonl", 1_000)
    data = lesson.path.read_bytes()
    lesson.path.write_bytes(data[: data.rindex(b"PK\x01\x02", 0, data.index(b"PK\x05\x06"))])

    held = peak(lambda: refusal(lesson.path))

    assert held < 8 << 20


NAMES = ("../secret.webm", "media/../../secret.webm", "/secret.webm", "..\\secret.webm")


@pytest.fixture
def deep(lesson: Recording, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The lesson in a folder of its own, which is the current one, with what was recorded of Ada above it."""
    path = tmp_path / "some" / "folder" / "lesson.rtcw.zip"
    path.parent.mkdir(parents=True)
    shutil.copy(lesson.path, path)
    monkeypatch.chdir(path.parent)
    (path.parents[1] / "secret.webm").write_bytes(members(path)["media/a1.webm"])
    return path


def rename(path: Path, name: str) -> None:
    """Let a manifest give what was recorded of Ada another name, or a path if it begins with a slash."""
    name = f"{path.parents[1]}{name}" if name.startswith("/") else name
    media = json.loads(members(path)["manifest.json"])["media"]
    change_manifest(path, media=[{**each, "file": name} if "a1" in each["file"] else each for each in media])


@pytest.mark.parametrize("name", NAMES)
def test_a_medium_is_a_member_and_no_file_beside_the_recording(deep: Path, name: str) -> None:
    rename(deep, name)

    with Recording.open(deep) as recording:
        assert [medium.participant for medium in recording.media] == ["b2"]
        assert "secret.webm is missing" in recording.problems[0]


@pytest.mark.parametrize("name", NAMES)
def test_a_member_whose_name_leads_elsewhere_is_written_nowhere(deep: Path, name: str) -> None:
    secret = deep.parents[1] / "secret.webm"
    data = secret.read_bytes()
    secret.write_bytes(b"of the user")
    rename(deep, name)
    with zipfile.ZipFile(deep, "a") as archive:
        archive.writestr(f"{deep.parents[1]}{name}" if name.startswith("/") else name, data)
    whole = deep.read_bytes()

    for held in (whole, whole[: whole.rindex(b"PK\x05\x06")]):
        deep.write_bytes(held)
        with Recording.open(deep) as recording:
            # Nothing is added to one that is incomplete.
            with contextlib.suppress(RtcWidgetError):
                recording.chapter("A mark", 1.0)
            recording.to_html(deep.with_suffix(".html"))
            recording.export(deep.with_suffix(".webm"), "Ada", fps=1, size=(64, 64))

    assert secret.read_bytes() == b"of the user"
    assert {each.name for each in deep.parents[1].iterdir()} == {"folder", "secret.webm"}
    assert {each.name for each in deep.parent.iterdir()} <= {
        "lesson.rtcw.zip",
        "lesson.rtcw.html",
        "lesson.rtcw.webm",
    }


@pytest.mark.parametrize("write", [lambda _: gzip.compress(b"[" * LARGE), gzip.compress])
def test_a_trace_in_a_recording_is_one_of_ours(lesson: Recording, write: Callable[[bytes], bytes]) -> None:
    # What `Trace.load` unpacks is refused, too.
    put(lesson.path, "trace.jsonl", write(members(lesson.path)["trace.jsonl"]), zipfile.ZIP_STORED)

    held = peak(lambda: refusal(lesson.path))

    assert "trace.jsonl is damaged" in refusal(lesson.path)
    assert held < 8 << 20
