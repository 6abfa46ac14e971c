"""A recording while it runs: how it begins, what ends it, and what is left of it."""

from __future__ import annotations

import errno
import json
import zipfile
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from rtc_widget.errors import (
    InvalidArgumentError,
    ProtocolError,
    RelayError,
    RtcWidgetError,
    WaitTimeoutError,
)
from rtc_widget.recording.capture import running_capture
from rtc_widget.recording.capture.output_path import OutputPath
from rtc_widget.recording.capture.running_capture import RunningCapture
from tests.support.captures import FakeRecordingObserver, FakeRoomMember
from tests.support.fakes import entry
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from rtc_widget.signaling.observer import ObserverListener


class FakeLimits:
    """Limits of which as much is used up as the test says."""

    size = 400_000

    def __init__(self) -> None:
        self.share = 0.0

    def usage(self, _size: int, _seconds: float) -> tuple[float, str]:
        return self.share, "20 MB"


class Captured:
    """A recording of a room, and what it tells."""

    def __init__(self, folder: Path, **observing: Any) -> None:
        self.file = folder / "lesson.rtcw.zip"
        self.observer = FakeRecordingObserver(**observing)
        self.limits, self.member = FakeLimits(), FakeRoomMember()
        self.states: list[str] = []
        self.progress = 0
        self.capture = RunningCapture(
            self.file,
            cast("Any", self.member),
            limits=cast("Any", self.limits),
            private=True,
            replace=True,
            on_state=self.states.append,
            on_progress=self._count,
            on_finished=lambda: self.states.append("finished"),
        )

    def _count(self) -> None:
        self.progress += 1

    def begin(self) -> RunningCapture:
        """Begin, and return the recording."""
        self.capture.begin(cast("Any", self.observer))
        return self.capture

    @property
    def listener(self) -> ObserverListener:
        """What the recording has given the observer."""
        assert self.observer.listener is not None
        return self.observer.listener

    def tell(self, act: Callable[[], None]) -> None:
        """Do something on the RTC thread, as an observer does."""
        self.capture._threads.loop.call_soon_threadsafe(act)

    def member_of_file(self, name: str) -> str:
        """Return what is in the file."""
        with zipfile.ZipFile(self.file) as archive:
            return archive.read(name).decode()

    @property
    def ended(self) -> dict[str, str]:
        """How the file says that it ended."""
        ended: dict[str, str] = json.loads(self.member_of_file("manifest.json"))["ended"]
        return ended

    @property
    def left(self) -> list[str]:
        """What is in the folder."""
        return sorted(path.name for path in self.file.parent.iterdir())


@pytest.fixture
def captured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_leaks: None) -> Iterator[Captured]:
    monkeypatch.setattr(running_capture, "_TICK_SECONDS", 0.01)
    made = Captured(tmp_path)
    made.begin()
    yield made
    if made.file.is_dir():
        made.file.rmdir()
    made.capture.stop()


# -- the beginning


def test_it_has_begun_once_the_room_was_told(captured: Captured) -> None:
    assert captured.observer.announced == [True]
    assert captured.observer.asked[0][1]["name"] == "Eve"
    assert captured.capture.state == "recording"
    assert captured.progress >= 1
    wait_until(lambda: captured.progress > 3, 10)


@pytest.mark.parametrize(
    ("observing", "error", "code"),
    [
        ({"refusal": ProtocolError("forbidden", "No.")}, ProtocolError, "forbidden"),
        ({"silent": True}, WaitTimeoutError, "relay_unreachable"),
    ],
)
def test_what_never_begins_leaves_everything_as_it_was(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_leaks: None,
    observing: dict[str, Any],
    error: type[RtcWidgetError],
    code: str,
) -> None:
    monkeypatch.setattr(running_capture, "_BEGIN_SECONDS", 0.05 if "silent" in observing else 10.0)
    (tmp_path / "lesson.rtcw.zip.part").mkdir()
    (tmp_path / "lesson.rtcw.zip.part" / "old").write_text("old")
    captured = Captured(tmp_path, **observing)

    with pytest.raises(error) as caught:
        captured.begin()

    assert caught.value.code == code
    assert captured.states == ["done"]
    assert captured.left == ["lesson.rtcw.zip.part"]
    assert (tmp_path / "lesson.rtcw.zip.part" / "old").read_text() == "old"
    assert captured.observer.listener is None
    OutputPath(captured.file, replace=True).release()  # nobody has it any more


def test_a_folder_that_cannot_be_made_leaves_the_path_free(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, no_leaks: None
) -> None:
    captured = Captured(tmp_path)

    def fail(*_given: object) -> None:
        raise InvalidArgumentError("recording_failed", "The disk is full.")

    monkeypatch.setattr(running_capture, "StagingFolder", fail)

    with pytest.raises(InvalidArgumentError, match="full"):
        captured.begin()

    assert (captured.states, captured.left, captured.observer.asked) == (["done"], [], [])


# -- meanwhile


def test_chapters_are_where_something_was_recorded_and_say_nothing_private(captured: Captured) -> None:
    wait_until(lambda: captured.capture.seconds > 0.01, 10)
    captured.capture.chapter("From 192.0.2.7", 0.01)

    for title, at in (
        ("Later", captured.capture.seconds + 60),
        ("Before", -0.1),
        (" ", 0.0),
        ("x" * 201, 0.0),
    ):
        with pytest.raises(InvalidArgumentError) as caught:
            captured.capture.chapter(title, at)
        assert caught.value.code == "bad_argument"

    captured.capture.stop()
    with pytest.raises(InvalidArgumentError, match="stop") as caught:
        captured.capture.chapter("Too late", 0.0)
    assert caught.value.code == "recording_failed"
    text = captured.member_of_file("manifest.json")
    assert "From" in text
    assert "192.0.2.7" not in text


