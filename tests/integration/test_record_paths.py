"""Where a recording goes, and what is there already."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from rtc_widget import Recording, Relay, RoomWidget
from rtc_widget.errors import InvalidArgumentError, ProtocolError, RtcWidgetError
from rtc_widget.recording.capture import running_capture
from tests.support.live_recordings import grows, medium_of, of_folder
from tests.support.peers import SECRET
from tests.support.processes import free_port

ROOT = Path(__file__).parents[2]


def test_a_recording_that_is_there_is_not_lost(peers, tmp_path):
    ada = peers("Ada", source="pattern")
    ada.wait_for("joined", 30)
    with ada.record(tmp_path / "lesson") as first:
        grows(first)

    with pytest.raises(InvalidArgumentError, match=r"already exists.*replace=True"):
        ada.record(tmp_path / "lesson")
    with ada.record(tmp_path / "lesson", replace=True) as second:
        assert Recording.open(tmp_path / "lesson").seconds == first.seconds, "until the new one is made"
        grows(second)

    first.close()
    second.close()
    assert [path.name for path in tmp_path.iterdir()] == ["lesson.rtcw.zip"]


def test_what_a_killed_kernel_left_is_not_lost_either(peers, tmp_path):
    of_folder(tmp_path / "lesson").mkdir()
    ada = peers("Ada")

    with pytest.raises(InvalidArgumentError, match="unfinished recording"):
        ada.record(tmp_path / "lesson")


def test_the_same_file_is_not_recorded_twice_at_once(peers, tmp_path):
    ada = peers("Ada")
    with (
        ada.record(tmp_path / "lesson"),
        pytest.raises(InvalidArgumentError, match="is already being recorded"),
    ):
        ada.record(tmp_path / "lesson", replace=True)


@pytest.mark.parametrize("path", ["nowhere/lesson", "/proc/lesson"])
def test_a_path_that_cannot_be_written_is_refused(peers, path):
    ada = peers("Ada")

    with pytest.raises(InvalidArgumentError, match="Cannot write a recording"):
        ada.record(path)

    assert ada.recorded_by == ()


@pytest.mark.parametrize(
    ("path", "said"), [("", "a file name"), (None, "a str or a path"), (7, "a str or a path")]
)
def test_what_is_no_path_is_refused(peers, path, said):
    with pytest.raises(InvalidArgumentError, match=f"{said}.*bad_argument"):
        peers("Ada").record(path)


def test_a_student_cannot_record(peers, tmp_path):
    token = peers.relay.token(peers.room, role="student")
    widget = RoomWidget(peers.room, relay=peers.relay.url, token=token)
    try:
        with pytest.raises(ProtocolError, match="teacher"):
            widget.record(tmp_path / "lesson")
    finally:
        widget.close()

    assert list(tmp_path.iterdir()) == []


def test_what_is_recorded_cannot_be_looked_at_before_its_end(peers, tmp_path):
    ada = peers("Ada")
    with ada.record(tmp_path / "lesson") as recording, pytest.raises(InvalidArgumentError, match="stop"):
        _ = recording.trace


def test_it_does_not_matter_where_the_kernel_is_by_then(peers, tmp_path, monkeypatch):
    ada, _bob = peers.pair(source="pattern")
    monkeypatch.chdir(tmp_path)
    with ada.record("lesson") as recording:
        grows(recording)
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir()
        monkeypatch.chdir(elsewhere)

    assert recording.path == tmp_path / "lesson.rtcw.zip"
    assert medium_of(recording, "Ada").seconds > 0.3
    recording.close()


def test_another_spelling_of_a_path_is_the_same_file(peers, tmp_path, monkeypatch):
    ada = peers("Ada")
    monkeypatch.chdir(tmp_path)
    with (
        ada.record(tmp_path / "lesson"),
        pytest.raises(InvalidArgumentError, match="is already being recorded"),
    ):
        ada.record("lesson", replace=True)


def test_another_kernel_does_not_record_into_the_same_file(peers, tmp_path):
    ada = peers("Ada")
    program = (
        "import sys; from rtc_widget.recording.capture.output_path import OutputPath, file_of\n"
        "try: OutputPath(file_of(sys.argv[1]), replace=True)\nexcept ValueError as error: print(error.message)"
    )
    with ada.record(tmp_path / "lesson"):
        command = [sys.executable, "-c", program, str(tmp_path / "lesson")]
        said = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True).stdout

    assert "is already being recorded" in said


def test_what_is_to_be_replaced_is_there_until_there_is_something_new(peers, tmp_path, monkeypatch):
    monkeypatch.setattr(running_capture, "_BEGIN_SECONDS", 0.5)
    (of_folder(tmp_path / "lesson") / "media").mkdir(parents=True)
    widget = RoomWidget(peers.room, relay=Relay(f"http://127.0.0.1:{free_port()}", secret=SECRET))
    try:
        with pytest.raises(RtcWidgetError, match="nothing is recorded"):
            widget.record(tmp_path / "lesson", replace=True)
    finally:
        widget.close()

    assert (of_folder(tmp_path / "lesson") / "media").is_dir()


def test_a_folder_of_the_files_name_is_refused_in_time(peers, tmp_path):
    (tmp_path / "lesson.rtcw.zip").mkdir()
    with pytest.raises(InvalidArgumentError, match="is a folder"):
        peers("Ada").record(tmp_path / "lesson", replace=True)
