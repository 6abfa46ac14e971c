"""Informs front ends of the recordings that this kernel makes, and lets them play those that are finished."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import RtcWidgetError
from .comm_channel import CommChannel

if TYPE_CHECKING:
    from ..recording.capture.live_recording import LiveRecording


class RecordingNotices:
    """Sends the progress of a recording, its outcome, and its replay to who asks for it. Callable from any thread.

    Parameters
    ----------
    channel : CommChannel
        To the front ends.
    """

    def __init__(self, channel: CommChannel) -> None:
        self._channel = channel
        # The newest one, which is what every front end offers to play.
        self._finished: LiveRecording | None = None

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

    def on_finished(self, outcome: LiveRecording | RtcWidgetError) -> None:
        """Send the outcome of a recording.

        Parameters
        ----------
        outcome : LiveRecording or RtcWidgetError
            The recording, whose file has been made, or the error.
        """
        if isinstance(outcome, RtcWidgetError):
            self._channel.send({"kind": "recording", "on": False, "error": outcome.info()})
            return
        self._finished = outcome
        path = outcome.path
        # As one would write it in the notebook beside it.
        file = path.name if path.parent == Path.cwd() else str(path)
        self._channel.send({"kind": "recording", "on": False, "id": outcome.id, "file": file})

    def send_replay(self, client_id: str, content: dict[str, Any], _buffers: list[bytes]) -> None:
        """Send the replay of the newest finished recording to the front end that asks for it; returns at once.

        Parameters
        ----------
        client_id : str
            The front end.
        content : dict
            Its message, with the recording's ``id``.
        _buffers : list of bytes
            None.
        """
        recording = self._finished
        if recording is not None and recording.id == content.get("id"):
            # Media that are too large for a notebook are encoded anew, which takes a while.
            threading.Thread(
                target=self._make_replay, args=(client_id, recording), name="rtc_widget-replay", daemon=True
            ).start()

    def _make_replay(self, client_id: str, recording: LiveRecording) -> None:
        try:
            html = recording.replay()._repr_mimebundle_()["text/html"]
        except RtcWidgetError as error:
            failure = error
        except OSError as error:
            # Media are encoded anew in temporary files, for which there may be no room.
            failure = RtcWidgetError("recording_failed", f"The replay could not be made: {error.strerror}.")
        else:
            self._channel.send({"kind": "replay", "html": html}, to=client_id)
            return
        self._channel.send({"kind": "replay", "error": failure.info()}, to=client_id)
