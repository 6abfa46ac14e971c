"""A participant's segments become one file that keeps their times, whatever became of them."""

from __future__ import annotations

import io
import itertools
import json
import zipfile
from typing import TYPE_CHECKING, Any

import av
import numpy as np
import pytest

from rtc_widget import InvalidArgumentError, Recording
from rtc_widget.recording.finalize.finalize import finish
from tests.support.staging_folders import ADA, BOB, Part, brightness, level, said_by, segment, two

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def part(tmp_path: Path) -> Part:
    """A folder in which Ada is in the room and nothing was recorded yet."""
    part = Part(tmp_path)
    part.join(ADA)
    return part


def opened(part: Part) -> Recording:
    return Recording.open(finish(part.path))


def data_of(recording: Recording, index: int = 0) -> bytes:
    with recording._open_medium(recording.media[index]) as file:
        return file.read()


def packets(data: bytes, kind: str) -> list[Any]:
    with av.open(io.BytesIO(data), "r") as container:
        stream = getattr(container.streams, kind)[0]
        return [packet for packet in container.demux(stream) if packet.size]


def samples(data: bytes) -> Any:
    with av.open(io.BytesIO(data), "r") as container:
        resampler = av.AudioResampler("fltp", "mono", 48_000)
        blocks = [
            block.to_ndarray() for frame in container.decode(audio=0) for block in resampler.resample(frame)
        ]
    return np.concatenate(blocks, axis=1)[0]


def loudness(sound: Any, start: float, end: float) -> float:
    part = sound[int(start * 48_000) : int(end * 48_000)]
    return float(np.sqrt((part**2).mean()))


def assert_shows(recording: Recording, who: str, *times: float) -> None:
    """Check that each picture is the one of its time, or its neighbour where a time is on the border."""
    for time in times:
        assert said_by(recording.frame(who, time)) == (who, level(time)), time


# -- times


def test_pictures_keep_their_times_across_segments(tmp_path: Path) -> None:
    with opened(two(tmp_path)) as recording:
        # Half a picture after each begins.
        assert_shows(recording, ADA, *(0.22 + 0.04 * index for index in range(69)))
        assert_shows(recording, ADA, 5.02, 6.02, 7.98)
        assert_shows(recording, BOB, 1.22, 3.3, 5.98)


def test_while_a_camera_is_off_nothing_is_shown_and_it_is_said_when_something_is(tmp_path: Path) -> None:
    with opened(two(tmp_path)) as recording:
        ada = recording.media[0]
        assert ada.shown == ((0.0, pytest.approx(2.8, abs=0.02)), (4.8, pytest.approx(7.8, abs=0.03)))
        with pytest.raises(InvalidArgumentError, match=r"Ada at 4 s.*0\.2 to 3\.0 s and from 5\.0 to 8\.0 s"):
            recording.frame("Ada", 4)
        with pytest.raises(InvalidArgumentError, match="no shared screen of Ada"):
            recording.frame("Ada", 1, screen=True)
        with pytest.raises(InvalidArgumentError, match="bad_argument"):
            recording.frame("Ada", float("nan"))


def test_sound_has_no_gaps_and_is_silent_where_it_was_off(part: Part) -> None:
    part.film(ADA, 0.0, 2.0)
    part.film(ADA, 2.0, 3.0, audio=None)
    part.film(ADA, 7.0, 2.0)
    with opened(part) as recording:
        data = data_of(recording)
        assert recording.media[0].heard == (
            (0.0, pytest.approx(2.0, abs=0.03)),
            (pytest.approx(7.0, abs=0.03), pytest.approx(9.0, abs=0.03)),
        )
    sound = packets(data, "audio")
    ends = [packet.pts + packet.duration for packet in sound]
    assert max(abs(packet.pts - end) for packet, end in zip(sound[1:], ends, strict=False)) <= 1
    heard = samples(data)
    assert len(heard) / 48_000 == pytest.approx(9.0, abs=0.05)
    assert loudness(heard, 0.1, 1.9) > 0.1
    assert loudness(heard, 2.2, 6.9) < 0.001
    assert loudness(heard, 7.1, 8.9) > 0.1


