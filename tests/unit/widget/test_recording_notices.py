"""What a recording tells the front ends."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, cast

from rtc_widget.errors import RtcWidgetError
from rtc_widget.widget.comm_channel import CommChannel
from rtc_widget.widget.recording_notices import RecordingNotices

if TYPE_CHECKING:
    from rtc_widget.recording.capture.live_recording import LiveRecording


def test_how_it_goes_on_and_what_became_of_it_are_told_to_every_tab() -> None:
    sent: list[dict[str, Any]] = []
    notices = RecordingNotices(CommChannel(lambda content, _buffers: sent.append(content)))
    recording = SimpleNamespace(id="r-1", progress="0:07, 1 MB", nearly_full=False)

    notices.on_progress(cast("LiveRecording", recording))
    notices.on_progress(None)
    notices.on_finished(Path("/lesson.rtcw.zip"))
    notices.on_finished(RtcWidgetError("recording_failed", "The disk is full."))

    told = {"kind": "recording", "to": "*"}
    assert sent == [
        {**told, "on": True, "id": "r-1", "text": "0:07, 1 MB", "full": False},
        {**told, "on": False},
        {**told, "on": False, "file": "/lesson.rtcw.zip"},
        {**told, "on": False, "error": {"code": "recording_failed", "message": "The disk is full."}},
    ]
