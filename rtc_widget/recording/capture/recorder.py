"""The recordings of a `RoomWidget` or `Peer`: making them, and knowing and declining those of others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import RtcWidgetError
from ...room.room_member import RecordedBy, RoomMember
from ...runtime import cell_registry
from ...runtime.lifetime import Lifetime
from ...runtime.validation import check_flag

if TYPE_CHECKING:
    from ...signaling.observer import Observer
    from .live_recording import LiveRecording


def _ignore(_value: object) -> None:
    pass


class Recorder:
    """Makes recordings of a member's room, and keeps track of who else records it.

    Parameters
    ----------
    member : RoomMember
        The member that is in the room.
    life : Lifetime
        The lifetime of the widget or peer.
    observer : callable
        Returns the room's observer, with a teacher's token; called when a recording begins.
    decline : callable
        Declines a recording, by its id.
    on_recorders : callable
        Takes those who record the room, each with id and name, whenever they change; on the observer thread.
    on_progress : callable
        Takes a recording of this recorder every second, and None when it is over. On any thread.
    on_finished : callable
        Takes a recording when its file has been made, and the error when one could not begin, or be ended, with a
        button. On any thread.
    """

    def __init__(
        self,
        member: RoomMember,
        life: Lifetime,
        *,
        observer: Callable[[], Observer],
        decline: Callable[[str], None],
        on_recorders: Callable[[Sequence[RecordedBy]], None],
        on_progress: Callable[[LiveRecording | None], None] = _ignore,
        on_finished: Callable[[LiveRecording | RtcWidgetError], None] = _ignore,
    ) -> None:
        self._member, self._life, self._observer, self._decline = member, life, observer, decline
        self._on_recorders, self._on_progress, self._on_finished = on_recorders, on_progress, on_finished
        self._recorders: dict[str, RecordedBy] = {}
        self._cells: list[_CellRecording] = []
        self.recordings: tuple[LiveRecording, ...] = ()

    def record(
        self,
        path: str | PathLike[str],
        *,
        max_mb: float = 2_000,
        max_minutes: float = 180,
        private: bool = True,
        replace: bool = False,
    ) -> LiveRecording:
        """Record everybody in the room from now on, each camera and microphone where it is, into one file.

        Everybody is informed, from the first moment and for as long as it lasts; those who decline are left out.
        Recording continues while cells run and relays and tabs come and go, until `LiveRecording.stop`, the end of
        its ``with`` block, `close`, or another run of the cell that began it. What was recorded survives any
        failure: see `Recording.open`. The others' parts come through the relay, whose owner can read them.

        Parameters
        ----------
        path : str or path-like
            Such as "lesson3", which makes ``lesson3.rtcw.zip``.
        max_mb, max_minutes : float
            The recording stops by itself at either limit, and prints a warning at 90 %.
        private : bool
            Replace addresses, ports, ICE credentials, fingerprints and stream ids with placeholders.
        replace : bool
            Whether an existing recording of that name may be replaced, once this one is made.

        Returns
        -------
        LiveRecording
            Stops at `LiveRecording.stop`, or at the end of its ``with`` block.

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
        from ..arguments import check_installed

        check_installed("Recording")
        from .live_recording import LiveRecording
        from .output_path import file_of
        from .size_limits import SizeLimits

        self._life.check_open()
        self._life.check_may_wait()
        file, limits = file_of(path), SizeLimits(max_mb, max_minutes)
        cell = _CellRecording()
        cell_registry.replace_earlier(cell)
        recording = LiveRecording(
            file,
            self._member,
            observer=self._observer(),
            limits=limits,
            private=check_flag("private", private),
            replace=check_flag("replace", replace),
            progress=self._on_progress,
            finished=self._on_finished,
        )
        cell.recording = recording
        self._cells.append(cell)
        self.recordings = (*self.recordings, recording)
        return recording

    def decline_recording(self) -> None:
        """Decline all current recordings of the room: nothing of yours is kept.

        Raises
        ------
        RtcWidgetError
            ``closed``.
        """
        self._life.check_open()
        for recording in list(self._recorders):
            self._decline(recording)

    def set_recording(self, on: bool) -> None:
        """Start a recording next to the notebook, or stop all running ones, as a button does; returns at once.

        Parameters
        ----------
        on : bool
            Whether to start one.
        """

        def act() -> None:
            try:
                if on:
                    self.record(_free_name(str(self._member.room)))
                    return
                for recording in self._unfinished():
                    recording.stop()
            except RtcWidgetError as error:
                self._on_finished(error)

        # Both block, and comm messages are handled on a thread that must not.
        threading.Thread(target=act, name="rtc_widget-recording-button", daemon=True).start()

    def close(self) -> None:
        """Stop all running recordings, before the member leaves the room."""

        def end(recording: LiveRecording) -> None:
            try:
                recording.stop()
            except RtcWidgetError as error:
                print(error.message)

        for recording in self._unfinished():
            # Stopping waits for the observer thread; a callback that runs there may be what closes this.
            ending = threading.Thread(target=end, args=(recording,), name="rtc_widget-recording-end")
            ending.start()
            if not self._life.threads.on_observer_thread():
                ending.join()

    def _unfinished(self) -> list[LiveRecording]:
        return [recording for recording in self.recordings if recording.state != "done"]

    # -- from the room; on the observer thread

    def on_snapshot(self, entries: list[dict[str, Any]]) -> None:
        """Set who records the room. On the observer thread.

        Parameters
        ----------
        entries : list of dict
            The recordings of the acknowledgement of ``join_room``.
        """
        self._recorders = {entry["recording"]: _recorder(entry) for entry in entries}
        self._on_recorders([*self._recorders.values()])

    def on_recording(self, payload: dict[str, Any]) -> None:
        """Update who records the room. On the observer thread.

        Parameters
        ----------
        payload : dict
            The event ``recording``.
        """
        if payload["on"]:
            self._recorders[payload["recording"]] = _recorder(payload)
        else:
            self._recorders.pop(payload["recording"], None)
        self._on_recorders([*self._recorders.values()])


def _recorder(entry: dict[str, Any]) -> RecordedBy:
    return RecordedBy(entry.get("by"), entry["name"])


class _CellRecording:
    """Stops what a cell records when that cell is run again."""

    recording: LiveRecording | None = None

    def close(self) -> None:
        if self.recording is not None:
            self.recording.stop()


def _free_name(room: str) -> Path:
    """Return a name for a recording that begins now, of characters that every system takes."""
    name = "".join(char if char.isalnum() else "-" for char in room)[:40].strip("-") or "recording"
    return Path(f"{name}-{datetime.now():%Y-%m-%d-%H%M%S}").absolute()