def test_sound_that_begins_late_has_silence_before_it(part: Part) -> None:
    part.film(ADA, 0.0, 2.0, audio=None)
    part.film(ADA, 2.0, 1.0)
    with opened(part) as recording:
        heard = samples(data_of(recording))
    assert loudness(heard, 0.0, 1.9) < 0.001
    assert loudness(heard, 2.1, 2.9) > 0.1


def test_files_can_be_sought_and_say_how_long_they_are(tmp_path: Path) -> None:
    with opened(two(tmp_path)) as recording, av.open(io.BytesIO(data_of(recording)), "r") as container:
        assert container.duration / 1e6 == pytest.approx(7.8, abs=0.05)
        container.seek(5_500_000)
        assert next(container.decode(video=0)).time == pytest.approx(4.8, abs=0.02)


def test_nothing_is_encoded_anew(part: Part) -> None:
    first = segment(ADA, 2.0)
    part.media(ADA, 0.0, first)
    with opened(part) as recording:
        joined = [bytes(packet) for packet in packets(data_of(recording), "video")]
    assert joined == [bytes(packet) for packet in packets(first, "video")]


def test_times_are_the_relays(part: Part) -> None:
    part.clock(ADA, 2_500.0)
    part.media(ADA, 1.0, segment(ADA, 2.0, start=1.0), offset=2_500.0)
    with opened(part) as recording:
        assert recording.media[0].begins == pytest.approx(1.0)
        assert_shows(recording, ADA, 1.5)


def test_a_clock_that_is_hours_off_is_put_where_its_owner_came(part: Part) -> None:
    part.join(BOB, 3.0)
    part.media(BOB, 3.5, segment(BOB, 2.0, start=3.0), offset=7_200_000.0)
    part.media(BOB, 5.5, segment(BOB, 2.0, start=5.0), offset=7_200_000.0)
    with opened(part) as recording:
        assert recording.media[0].begins == pytest.approx(3.0)
        assert_shows(recording, BOB, 4.02, 6.02)
        assert "clock of Bob" in recording.problems[0]
        assert recording.seconds == 10.0


def test_pictures_of_other_sizes_are_in_the_same_file(part: Part) -> None:
    part.film(ADA, 0.0, 1.0, size=(96, 64))
    part.film(ADA, 1.0, 1.0, size=(192, 128))
    with opened(part) as recording:
        assert len(recording.media) == 1
        assert (recording.media[0].width, recording.media[0].height) == (192, 128)
        assert recording.frame("Ada", 0.5).shape == (64, 96, 3)
        assert recording.frame("Ada", 1.5).shape == (128, 192, 3)
        assert_shows(recording, ADA, 0.5, 1.5)


def test_a_shared_screen_is_a_file_of_its_own(part: Part) -> None:
    part.film(ADA, 0.0, 2.0)
    part.film(ADA, 1.0, 1.0, track="screen", audio=None)
    with opened(part) as recording:
        assert [medium.file for medium in recording.media] == ["media/a1.webm", "media/a1-screen.webm"]
        screen = recording.media[1]
        assert (screen.track, screen.audio, screen.begins) == ("screen", None, 1.0)
        assert said_by(recording.frame("Ada", 1.5, screen=True)) == (ADA, level(1.5))


def test_frames_know_whose_they_are(tmp_path: Path) -> None:
    with opened(two(tmp_path)) as recording:
        frame = recording.frame("Bob", 2.0)
        assert frame.sender == "Bob"
        assert frame.time == recording.began + 2.0
        assert frame._repr_png_() is not None


# -- segments that are not as they should be


def test_segments_that_are_empty_or_garbage_are_left_out_and_said(part: Part) -> None:
    part.film(ADA, 0.0, 2.0)
    part.media(ADA, 2.0, b"")
    part.media(ADA, 2.1, b"\x1a\x45\xdf\xa3" + bytes(range(256)) * 8)
    part.film(ADA, 3.0, 2.0)
    part.media(ADA, 5.0, b"").unlink()
    with opened(part) as recording:
        assert_shows(recording, ADA, 0.5, 1.9, 3.1, 4.9)
        assert len([problem for problem in recording.problems if "can be read" in problem]) == 2


