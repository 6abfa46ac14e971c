"""Whatever participants send, the recording is made, everybody else is in it, and it says what it is without."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from rtc_widget import Recording, RtcWidgetError
from rtc_widget.recording.finalize import finalize as finishing
from rtc_widget.recording.finalize.finalize import finish
from rtc_widget.recording.read import archive as members_of_archive
from tests.support.staging_folders import ADA, BOB, Part, segment
from tests.support.traces import sdp

HALF = "half an emoji \ud83d"


@pytest.fixture
def part(tmp_path: Path) -> Part:
    """A folder in which Ada was filmed, and Bob is in the room."""
    part = Part(tmp_path)
    part.join(ADA)
    part.join(BOB)
    part.film(ADA, 0.0, 1.0)
    return part


def opened(part: Part) -> Recording:
    return Recording.open(finish(part.path))


def tracks(recording: Recording) -> list[str]:
    return [medium.participant for medium in recording.media]


# -- words


def test_halves_of_characters_are_kept_in_messages_titles_and_names(part: Part, tmp_path: Path) -> None:
    part.join("c3", name=HALF)
    part.line("messages", time=1.0, to=None, data=HALF, **{"from": BOB})
    part.line("chapters", time=2.0, title=HALF)
    part.report(BOB, 1.0, type="error", code="x", message=HALF)
    with opened(part) as recording:
        assert recording.messages[0].data == HALF
        assert HALF in [chapter.title for chapter in recording.chapters]
        assert HALF in [person.name for person in recording.participants]
        recording.chapter(HALF, 3.0)
        assert recording.to_html(tmp_path / "lesson.html").stat().st_size > 10_000


def test_a_bad_line_costs_only_itself(part: Part) -> None:
    deep = json.loads("[" * 60 + "]" * 60)
    part.line("messages", time=1.0, to=None, data="before", **{"from": BOB})
    part.line("messages", time=1.0, to=None, data=deep, **{"from": BOB})
    part.line("messages", time="never", to=None, data="when", **{"from": BOB})
    part.line("messages", time=2.0, to=None, data="after", **{"from": BOB})
    with opened(part) as recording:
        assert [said.data for said in recording.messages] == ["before", "after"]
        # The second is one that only its reader knows to be none.
        assert set(recording.problems) == {"messages.jsonl has an invalid line, line 2, which was left out."}


def test_a_strange_report_does_not_end_the_trace(part: Part) -> None:
    part.hear(1.0, "report", **{"from": BOB}, entries=[{"at": part.at(1), "type": "x", "value": [[[]]] * 2}])
    part.hear(1.0, "report", **{"from": BOB}, entries=[json.loads("[" * 60 + "]" * 60)])
    part.hear(1.0, "report", **{"from": BOB}, entries=7)
    for at in (-1e300, 1e300, int("9" * 400)):
        part.hear(1.0, "report", **{"from": BOB}, entries=[{"at": at, "type": "error", "message": "x"}])
    part.hear(2.0, "report", **{"from": BOB}, entries=[{"at": part.at(2), "type": "error", "message": "y"}])
    part.leave(BOB, 3.0)
    with opened(part) as recording:
        assert [event.type for event in recording.trace] == ["join", "join", "error", "leave"]
        said = " ".join(recording.problems)
        assert "heard.jsonl has 2 invalid lines, the first of them line 5" in said
        assert "have an impossible time" in said


@pytest.mark.parametrize("line", ["m=", "a=fmtp:96 profile-level-id=zzzzzz"])
def test_a_description_that_nobody_can_read_costs_no_page(part: Part, tmp_path: Path, line: str) -> None:
    for sender, peer, setup, more in ((ADA, BOB, "actpass", f"{line}\r\n"), (BOB, ADA, "active", "")):
        kind = "offer" if more else "answer"
        content = {"type": kind, "sdp": sdp("Kp3c", setup=setup) + more}
        about = {"id": kind, "stage": "arrived", "at": part.at(0.5), "from": sender, "to": peer}
        part.hear(0.5, "signal", entries=[{**about, "event": kind, "content": content}])
    with opened(part) as recording:
        shown = recording._repr_mimebundle_()["text/html"]
        for page in (recording.to_html(tmp_path / "lesson.html").read_text("utf-8"), shown):
            assert "leaves the choice to the answer" in page
            assert "begins the DTLS handshake" in page


# -- media


@pytest.mark.parametrize(("known", "unknown"), [(b"V_VP8", b"V_XYZ"), (b"A_OPUS", b"A_XYZW")])
def test_a_codec_that_nobody_knows_costs_only_its_stream(part: Part, known: bytes, unknown: bytes) -> None:
    part.media(BOB, 0.0, segment(BOB, 1.0).replace(known, unknown))
    with opened(part) as recording:
        assert tracks(recording) == [ADA, BOB]
        bob = recording.media[1]
        assert (bob.video is None) is (known == b"V_VP8")
        assert (bob.audio is None) is (known == b"A_OPUS")


def test_av1_is_encoded_anew(part: Part) -> None:
    # As FFmpeg reads it, with a decoder of another name than the codec's.
    # As root, that encoder gives the thread which opens it, and the processes that it starts, real-time priority.
    with ThreadPoolExecutor(1) as other:
        other.submit(part.film, BOB, 0.0, 1.0, video="libsvtav1", audio=None).result()
    assert os.sched_getscheduler(0) == os.SCHED_OTHER
    with opened(part) as recording:
        assert [(medium.participant, medium.video) for medium in recording.media] == [
            (ADA, "vp8"),
            (BOB, "vp8"),
        ]


def test_whatever_is_wrong_with_somebodys_media_the_others_are_there(
    part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    part.film(BOB, 0.0, 1.0)
    real = finishing.join

    def join(segments: Any, stem: Path, *rest: Any) -> Any:
        if stem.name == BOB:
            raise AttributeError("something that nobody thought of")
        return real(segments, stem, *rest)

    monkeypatch.setattr(finishing, "join", join)
    with opened(part) as recording:
        assert tracks(recording) == [ADA]
        assert "b2 cannot be joined" in recording.problems[0]


@pytest.mark.parametrize(
    "error", [AttributeError("x"), OSError(errno.ENOSPC, "No space left"), MemoryError()]
)
def test_what_nobody_thought_of_is_said_and_the_folder_stays(
    part: Part, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def fail(*_: Any) -> None:
        raise error

    monkeypatch.setattr(finishing, "_write_members", fail)
    for attempt in (finish, Recording.open):
        with pytest.raises(RtcWidgetError) as failed:
            attempt(part.path)
        assert failed.value.code == "recording_failed"
        assert part.path.name in failed.value.message
    assert [*part.path.parent.iterdir()] == [part.path]


@pytest.mark.parametrize(
    "text",
    [
        "ffconcat version 1.0\nfile a1-camera-0.webm\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\na1-camera-0.webm\n#EXT-X-ENDLIST\n",
    ],
)
def test_a_segment_that_refers_to_other_files_is_no_medium(part: Part, text: str) -> None:
    part.media(BOB, 0.0, text.encode())
    with opened(part) as recording:
        assert tracks(recording) == [ADA]
        assert any("b2-camera-0.webm has neither" in problem for problem in recording.problems)


def test_a_medium_in_a_file_that_refers_to_other_files_is_not_followed(tmp_path: Path) -> None:
    from rtc_widget.media.open_media import open_media

    (tmp_path / "mine.webm").write_bytes(segment(ADA, 1.0))
    (tmp_path / "list.webm").write_text("ffconcat version 1.0\nfile mine.webm\n")
    with (tmp_path / "list.webm").open("rb") as file:
        for source in (file, tmp_path / "list.webm"):
            with pytest.raises(ValueError, match="neither WebM nor MP4"):
                open_media(source)


# -- times


def test_a_segment_that_says_hours_later_follows_the_one_before(part: Part) -> None:
    part.film(ADA, 7200.0, 1.0)
    part.film(ADA, -7200.0, 1.0)
    part.media(ADA, 0.0, segment(ADA, 1.0), at=1e308)
    part.film(ADA, 4.0, 1.0)
    with opened(part) as recording:
        (medium,) = recording.media
        assert (medium.begins, medium.seconds) == (0.0, pytest.approx(5.0, abs=0.1))
        assert medium.shown == ((0.0, pytest.approx(3.0, abs=0.1)), (4.0, pytest.approx(5.0, abs=0.1)))
        assert recording.seconds == 10.0
        assert sum("an impossible time" in problem for problem in recording.problems) == 2


@pytest.mark.parametrize("late", [3600.0, 86_400.0])
def test_pictures_after_the_end_are_left_out(part: Part, late: float) -> None:
    part.media(BOB, 0.0, segment(BOB, 1.0, late=late))
    with opened(part) as recording:
        assert recording.seconds == 10.0
        assert recording.media[1].seconds == pytest.approx(1.0, abs=0.1)
        assert recording.problems == (
            "b2-camera-0.webm continues after the end of the recording: the rest was left out.",
        )


def test_names_of_who_declined_are_masked_however_they_are_written(part: Part) -> None:
    part.line("declined", participant=BOB)
    part.line("messages", time=1.0, to=None, data="bob and BOB, not bobsled", **{"from": ADA})
    with opened(part) as recording:
        assert recording.messages[0].data == "Somebody and Somebody, not bobsled"


def test_an_unfinished_recording_beside_the_file_is_said(part: Part, tmp_path: Path) -> None:
    finish(part.path)
    beside = Part(tmp_path)
    with Recording.open(tmp_path / "lesson") as recording:
        assert f"Recording.open({str(beside.path)!r})" in recording.problems[0]
    with Recording.open(beside.path) as unfinished:
        assert unfinished.media == ()


def test_a_recording_is_found_when_the_programs_folder_changes(
    part: Part, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finish(part.path)
    monkeypatch.chdir(tmp_path)
    with Recording.open("lesson") as recording:
        (tmp_path / "elsewhere").mkdir()
        monkeypatch.chdir(tmp_path / "elsewhere")
        recording.close()
        assert tracks(recording) == [ADA]


@pytest.mark.parametrize(("at", "value"), [(6, 99), (8, 1), (10, 99), (45, 0x0F)])
def test_an_archive_of_a_kind_that_cannot_be_read_is_refused(part: Part, at: int, value: int) -> None:
    # The manifest's entry in the directory: its version, flags (encrypted), compression and place.
    path = finish(part.path)
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\x01\x02") + at] = value
    path.write_bytes(data)
    with pytest.raises(RtcWidgetError) as refused:
        Recording.open(path)
    assert refused.value.code == "bad_recording"


@pytest.mark.parametrize("whole", [True, False])
def test_an_archive_that_would_fill_the_memory_is_not_unpacked(
    part: Part, monkeypatch: pytest.MonkeyPatch, whole: bool
) -> None:
    path = finish(part.path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("messages.jsonl.2", b" " * 2_000_000, compress_type=zipfile.ZIP_DEFLATED)
    if not whole:
        # Without its directory, so that the members are looked for one by one.
        path.write_bytes(path.read_bytes().partition(b"PK\x01\x02")[0])
    monkeypatch.setattr(members_of_archive, "_MOST_EXPANDED", 1_000_000)
    if whole:
        with pytest.raises(RtcWidgetError) as refused:
            Recording.open(path)
        assert refused.value.code == "bad_recording"
    else:
        with Recording.open(path) as recording:
            assert tracks(recording) == [ADA]
            assert recording.ended.reason == "damaged"


GARBAGE = b"\x1a\x45\xdf\xa3" + b"garbage" * 100


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (GARBAGE, {}),
        (b"", {}),
        (segment(ADA, 1.0, video=None), {}),
        (segment(ADA, 1.0, audio=None), {}),
        (segment(ADA, 1.0), {"seconds": 0}),
        (segment(ADA, 1.0), {"video": {"codec": "vp8", "width": 0, "height": -5}}),
    ],
)
def test_media_that_are_not_what_is_said_of_them_are_left_out(
    part: Part, tmp_path: Path, data: bytes, said: dict[str, Any]
) -> None:
    part.film(BOB, 0.0, 1.0)
    path = finish(part.path)
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    manifest = json.loads(members["manifest.json"])
    medium = next(medium for medium in manifest["media"] if medium["participant"] == ADA)
    medium.update(said, bytes=len(data), sha256=hashlib.sha256(data).hexdigest())
    members |= {medium["file"]: data, "manifest.json": json.dumps(manifest).encode()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)

    with Recording.open(path) as recording:
        for act in (
            lambda: recording.frame("Ada", 0.5),
            lambda: recording.export(tmp_path / "film.mp4", "Ada"),
        ):
            with pytest.raises(RtcWidgetError, match=r"of Ada cannot be read: media/.* does not match"):
                act()
        assert recording.to_html(tmp_path / "page.html", max_mb=0.2).stat().st_size <= 200_000
        assert recording.frame("Bob", 0.5).shape == (64, 96, 3)
        assert recording.problems == (
            f"What was recorded of Ada cannot be read: {medium['file']} does not match its description in the manifest.",
        )


def test_a_file_that_was_moved_away_is_said_to_be_gone(part: Part, tmp_path: Path) -> None:
    recording = opened(part)
    assert tracks(recording) == [ADA]
    recording.path.rename(tmp_path / "elsewhere")
    assert repr(recording).endswith("0.0 MB>")
    for act in (lambda: recording.frame("Ada", 0.5), lambda: recording.export(tmp_path / "film.webm", "Ada")):
        with pytest.raises(RtcWidgetError, match=r"Cannot read .*: No such file") as refused:
            act()
        assert refused.value.code == "bad_recording"
    recording.close()


def test_a_recording_that_says_it_is_longer_than_a_month_is_refused(part: Part) -> None:
    path = finish(part.path)
    data = path.read_bytes()
    with Recording.open(path) as recording:
        said = json.dumps(recording.seconds).encode()
    path.write_bytes(data.replace(b'"seconds": ' + said, b'"seconds": ' + b"9" * len(said), 1))
    with pytest.raises(RtcWidgetError, match="bad_recording"):
        Recording.open(path)


def test_a_file_that_breaks_off_takes_no_chapters(part: Part) -> None:
    path = finish(part.path)
    path.write_bytes(path.read_bytes().partition(b"PK\x01\x02")[0])
    with Recording.open(path) as recording, pytest.raises(RtcWidgetError, match="is incomplete"):
        recording.chapter("A mark", 0.5)
