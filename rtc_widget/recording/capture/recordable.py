"""What `RoomWidget` and `Peer` have for recordings: making them, and knowing and declining those of others."""

from __future__ import annotations

import threading
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from traitlets import Tuple

from ...errors import RtcWidgetError
from ...relay.address import Relay
from ...room.room_member import Presence
from ...room.room_state import assign
from ...runtime import cell_registry

if TYPE_CHECKING:
    from .live_recording import LiveRecording


class Recordable(Presence):
    """Records the room that it is in.

    Attributes
    ----------
    recorded_by : tuple of str
        Names of those who record the room now, this one included.
    recordings : tuple of LiveRecording
        Those that this one has made or is making, also from the widget's button.
    """

    recorded_by = Tuple(read_only=True)

    recordings: tuple[LiveRecording, ...]
    _relay: Relay | None
    _token: str | None

    def _begin_recordings(self) -> None:
        self._recorders: dict[str, str] = {}
        self.recordings = ()
        self._cells: list[_OfCell] = []

    def record(
        self,
        path: str | Path,
        *,
        max_mb: float = 2_000,
        max_minutes: float = 180,
        private: bool = True,
        replace: bool = False,
    ) -> LiveRecording:
        """Record everybody in the room from now on, each picture and sound where it is made, into one file.

        Everybody is told, from the first moment and for as long as it lasts; who declines is left out. It goes on while
        cells run, while relays and tabs come and go, and until `LiveRecording.stop`, the end of its ``with`` block,
        `close`, or another run of the cell that began it. What was recorded is kept whatever happens: see `Recording.open`.

        Parameters
        ----------
        path : str or Path
            Such as "lesson3", which makes ``lesson3.rtcw.zip``.
        max_mb, max_minutes : float
            Where it stops by itself; it says so when it comes near.
        private : bool
            Put placeholders for addresses, ports, names and passwords of ICE, fingerprints and ids of streams.
        replace : bool
            Whether a recording of that name may be replaced, once this one is made.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument``; ``recording_failed`` for a path that cannot be written or is there already.
        ProtocolError
            ``forbidden`` without a teacher's token.
        WaitTimeoutError
            ``relay_unreachable``.
        RtcWidgetError
            ``peer_missing`` without av and numpy.
        """
        from ..arguments import check_installed, flag

        check_installed("Recording")
        from .live_recording import LiveRecording
        from .output_path import file_of
        from .size_limits import Limits

        self._check_open()
        self._check_thread()
        file, limits = file_of(path), Limits(max_mb, max_minutes)
        made = _OfCell()
        cell_registry.replace_earlier(made)
        recording = LiveRecording(
            file,
            self,
            relay=self._relay,
            token=self._token,
            limits=limits,
            private=flag("private", private),
            replace=flag("replace", replace),
            progress=self._show_progress,
        )
        made.recording = recording
        self._cells.append(made)
        self.recordings = (*self.recordings, recording)
        return recording

    def decline_recording(self) -> None:
        """Be left out of every recording of the room that is being made now: nothing of yours is kept."""
        self._check_open()
        for key in list(self._recorders):
            self._decline(key)

    def _decline(self, recording: str) -> None:
        """Tell who makes a recording to leave this participant out."""
        raise NotImplementedError

    def _show_progress(self, recording: LiveRecording | None) -> None:
        """Show how a recording of ours goes on; None when it is over. On any thread."""

    def _show_recorded(self, path: Path | None, error: RtcWidgetError | None) -> None:
        """Show what became of a recording that a button began or ended. On any thread."""

    def _record_from_button(self, on: bool) -> None:
        """Begin a recording beside the notebook, or stop those that are being made; returns at once."""

        def act() -> None:
            try:
                if on:
                    self.record(_free_name(self.room))
                    return
                for recording in [each for each in self.recordings if each.state != "done"]:
                    self._show_recorded(recording.stop().path, None)
            except RtcWidgetError as error:
                self._show_recorded(None, error)

        # Both wait, and where a button is heard of nothing may.
        threading.Thread(target=act, name="rtc_widget-recording-button", daemon=True).start()

    def _end_recordings(self) -> None:
        """Stop the recordings that this one makes, before it leaves the room."""

        def end(recording: LiveRecording) -> None:
            try:
                recording.stop()
            except RtcWidgetError as error:
                print(error.message)

        for recording in self.recordings:
            if recording.state != "done":
                # Ending waits for the observer thread, on which a callback may be that closes this.
                ending = threading.Thread(target=end, args=(recording,), name="rtc_widget-recording-end")
                ending.start()
                if not self._threads.on_observer_thread():
                    ending.join()

    # -- news, on the observer thread

    def _on_recordings(self, entries: list[dict[str, Any]]) -> None:
        self._recorders = {entry["recording"]: entry["name"] for entry in entries}
        self._publish_recorders()

    def _on_recording(self, payload: dict[str, Any]) -> None:
        if payload["on"]:
            self._recorders[payload["recording"]] = payload["name"]
        else:
            self._recorders.pop(payload["recording"], None)
        self._publish_recorders()

    def _publish_recorders(self) -> None:
        names = tuple(self._recorders.values())
        if names != self.recorded_by:
            assign(self, recorded_by=names)
        self._waiters.wake()


class _OfCell:
    """Stops what a cell records when that cell is run again."""

    recording: LiveRecording | None = None

    def close(self) -> None:
        if self.recording is not None:
            self.recording.stop()


def _free_name(room: str) -> Path:
    """Return a name for a recording that begins now, of characters that every system takes."""
    plain = "".join(char if char.isalnum() else "-" for char in room)[:40].strip("-") or "recording"
    return Path(f"{plain}-{datetime.now():%Y-%m-%d-%H%M%S}").absolute()
