"""The file of a recording: what it is made of, what opens, and what is wrong with those that do not."""

from __future__ import annotations

import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from rtc_widget import InvalidArgumentError, Recording, RtcWidgetError
from rtc_widget.recording.contents import Chapter, Ended, Said
from rtc_widget.recording.finalize.finalize import finish
from rtc_widget.recording.read import archive
from tests.support.recording_files import full_disk, members
from tests.support.staging_folders import ADA, BEGAN, BOB, CAROL, Part, said_by, segment, two

if TYPE_CHECKING:
    from collections.abc import Callable

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


def test_bytes_in_messages_are_bytes_again(tmp_path: Path) -> None:
    part = Part(tmp_path)
    part.line("messages", time=1.0, to=BOB, bytes=3, base64="AQID", **{"from": ADA})
    part.line("messages", time=2.0, to=BOB, bytes=70_000, **{"from": ADA})

    with Recording.open(finish(part.path)) as recording:
        assert [(said.data, said.size) for said in recording.messages] == [(b"\1\2\3", 3), (None, 70_000)]


# -- what is made of it


MADE: dict[str, Callable[[Recording, Path], object]] = {
    "page": lambda lesson, path: lesson.to_html(path),
    "video": lambda lesson, path: lesson.export(path, "Ada"),
    "trace": lambda lesson, path: lesson.trace.save(path),
    "diagram": lambda lesson, path: lesson.trace.diagram().save(path),
}


@pytest.mark.parametrize("make", MADE.values(), ids=MADE)
@pytest.mark.parametrize(
    "name", ["lesson.rtcw.zip", "lesson.html", "lesson.webm", "lesson.svg", "short.html"]
)
def test_nothing_is_written_over_a_recording(
    lesson: Recording, tmp_path: Path, make: Callable[[Recording, Path], object], name: str
) -> None:
    whole = lesson.path.read_bytes()
    data = whole if name.startswith("lesson") else whole[:-100]
    path = tmp_path / name
    path.write_bytes(data)

    with Recording.open(path) as recording, pytest.raises(InvalidArgumentError) as refused:
        make(recording, path)

    assert refused.value.code == "bad_argument"
    assert path.read_bytes() == data
    assert not list(tmp_path.glob(".rtc_widget-*"))


def test_nothing_is_written_over_a_recording_that_a_link_leads_to(lesson: Recording, tmp_path: Path) -> None:
    (tmp_path / "page.html").symlink_to(lesson.path)

    with pytest.raises(InvalidArgumentError, match="choose another name"):
        lesson.to_html(tmp_path / "page.html")
    assert lesson.frame("Ada", 1.0).shape


def test_nothing_is_written_over_the_media_of_an_unfinished_recording(tmp_path: Path) -> None:
    part = two(tmp_path, ended=None)
    media = {path: path.read_bytes() for path in part.path.rglob("*.webm")}

    with Recording.open(tmp_path / "lesson") as recording:
        for path in media:
            with pytest.raises(InvalidArgumentError, match="folder of the recording itself"):
                recording.export(path, "Ada")

    assert media
    assert {path: path.read_bytes() for path in media} == media


@pytest.mark.parametrize("name", ["page", "page.txt", "page.rtcw.zip"])
def test_a_page_has_the_name_of_a_page(lesson: Recording, tmp_path: Path, name: str) -> None:
    with pytest.raises(InvalidArgumentError, match=r"must end with \.html or \.htm, not"):
        lesson.to_html(tmp_path / name)
    assert not (tmp_path / name).exists()


# -- chapters


def test_chapters_come_from_the_trace_and_from_hand(tmp_path: Path) -> None:
    part = two(tmp_path)
    part.join(CAROL, 1.2)
    part.report(ADA, 5.0, type="state", peer=BOB, name="connection_state", value="failed")
    part.report(BOB, 5.1, type="state", peer=ADA, name="connection_state", value="failed")
    part.report(ADA, 7.0, type="step", step="failed", peer=CAROL, operation="addIceCandidate", error="x")

    with Recording.open(finish(part.path)) as recording:
        assert recording.chapters == (
            Chapter(0.0, "Ada is here", "join"),
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


def test_a_chapter_that_was_added_elsewhere_meanwhile_stays(lesson: Recording) -> None:
    with Recording.open(lesson.path) as other:
        other.chapter("Elsewhere", 2.0)

    lesson.chapter("Here", 3.0)

    with Recording.open(lesson.path) as again:
        assert {"Elsewhere", "Here"} <= {chapter.title for chapter in again.chapters}


def test_a_chapter_that_cannot_be_written_leaves_the_file_as_it_was(
    lesson: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = lesson.path.read_bytes()
    monkeypatch.setattr(archive.shutil, "copyfileobj", full_disk)

    with pytest.raises(RtcWidgetError, match="recording_failed"):
        lesson.chapter("The answer", 2.5)

    assert lesson.path.read_bytes() == before
    assert [path.name for path in lesson.path.parent.iterdir()] == ["lesson.rtcw.zip"]
    assert Chapter(2.5, "The answer") not in lesson.chapters


@pytest.mark.parametrize(
    ("title", "time"), [("", 1.0), (3, 1.0), ("x" * 201, 1.0), ("x", -1), ("x", 99), ("x", "1")]
)
def test_chapters_that_cannot_be_are_refused(lesson: Recording, title: Any, time: Any) -> None:
    with pytest.raises(InvalidArgumentError, match="bad_argument"):
        lesson.chapter(title, time)


# -- who


def test_people_are_found_by_name_and_id(lesson: Recording) -> None:
    assert lesson.person("Bob") is lesson.person(BOB) is lesson.person(lesson.participants[1])
    with pytest.raises(InvalidArgumentError, match=r"'Eve'.*'Ada', 'Bob'.*unknown_participant"):
        lesson.person("Eve")


def test_an_id_never_means_who_is_called_that_in_a_recording(tmp_path: Path) -> None:
    part = two(tmp_path)
    part.join(CAROL, 7.0, name=BOB)
    with Recording.open(finish(part.path)) as recording:
        _ada, bob, called_so = recording.participants
        assert (called_so.id, called_so.name) == (CAROL, BOB)
        assert recording.person(BOB) is recording.person(bob) is bob
        with pytest.raises(InvalidArgumentError, match="unknown_participant"):
            recording.person(replace(bob, id="Ada"))


def test_of_two_of_one_name_at_once_the_first_has_it_as_in_a_call(tmp_path: Path) -> None:
    part = Part(tmp_path)
    part.join(BOB)
    part.join(CAROL, 1.0, name="Bob")
    part.film(BOB, 0.0, 1.0)
    with Recording.open(finish(part.path)) as recording:
        assert recording.person("Bob").id == BOB
        assert recording.person("Bob (2)").id == CAROL


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


def test_a_name_is_at_each_time_who_had_it_then(tmp_path: Path) -> None:
    part = Part(tmp_path)
    part.join(ADA)
    part.film(ADA, 0.2, 2.0)
    part.leave(ADA, 2.5)
    part.join(BOB, 4.0, name="Ada")
    part.film(BOB, 4.2, 2.0)

    with Recording.open(finish(part.path)) as recording:
        assert said_by(recording.frame("Ada", 0.7))[0] == ADA
        assert said_by(recording.frame("Ada", 5.0))[0] == BOB
        assert said_by(recording.frame(ADA, 1.0))[0] == ADA
        with pytest.raises(InvalidArgumentError, match=r"no frame of Ada at 3 s.* and "):
            recording.frame("Ada", 3.0)