def test_its_text_says_how_long_it_is_and_whether_the_relay_is_lost(captured: Captured) -> None:
    assert repr(captured.capture).startswith("<Recording of 'demo': recording, 0:00, 0.0 MB")
    assert "no relay" not in captured.capture.progress

    captured.observer.connected = False

    assert captured.capture.progress.endswith(", no relay")


# -- the end


def test_stopping_makes_the_file_and_leaves_nothing_else(captured: Captured) -> None:
    captured.capture.stop()
    captured.capture.stop()

    assert captured.left == ["lesson.rtcw.zip"]
    assert captured.ended["reason"] == "stopped"
    assert captured.states == ["finishing", "done", "finished"]
    assert captured.observer.announced == [True, False]
    assert captured.member.taps == []


@pytest.mark.parametrize("file", ["messages.jsonl", "trace.jsonl"])
def test_nobody_ends_a_recording_by_talking(captured: Captured, file: str) -> None:
    for key, order in (("ada", 1), ("bob", 2)):
        captured.listener.on_event("user_joined", entry(key, order))

    def talks(sender: str, text: str) -> None:
        if file == "messages.jsonl":
            captured.member.taps[0](text, sender, None)
        else:
            reported = {"type": "error", "at": 1.0, "code": "timeout", "message": text}
            captured.listener.on_event("report", {"roomId": "demo", "from": sender, "entries": [reported]})

    for _ in range(500):
        talks("ada", "x" * 1_000)
    talks("bob", "something short")
    # Other threads write it; the size that a recording had is the one when it was stopped.
    wait_until(lambda: captured.capture.size > captured.limits.size / 10, 10)
    captured.capture.stop()

    assert captured.capture.size < captured.limits.size / 4
    assert "something short" in captured.member_of_file(file)
    assert json.loads(captured.member_of_file("manifest.json"))["problems"] == [
        "What was noted of Ada took an eighth of the recording's limit: of the rest there are only media."
    ]


def test_at_its_limit_it_warns_once_and_then_ends_by_itself(
    captured: Captured, capfd: pytest.CaptureFixture[str]
) -> None:
    captured.limits.share = 0.95
    wait_until(lambda: captured.capture.nearly_full, 10)
    before = captured.progress
    wait_until(lambda: captured.progress > before + 2, 10)

    captured.limits.share = 1.0
    wait_until(lambda: captured.capture.state == "done", 10)

    said = ""

    def told() -> bool:
        nonlocal said
        said += capfd.readouterr().err
        return "has ended" in said

    wait_until(told, 10)
    assert said.count("has reached 95% of 20 MB") == 1
    assert said.count("It had reached 20 MB, which was its limit.") == 1
    assert captured.ended["reason"] == "limit"


@pytest.mark.parametrize("cause", ["relay", "disk"])
def test_it_ends_by_itself_when_it_cannot_go_on(captured: Captured, cause: str) -> None:
    if cause == "relay":
        captured.tell(lambda: captured.listener.on_failed(RelayError("bad_token", "It has expired.")))
    else:
        full = OSError(errno.ENOSPC, "No space left on device")
        captured.tell(lambda: captured.capture._on_disk_failed(full))

    wait_until(lambda: captured.capture.state == "done", 10)

    assert captured.ended["reason"] == cause
    assert ("It has expired." if cause == "relay" else "No space left") in captured.ended["message"]


def test_the_reason_that_comes_first_is_the_one_that_is_told(
    captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The thread that would end it is not as quick as the user.
    late = SimpleNamespace(Thread=lambda **_given: SimpleNamespace(start=lambda: None))
    monkeypatch.setattr(running_capture, "threading", late)

    captured.capture._on_disk_failed(OSError(errno.ENOSPC, "No space left on device"))
    captured.capture.stop()

    assert captured.ended["reason"] == "disk"


def test_a_relay_that_was_gone_at_the_end_is_why_it_ended(
    captured: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running_capture, "_GONE_SECONDS", 0.0)
    captured.tell(captured.listener.on_lost)
    wait_until(lambda: captured.capture._session.lost_at is not None, 10)
    lost_at = captured.capture.seconds
    wait_until(lambda: captured.capture.seconds > lost_at, 10)

    captured.capture.stop()

    assert captured.ended["reason"] == "relay"


def test_in_a_callback_it_cannot_be_stopped(captured: Captured) -> None:
    refused: list[str] = []

    def callback() -> None:
        with pytest.raises(RtcWidgetError) as caught:
            captured.capture.stop()
        refused.append(caught.value.code)

    captured.capture._threads.post(callback)
    wait_until(lambda: refused, 10)

    assert refused == ["would_deadlock"]
    assert captured.capture.state == "recording"


def test_a_file_that_cannot_be_made_keeps_what_was_recorded_until_it_can(captured: Captured) -> None:
    captured.file.mkdir()

    for _ in range(2):
        with pytest.raises(RtcWidgetError) as caught:
            captured.capture.stop()
        assert caught.value.code == "recording_failed"
        assert captured.left == ["lesson.rtcw.zip", "lesson.rtcw.zip.part"]

    captured.file.rmdir()
    captured.capture.stop()

    assert captured.left == ["lesson.rtcw.zip"]
    assert captured.states == ["finishing", "done", "finished"]