@pytest.mark.parametrize("private", [True, False])
def test_segments_that_cannot_be_joined_are_kept_where_nothing_is_private(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, private: bool
) -> None:
    part = Part(tmp_path, private=private)
    part.join(ADA)
    recorded = part.film(ADA, 0.0, 1.0).read_bytes()

    def refuse(_segments: Any, stem: Path, *_: Any) -> None:
        stem.with_name(stem.name + ".webm").write_bytes(b"half")
        raise ValueError("Invalid argument")

    monkeypatch.setattr("rtc_widget.recording.finalize.finalize.join", refuse)
    with opened(part) as recording:
        assert recording.media == ()
        assert ("kept unchanged in segments/" in recording.problems[0]) is not private
        with zipfile.ZipFile(recording.path) as archive:
            kept = {name: archive.read(name) for name in archive.namelist() if "/" in name}
        assert kept == ({} if private else {"segments/a1-camera-0.webm": recorded})


def test_what_a_head_announces_and_never_came_is_not_there(part: Part) -> None:
    both, sound = segment(ADA, 1.0), segment(ADA, 1.0, video=None)
    # A cluster's mark: what is before it is the head.
    part.media(ADA, 0.0, both[: both.index(b"\x1f\x43\xb6\x75")])
    part.media(ADA, 1.0, sound)
    with opened(part) as recording:
        assert (recording.media[0].video, recording.media[0].audio) == (None, "opus")


def test_nothing_but_garbage_is_no_medium(part: Part) -> None:
    part.media(ADA, 0.0, b"no media")
    with opened(part) as recording:
        assert recording.media == ()
        assert recording.problems
        with pytest.raises(InvalidArgumentError, match="neither video nor audio of Ada"):
            recording.frame("Ada", 1)


def test_a_segment_may_break_off_anywhere(tmp_path: Path) -> None:
    whole = segment(ADA, 2.0)
    for size in range(0, len(whole), len(whole) // 25):
        part = Part(tmp_path, f"lesson{size}")
        part.join(ADA)
        part.media(ADA, 0.0, whole[:size])
        part.film(ADA, 3.0, 1.0)
        with opened(part) as recording:
            assert_shows(recording, ADA, 3.5)
            for span in recording.media[0].shown:
                time = recording.media[0].begins + (span[0] + span[1]) / 2
                assert_shows(recording, ADA, time)


def test_lines_in_disorder_and_twice_make_the_same_file(part: Part, tmp_path: Path) -> None:
    for index in range(3):
        part.film(ADA, index * 1.0, 1.0)
    path = part.path / "segments.jsonl"
    ordered = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*reversed(ordered), *ordered, '{"participant": "../x", "track": "camera"}\n']))
    with opened(part) as recording:
        assert_shows(recording, ADA, 0.5, 1.5, 2.5)
        assert recording.media[0].shown == ((0.0, pytest.approx(3.0, abs=0.03)),)
        assert recording.problems == ("segments.jsonl has an invalid line, line 7, which was left out.",)


def test_files_outside_the_folder_are_not_taken(part: Part, tmp_path: Path) -> None:
    (tmp_path / "secret.webm").write_bytes(segment(ADA, 1.0))
    part.line("segments", participant=ADA, track="camera", number=0, at=part.at(0), file="../../secret.webm")
    with opened(part) as recording:
        assert recording.media == ()


def test_segments_that_overlap_a_little_follow_each_other(part: Part) -> None:
    part.film(ADA, 0.0, 2.0)
    part.film(ADA, 1.6, 2.4)
    with opened(part) as recording:
        assert_shows(recording, ADA, 1.5, 1.9, 2.1, 3.9)
        data = data_of(recording)
        assert recording.problems == ()
    times = [packet.pts for packet in packets(data, "video")]
    assert {round(after - before, -1) for before, after in itertools.pairwise(times)} == {40}
    assert len(samples(data)) / 48_000 == pytest.approx(4.0, abs=0.05)


