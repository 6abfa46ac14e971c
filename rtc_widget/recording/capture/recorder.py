"""What `RoomWidget` and `Peer` have for recordings: making them, and knowing and declining those of others."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import RtcWidgetError
from ...room.room_member import RoomMember
from ...runtime import cell_registry
from ...runtime.lifetime import Lifetime

if TYPE_CHECKING:
    from ...signaling.observer import Observer
    from .live_recording import LiveRecording


def _nothing(_given: object) -> None:
    pass


class Recorder:
    """Records the room that somebody is in, and knows who else does.

    Parameters
    ----------
    member : RoomMember
        Who is in the room.
    life : Lifetime
        Of the widget or the peer.
    observer : callable
        Returns the observer of the room, with a teacher's token; called when the first recording begins.
    decline : callable
        Leaves this participant out of a recording, by its id.
    on_recorders : callable
        Takes the names of those who record the room, whenever they change; on the observer thread.
    on_progress : callable
        Takes a recording of this one's every second, and None when it is over. On any thread.
    on_finished : callable
        Takes the file's path or an error, when a recording that a button began has ended, or could not begin. On any
        thread.
    """

    def __init__(
        self,
        member: RoomMember,
        life: Lifetime,
        *,
        observer: Callable[[], Observer],
        decline: Callable[[str], None],
        on_recorders: Callable[[tuple[str, ...]], None],
        on_progress: Callable[[LiveRecording | None], None] = _nothing,
        on_finished: Callable[[Path | RtcWidgetError], None] = _nothing,
    ) -> None:
        self._member, self._life, self._observer, self._decline = member, life, observer, decline
        self._on_recorders, self._on_progress, self._on_finished = on_recorders, on_progress, on_finished
        self._recorders: dict[str, str] = {}
        self._cells: list[_OfCell] = []
        self.recordings: tuple[LiveRecording, ...] = ()

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
        from ..arguments import check_installed, flag

        check_installed("Recording")
        from .live_recording import LiveRecording
        from .output_path import file_of
        from .size_limits import Limits

        self._life.check_open()
        self._life.check_may_wait()
        file, limits = file_of(path), Limits(max_mb, max_minutes)
        made = _OfCell()
        cell_registry.replace_earlier(made)
        recording = LiveRecording(
            file,
            self._member,
            observer=self._observer(),
            limits=limits,
            private=flag("private", private),
            replace=flag("replace", replace),
            progress=self._on_progress,
        )
        made.recording = recording
        self._cells.append(made)
        self.recordings = (*self.recordings, recording)
        return recording

    def decline_recording(self) -> None:
        """Be left out of every recording of the room that is being made now: nothing of yours is kept.

        Raises
        ------
        RtcWidgetError
            ``closed``.
        """
        self._life.check_open()
        for recording in list(self._recorders):
            self._decline(recording)

    def switch(self, on: bool) -> None:
        """Begin a recording beside the notebook, or stop those that are being made; returns at once.

        Parameters
        ----------
        on : bool
            What a button asks for.
        """

        def act() -> None:
            try:
                if on:
                    self.record(_free_name(str(self._member.room)))
                    return
                for recording in self._unfinished():
                    self._on_finished(recording.stop().path)
            except RtcWidgetError as error:
                self._on_finished(error)

        # Both wait, and where a button's message arrives nothing may.
        threading.Thread(target=act, name="rtc_widget-recording-button", daemon=True).start()

    def close(self) -> None:
        """Stop the recordings that this one makes, before it leaves the room."""

        def end(recording: LiveRecording) -> None:
            try:
                recording.stop()
            except RtcWidgetError as error:
                print(error.message)

        for recording in self._unfinished():
            # Ending waits for the observer thread, on which a callback may be that closes this.
            ending = threading.Thread(target=end, args=(recording,), name="rtc_widget-recording-end")
            ending.start()
            if not self._life.threads.on_observer_thread():
                ending.join()

    def _unfinished(self) -> list[LiveRecording]:
        return [recording for recording in self.recordings if recording.state != "done"]

    # -- from the room; on the observer thread

    def on_snapshot(self, entries: list[dict[str, Any]]) -> None:
        """Take over who records the room now."""
        self._recorders = {entry["recording"]: entry["name"] for entry in entries}
        self._on_recorders(tuple(self._recorders.values()))

    def on_recording(self, payload: dict[str, Any]) -> None:
        """Take over that somebody has begun to record the room, or has ended."""
        if payload["on"]:
            self._recorders[payload["recording"]] = payload["name"]
        else:
            self._recorders.pop(payload["recording"], None)
        self._on_recorders(tuple(self._recorders.values()))


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
