"""The file of a recording: what it is made of, what opens, and what is wrong with those that do not."""

from __future__ import annotations

import contextlib
import json
import re
import resource
import shutil
import signal
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget import InvalidArgumentError, Recording, RtcWidgetError
from rtc_widget.recording.contents import Chapter, Ended, Said
from rtc_widget.recording.finalize.finalize import finish
from rtc_widget.recording.read import archive
from tests.support.staging_folders import ADA, BEGAN, BOB, CAROL, Part, level, said_by, segment, two

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@pytest.fixture
def lesson(tmp_path: Path) -> Iterator[Recording]:
    """The finished recording of `two`."""
    finish(two(tmp_path).path)
    with Recording.open(tmp_path / "lesson") as recording:
        yield recording


def members(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def change(path: Path, name: str, edit: Callable[[bytes], bytes | None]) -> None:
    """Write a recording anew with one member changed, or left out."""
    kept = members(path)
    with zipfile.ZipFile(path, "w") as opened:
        for each, data in kept.items():
            new = edit(data) if each == name else data
            if new is not None:
                opened.writestr(each, new)


def change_manifest(path: Path, **fields: Any) -> None:
    change(path, "manifest.json", lambda data: json.dumps({**json.loads(data), **fields}).encode())


# -- what it is made of


def test_a_recording_says_what_it_is(lesson: Recording) -> None:
    assert (lesson.room, lesson.began, lesson.seconds, lesson.private) == ("demo", BEGAN, 10.0, True)
    assert lesson.ended == Ended("stopped", "It was stopped.")
    assert [(one.name, one.here) for one in lesson.participants] == [
        ("Ada", ((0.0, None),)),
        ("Bob", ((1.0, 6.0),)),
    ]
    assert lesson.messages == (Said(2.0, ADA, None, {"hello": 1}),)
    assert [change.value for change in lesson.traits] == ["joined"]
    assert lesson.problems == ()
    assert repr(lesson) == f"<Recording of 'demo': 10.0 s, Ada and Bob, {lesson.size / 1e6:.1f} MB>"


def test_its_trace_is_the_one_that_an_observer_had(lesson: Recording) -> None:
    assert [(event.type, lesson.trace.name_of(event.participant)) for event in lesson.trace] == [
        ("join", "Ada"),
        ("join", "Bob"),
        ("leave", "Bob"),
    ]
    assert "Ada" in str(lesson.trace.diagram())


def test_measurements_are_in_stats(tmp_path: Path) -> None:
    part = Part(tmp_path)
    part.join(ADA)
    part.report(ADA, 1.0, type="stats", peer=BOB, rtt=12.5)

    with Recording.open(finish(part.path)) as recording:
        assert [event.data["rtt"] for event in recording.stats] == [12.5]
        assert "stats" not in {event.type for event in recording.trace}


def test_the_folder_is_gone_when_the_file_is_there(tmp_path: Path) -> None:
    part = two(tmp_path)

    assert finish(part.path) == tmp_path / "lesson.rtcw.zip"
    assert [path.name for path in tmp_path.iterdir()] == ["lesson.rtcw.zip"]


def test_any_zip_program_finds_the_members_in_their_order(lesson: Recording) -> None:
    with zipfile.ZipFile(lesson.path) as opened:
        stored = {info.filename: info.compress_type == zipfile.ZIP_STORED for info in opened.infolist()}
        assert opened.testzip() is None
    assert next(iter(stored)) == "manifest.json"
    assert {name for name, is_stored in stored.items() if not is_stored} == {
        f"{name}.jsonl" for name in ("trace", "stats", "messages", "traits")
    }
    assert {name for name in stored if name.startswith("media/")} == {"media/a1.webm", "media/b2.webm"}


@pytest.mark.parametrize("name", ["lesson", "lesson.rtcw.zip"])
def test_it_opens_by_its_name_with_or_without_the_suffix(lesson: Recording, name: str) -> None:
    for path in (lesson.path.with_name(name), str(lesson.path.with_name(name))):
        with Recording.open(path) as opened:
            assert opened.room == "demo"


def test_a_file_of_the_same_name_is_not_in_the_way(lesson: Recording) -> None:
    lesson.path.with_name("lesson").write_text("notes")

    with Recording.open(lesson.path.with_name("lesson")) as opened:
        assert opened.room == "demo"


def test_reading_needs_no_media_libraries(lesson: Recording) -> None:
    program = (
        f"import sys; from rtc_widget import Recording; r = Recording.open({str(lesson.path)!r}); "
        "r.trace, r.messages, r.media, repr(r); print(*sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert {"av", "numpy", "aiohttp", "socketio"} & set(done.stdout.split()) == set()


def test_bytes_in_messages_are_bytes_again(tmp_path: Path) -> None:
    part = Part(tmp_path)
    part.line("messages", time=1.0, to=BOB, bytes=3, base64="AQID", **{"from": ADA})
    part.line("messages", time=2.0, to=BOB, bytes=70_000, **{"from": ADA})

    with Recording.open(finish(part.path)) as recording:
        assert [(said.data, said.size) for said in recording.messages] == [(b"\1\2\3", 3), (None, 70_000)]


# -- chapters


def test_chapters_come_from_the_trace_and_from_hand(tmp_path: Path) -> None:
    part = two(tmp_path)
    part.join(CAROL, 1.2)
    part.report(ADA, 5.0, type="state", peer=BOB, name="connection_state", value="failed")
    part.report(BOB, 5.1, type="state", peer=ADA, name="connection_state", value="failed")
    part.report(ADA, 7.0, type="step", step="failed", peer=CAROL, operation="addIceCandidate", error="x")

    with Recording.open(finish(part.path)) as recording:
        assert recording.chapters == (
            Chapter(0.0, "Ada joins", "join"),
            Chapter(1.0, "Bob and Carol join", "join"),
            Chapter(4.0, "Now both offer at once", "mark"),
            Chapter(5.0, "The connection of Ada and Bob fails", "failure"),
            Chapter(6.0, "Bob leaves", "leave"),
            Chapter(7.0, "addIceCandidate fails at Ada", "failure"),
        )


def test_glare_is_a_chapter(tmp_path: Path) -> None:
    part = Part(tmp_path)
    part.join(ADA)
    part.join(BOB)
    offers = [("m1", ADA, BOB), ("m2", BOB, ADA)]
    for stage, time in (("arrived", 3.0), ("forwarded", 3.1)):
        for key, sender, receiver in offers:
            entry = {"id": key, "stage": stage, "at": part.at(time), "event": "offer"}
            entry |= {"from": sender, "to": receiver, "content": {"type": "offer", "sdp": "v=0"}}
            part.hear(time, "signal", entries=[entry])

    with Recording.open(finish(part.path)) as recording:
        assert Chapter(3.0, "Glare: Ada and Bob both sent an offer", "glare") in recording.chapters


def test_a_chapter_added_by_hand_is_in_the_file(lesson: Recording) -> None:
    before = members(lesson.path)

    lesson.chapter("The answer", 2.5)

    assert Chapter(2.5, "The answer") in lesson.chapters
    with Recording.open(lesson.path) as again:
        assert again.chapters == lesson.chapters
        assert again.problems == ()
    after = members(lesson.path)
    assert {**after, "manifest.json": b""} == {**before, "manifest.json": b""}


def test_a_chapter_that_cannot_be_written_leaves_the_file_as_it_was(
    lesson: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = lesson.path.read_bytes()
    monkeypatch.setattr(archive.shutil, "copyfileobj", _full)

    with pytest.raises(RtcWidgetError, match="recording_failed"):
        lesson.chapter("The answer", 2.5)

    assert lesson.path.read_bytes() == before
    assert [path.name for path in lesson.path.parent.iterdir()] == ["lesson.rtcw.zip"]
    assert Chapter(2.5, "The answer") not in lesson.chapters


@pytest.mark.parametrize(("title", "time"), [("", 1.0), (3, 1.0), ("x", -1), ("x", 99), ("x", "1")])
def test_chapters_that_cannot_be_are_refused(lesson: Recording, title: Any, time: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="bad_argument"):
        lesson.chapter(title, time)


# -- what was not finished


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


def _full(*_: object, **__: object) -> None:
    raise OSError(28, "No space left on device")


def test_a_full_disk_leaves_the_folder_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    part = two(tmp_path)
    before = {path: path.read_bytes() for path in part.path.rglob("*") if path.is_file()}
    monkeypatch.setattr(zipfile.ZipFile, "write", _full)

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


# -- what does not open, or not wholly


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
        assert again.problems == ("media/b2.webm is missing.",)
        assert said_by(again.frame("Ada", 1.0)) == (ADA, level(1.0))
        with pytest.raises(InvalidArgumentError, match="of Bob in this recording"):
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
    for size in range(0, len(whole), len(whole) // 40):
        path.write_bytes(whole[:size])
        with contextlib.suppress(InvalidArgumentError), Recording.open(path) as recording:
            assert recording.problems


# -- who


def test_people_are_found_by_name_and_id(lesson: Recording) -> None:
    assert lesson.person("Bob") is lesson.person(BOB) is lesson.person(lesson.participants[1])
    with pytest.raises(InvalidArgumentError, match=r"'Eve'.*'Ada', 'Bob'.*unknown_participant"):
        lesson.person("Eve")


def test_who_declined_is_left_out_and_has_another_name(tmp_path: Path) -> None:
    part = two(tmp_path)
    part.line("declined", participant=BOB)
    part.line("messages", time=2.0, to=None, data="I am Bob", **{"from": BOB})
    part.line("messages", time=2.1, to=None, data={"Bob": ["hello Bob!", "Bobby"]}, **{"from": ADA})
    part.line("traits", time=2.0, participant=None, name="participants", value=["Ada", "Bob"])
    part.line("chapters", time=4.0, title="Bob asks")
    part.report(ADA, 2.0, type="error", code="x", message="Bob is gone")

    path = finish(part.path)

    with Recording.open(path) as recording:
        assert [(one.name, one.declined) for one in recording.participants] == [
            ("Ada", False),
            ("Somebody", True),
        ]
        assert [medium.participant for medium in recording.media] == [ADA]
        assert [said.data for said in recording.messages] == [
            {"hello": 1},
            {"Somebody": ["hello Somebody!", "Bobby"]},
        ]
        assert "Somebody asks" in {chapter.title for chapter in recording.chapters}
        assert recording.trace.name_of(BOB) == "Somebody"
        with pytest.raises(InvalidArgumentError, match="They declined"):
            recording.frame("Somebody", 3.0)
    for name, data in members(path).items():
        assert not re.search(rb"\bBob\b", data), name


def test_made_up_names_are_nobodys(tmp_path: Path) -> None:
    part = Part(tmp_path)
    part.join(ADA, name="Somebody")
    part.join(BOB)
    part.join(CAROL)
    part.line("declined", participant=BOB)
    part.line("declined", participant=CAROL)

    with Recording.open(finish(part.path)) as recording:
        assert [one.name for one in recording.participants] == ["Somebody", "Somebody 2", "Somebody 3"]


def test_nothing_of_a_segments_own_tags_is_in_the_file(tmp_path: Path) -> None:
    part = Part(tmp_path)
    part.join(ADA)
    planted = "Webcam of 192.0.2.77 token=Kp3cSecret"
    part.media(ADA, 0.0, segment(ADA, 1.0, title=planted))
    part.media(ADA, 1.0, segment(ADA, 1.0, title=planted, start=1.0, video=None))

    path = finish(part.path)

    for name, data in members(path).items():
        assert b"Secret" not in data, name
        assert b"192.0.2" not in data, name
        assert b"Webcam" not in data, name
        # Nor what wrote the file, with its version.
        assert not re.search(rb"Lav[cf]\d", data), name


def test_what_is_asked_for_after_close_is_read_anew(tmp_path: Path) -> None:
    two(tmp_path)
    recording = Recording.open(tmp_path / "lesson")
    recording.close()
    try:
        assert recording.seconds == 10.0
    finally:
        recording.close()


def test_nothing_is_read_before_it_is_asked_for(tmp_path: Path) -> None:
    recording = Recording(tmp_path / "later.rtcw.zip")

    shutil.copytree(two(tmp_path).path, tmp_path / "later.rtcw.zip.part")

    assert recording.room == "demo"
    recording.close()


def test_it_ended_as_the_recorder_says(tmp_path: Path) -> None:
    ended = Ended("limit", "It reached 100 MB.")

    with Recording.open(finish(two(tmp_path).path, ended)) as recording:
        assert recording.ended == replace(ended)