def test_a_clock_that_was_set_back_puts_nothing_over_anything(part: Part) -> None:
    part.film(ADA, 4.0, 2.0)
    part.media(ADA, 2.0, segment(ADA, 1.0, start=6.0))
    with opened(part) as recording:
        assert_shows(recording, ADA, 4.5, 6.5)
        assert "was moved behind it" in recording.problems[0]


def test_pictures_that_are_not_wanted_are_left_out(part: Part) -> None:
    part.media(ADA, 0.0, segment(ADA, 1.0), video=False)
    with opened(part) as recording:
        assert (recording.media[0].video, recording.media[0].shown) == (None, ())
        assert loudness(samples(data_of(recording)), 0.1, 0.9) > 0.1


# -- other codecs


def test_a_segment_of_another_codec_is_encoded_anew(part: Part) -> None:
    part.film(ADA, 0.0, 2.0)
    part.film(ADA, 2.0, 1.0, video="libvpx-vp9")
    part.film(ADA, 3.0, 1.0, video="libx264", audio="aac", form="mp4")
    with opened(part) as recording:
        assert (recording.media[0].video, recording.media[0].mime) == ("vp8", "video/webm")
        assert_shows(recording, ADA, 1.5, 2.02, 2.5, 3.02, 3.5)
        heard = samples(data_of(recording))
        assert all(loudness(heard, start + 0.1, start + 0.9) > 0.1 for start in range(4))


def test_what_safari_records_is_joined_in_mp4(part: Part) -> None:
    safari = {"video": "libx264", "audio": "aac", "form": "mp4"}
    part.film(ADA, 0.0, 2.0, **safari)
    part.film(ADA, 3.0, 2.0, **safari)
    with opened(part) as recording:
        medium = recording.media[0]
        assert (medium.file, medium.mime) == ("media/a1.mp4", "video/mp4")
        assert (medium.video, medium.audio) == ("h264", "aac")
        assert_shows(recording, ADA, 0.02, 1.5, 3.02, 4.5)
        data = data_of(recording)
    heard = samples(data)
    assert len(heard) / 48_000 == pytest.approx(5.0, abs=0.1)
    assert loudness(heard, 2.2, 2.8) < 0.001
    assert loudness(heard, 3.2, 4.8) > 0.1


def test_h264_of_other_sizes_is_encoded_anew(part: Part) -> None:
    part.film(ADA, 0.0, 1.0, video="libx264", audio="aac", form="mp4")
    part.film(ADA, 1.0, 1.0, video="libx264", audio="aac", form="mp4", size=(192, 128))
    with opened(part) as recording:
        assert recording.media[0].mime == "video/webm"
        assert_shows(recording, ADA, 0.5, 1.5)


def test_sound_alone_is_a_medium(part: Part) -> None:
    part.film(ADA, 0.5, 2.0, video=None)
    with opened(part) as recording:
        medium = recording.media[0]
        assert (medium.video, medium.audio, medium.width) == (None, "opus", 0)
        assert medium.heard == ((0.0, pytest.approx(2.0, abs=0.03)),)


def test_a_folder_without_segments_is_a_recording(part: Part) -> None:
    with opened(part) as recording:
        assert recording.media == ()
        assert recording.problems == ()
        with pytest.raises(InvalidArgumentError, match="neither video nor audio in this recording"):
            recording.export(part.path.with_name("film.mp4"))


def test_media_of_somebody_who_never_joined_are_somebodys(part: Part) -> None:
    part.film(BOB, 0.0, 1.0)
    with opened(part) as recording:
        assert [one.id for one in recording.participants] == [ADA, BOB]
        assert_shows(recording, BOB, 0.5)


def test_the_tools_pictures_say_what_they_should() -> None:
    with av.open(io.BytesIO(segment(BOB, 1.0, start=0.4)), "r") as container:
        frames: Iterator[Any] = container.decode(video=0)
        seen = [said_by(frame.to_ndarray(format="rgb24")) for frame in frames]
    assert seen == [(BOB, level(0.4 + index / 25)) for index in range(25)]
    assert brightness(0.4) != brightness(0.44)
    assert json.dumps(seen)
