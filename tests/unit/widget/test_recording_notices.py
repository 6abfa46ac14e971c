"""What a recording tells the front ends."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

import pytest

from rtc_widget.errors import RtcWidgetError
from rtc_widget.widget.comm_channel import CommChannel
from rtc_widget.widget.recording_notices import RecordingNotices
from tests.support.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable

    from rtc_widget.recording.capture.live_recording import LiveRecording


def finished(path: str | Path, replay: Callable[[], Any] = lambda: pytest.fail("nobody asked")) -> Any:
    """A recording whose file has been made."""
    return SimpleNamespace(id="r-1", path=Path(path), replay=replay)


def test_how_it_goes_on_and_what_became_of_it_are_told_to_every_tab() -> None:
    sent: list[dict[str, Any]] = []
    notices = RecordingNotices(CommChannel(lambda content, _buffers: sent.append(content)))
    recording = SimpleNamespace(id="r-1", progress="0:07, 1 MB", nearly_full=False)

    notices.on_progress(cast("LiveRecording", recording))
    notices.on_progress(None)
    notices.on_finished(finished("/lesson.rtcw.zip"))
    notices.on_finished(finished(Path.cwd() / "lesson.rtcw.zip"))
    notices.on_finished(RtcWidgetError("recording_failed", "The disk is full."))

    told = {"kind": "recording", "to": "*"}
    assert sent == [
        {**told, "on": True, "id": "r-1", "text": "0:07, 1 MB", "full": False},
        {**told, "on": False},
        {**told, "on": False, "id": "r-1", "file": "/lesson.rtcw.zip"},
        {**told, "on": False, "id": "r-1", "file": "lesson.rtcw.zip"},
        {**told, "on": False, "error": {"code": "recording_failed", "message": "The disk is full."}},
    ]


def test_a_replay_goes_to_the_tab_that_asks_for_one_of_these_recordings_or_why_there_is_none() -> None:
    sent: list[dict[str, Any]] = []
    notices = RecordingNotices(CommChannel(lambda content, _buffers: sent.append(content)))

    def fails() -> Any:
        raise RtcWidgetError("bad_recording", "The file is gone.")

    def ask(recording: Any) -> dict[str, Any]:
        notices.on_finished(recording)
        sent.clear()
        notices.send_replay("tab", {"kind": "replay", "id": "/etc/passwd"}, [])
        notices.send_replay("tab", {"kind": "replay", "id": "r-1"}, [])
        wait_until(lambda: sent, 10)
        return sent.pop()

    shown = SimpleNamespace(_repr_mimebundle_=lambda: {"text/html": "<p>replay</p>"})
    told = {"kind": "replay", "to": "tab"}
    assert ask(finished("/a.rtcw.zip", lambda: shown)) == {**told, "html": "<p>replay</p>"}
    error = {"code": "bad_recording", "message": "The file is gone."}
    assert ask(finished("/a.rtcw.zip", fails)) == {**told, "error": error}

    def has_no_room() -> Any:
        raise OSError(28, "No space left on device")

    full = {
        "code": "recording_failed",
        "message": "The replay could not be made: No space left on device.",
    }
    assert ask(finished("/a.rtcw.zip", has_no_room)) == {**told, "error": full}
    assert sent == []
