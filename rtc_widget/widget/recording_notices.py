"""Informs front ends of the recordings that this kernel makes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import RtcWidgetError
from .comm_channel import CommChannel

if TYPE_CHECKING:
    from ..recording.capture.live_recording import LiveRecording


class RecordingNotices:
    """Sends the progress of a recording, and its outcome. Callable from any thread.

    Parameters
    ----------
    channel : CommChannel
        To the front ends.
    """

    def __init__(self, channel: CommChannel) -> None:
        self._channel = channel

    def on_progress(self, recording: LiveRecording | None) -> None:
        """Send the progress of a recording.

        Parameters
        ----------
        recording : LiveRecording or None
            The recording; None when it is over.
        """
        if recording is None:
            self._channel.send({"kind": "recording", "on": False})
            return
        text, full = recording.progress, recording.nearly_full
        self._channel.send({"kind": "recording", "on": True, "id": recording.id, "text": text, "full": full})

    def on_finished(self, outcome: Path | RtcWidgetError) -> None:
        """Send the outcome of a recording that was started with the button.

        Parameters
        ----------
        outcome : Path or RtcWidgetError
            The path of the file, or the error.
        """
        if isinstance(outcome, RtcWidgetError):
            self._channel.send({"kind": "recording", "on": False, "error": outcome.info()})
        else:
            self._channel.send({"kind": "recording", "on": False, "file": str(outcome)})
