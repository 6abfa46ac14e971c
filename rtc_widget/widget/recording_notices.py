"""What the recording that a widget's kernel makes tells the front ends."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RtcWidgetError
from .comm_channel import CommChannel

if TYPE_CHECKING:
    from ..recording.capture.live_recording import LiveRecording


class RecordingNotices:
    """Sends how a recording goes on, and what became of it. Any thread may call.

    Parameters
    ----------
    channel : CommChannel
        To the front ends.
    """

    def __init__(self, channel: CommChannel) -> None:
        self._channel = channel

    def on_progress(self, recording: LiveRecording | None) -> None:
        """Send how a recording goes on; None when it is over."""
        if recording is None:
            self._channel.send({"kind": "recording", "on": False})
            return
        text, full = recording.progress, recording.nearly_full
        self._channel.send({"kind": "recording", "on": True, "id": recording.id, "text": text, "full": full})

    def on_finished(self, outcome: Path | RtcWidgetError) -> None:
        """Send the path of a recording that the button has ended, or why there is none."""
        if isinstance(outcome, RtcWidgetError):
            self._channel.send({"kind": "recording", "on": False, "error": outcome.info()})
        else:
            self._channel.send({"kind": "recording", "on": False, "file": str(outcome)})
