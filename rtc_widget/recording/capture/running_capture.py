"""A recording while it runs: the threads, the staging folder and the connection that it needs, from begin to end."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import secrets
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

from ...errors import InvalidArgumentError, RtcWidgetError, WaitTimeoutError
from ...runtime import threads
from ...runtime.paths import reason_of
from ...runtime.validation import check_number
from ...signaling.observer import Observer
from ..arguments import MB, check_title
from ..contents import Ended
from ..finalize.finalize import finish
from .capture_session import CaptureSession
from .event_filter import EventFilter
from .member_log import MemberLog
from .output_path import OutputPath
from .size_limits import SizeLimits
from .staging_folder import StagingFolder

if TYPE_CHECKING:
    from ...room.room_member import RoomMember

_BEGIN_SECONDS: Final = 15.0
# Longer than it takes to announce the end and to wait for the others' last chunks (`capture_session`).
_END_SECONDS: Final = 30.0
_TICK_SECONDS: Final = 1.0
_GONE_SECONDS: Final = 2.0
_WARN_AT: Final = 0.9


class RunningCapture:
    """Records a room from `begin` until `stop`, a limit, a full disk or a refusal by the relay.

    It has the members of `Recording` that mean something before there is a file: `LiveRecording` hands over to it.

    Parameters
    ----------
    path : Path
        Where the file will be, as of `file_of`.
    member : RoomMember
        The member in whose name the room is recorded.
    limits : SizeLimits
        Where the recording stops by itself.
    private : bool
        Whether private values become placeholders.
    replace : bool
        Whether what is at the path may be replaced once this recording is finished.
    on_state : callable
        Takes "recording", "finishing" or "done" when the state changes. On any thread.
    on_progress : callable
        Called when it begins, and every second. On any thread.
    on_finished : callable
        Called when the file has been made. On any thread.

    Attributes
    ----------
    id : str
        The recording's id on the relay.
    state : str
        "recording", "finishing" or "done".
    nearly_full : bool
        Whether 90 % of a limit are used up.

    Raises
    ------
    InvalidArgumentError
        ``recording_failed`` when the path is in use, or exists and may not be replaced.
    """

    def __init__(
        self,
        path: Path,
        member: RoomMember,
        *,
        limits: SizeLimits,
        private: bool,
        replace: bool,
        on_state: Callable[[str], None],
        on_progress: Callable[[], None],
        on_finished: Callable[[], None],
    ) -> None:
        self.id = secrets.token_urlsafe(9)
        self.state = "recording"
        self.nearly_full = False
        self._path, self._member, self._limits = path, member, limits
        self._on_state, self._on_progress, self._on_finished = on_state, on_progress, on_finished
        self._ending = threading.Lock()
        # Why it ends by itself, and whether making its file has failed.
        self._end_reason: Ended | None = None
        self._is_unfinished = False
        # Length and size at the end, while the file is being made.
        self._final: tuple[float, int] | None = None
        self._filter = EventFilter(private)
        self._output = OutputPath(path, replace=replace)
        self._threads = threads.acquire()

    def begin(self, observer: Observer) -> None:
        """Begin to record, and wait until everybody in the room has been told.

        Parameters
        ----------
        observer : Observer
            Of the room, with a teacher's token.

        Raises
        ------
        InvalidArgumentError
            ``recording_failed`` when nothing can be written at the path.
        WaitTimeoutError
            ``relay_unreachable`` after 15 s.
        ProtocolError
            ``forbidden`` without a teacher's token.
        """
        # A limit or a refusal that comes this early waits until the recording has begun.
        with self._ending:
            self._begin(observer)

    def _begin(self, observer: Observer) -> None:
        member = self._member
        try:
            about = {
                "room": member.room,
                "began": time.time(),
                "private": self._filter.private,
                "recorder": None,
            }
            self._folder = StagingFolder(self._output.part, about, self._limits.size, self._on_disk_failed)
        except BaseException:
            self._output.restore()
            self._release()
            raise
        began: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._session = CaptureSession(
            member.room,
            self.id,
            name=member.name,
            by=None if member.me is None else member.me.id,
            observer=observer,
            folder=self._folder,
            event_filter=self._filter,
            max_bytes=self._limits.size,
            began=lambda: _settle(began),
            failed=lambda error: self._on_refused(began, error),
        )
        # First, so that the recorder's own widget does not announce a stranger's recording.
        self._on_progress()
        self._threads.loop.call_soon_threadsafe(self._session.start)
        try:
            self._await(began)
        except BaseException:
            self._stop_capture(drain=False)
            self._folder.close(Ended("relay", "It never began."))
            self._output.restore()
            self._release()
            raise
        self._member_log = MemberLog(member, self._folder, self._filter)
        self._ticking = self._threads.spawn(self._tick())

    def _await(self, began: concurrent.futures.Future[None]) -> None:
        try:
            began.result(_BEGIN_SECONDS)
        except concurrent.futures.TimeoutError:
            msg = f"The relay could not be reached within {_BEGIN_SECONDS:g} s: nothing is recorded."
            raise WaitTimeoutError("relay_unreachable", msg) from None

    # -- what a user may do meanwhile

    @property
    def seconds(self) -> float:
        """How long the recording is, seconds."""
        return self._folder.seconds if self._final is None else self._final[0]

    @property
    def size(self) -> int:
        """How large the recording is, bytes."""
        return self._folder.size if self._final is None else self._final[1]

    @property
    def is_connected(self) -> bool:
        """Whether the relay can be reached now, as far as that matters in this state."""
        return self._session.connected or self.state != "recording"

    def chapter(self, title: str, t: float) -> None:
        """Begin a chapter; see `LiveRecording.chapter`.

        Parameters
        ----------
        title : str
            The chapter's title.
        t : float
            Seconds since the recording began, not in the future.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for a title that is empty or too long, and for a time that is not in the recording.
            ``recording_failed`` while the file is being made.
        """
        if self.state != "recording":
            self._contents()
        at = check_number("t", t)
        if not 0 <= at <= self.seconds:
            msg = f"t must be from 0 to {self.seconds:.1f} s, the length of the recording so far, not {t!r}."
            raise InvalidArgumentError("bad_argument", msg)
        text = self._filter.text_values(check_title(title))
        self._folder.write_line("chapters", {"time": round(at, 3), "title": text, "kind": "mark"})

    def stop(self) -> None:
        """Stop, wait for the last chunks, and make the file; see `LiveRecording.stop`.

        Raises
        ------
        RtcWidgetError
            ``recording_failed`` when the file cannot be made; ``would_deadlock`` in a callback.
        """
        if self._threads.on_observer_thread():
            msg = "A callback cannot stop a recording: stopping waits for the thread that callbacks run on."
            raise RtcWidgetError("would_deadlock", msg)
        self._end(Ended("stopped", "It was stopped."))

    def close(self) -> None:
        """Do nothing: reading has made nothing yet that could be removed."""

    def __repr__(self) -> str:
        return f"<Recording of {self._member.room!r}: {self.state}, {self.progress}>"

    @property
    def progress(self) -> str:
        """Length and size as text, such as "1:02, 3.4 MB"."""
        minutes, seconds = divmod(int(self.seconds), 60)
        return f"{minutes}:{seconds:02d}, {self.size / MB:.1f} MB{'' if self.is_connected else ', no relay'}"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": repr(self)}

    def _contents(self) -> NoReturn:
        msg = "The recording is still running: call stop() first, or leave its with block."
        raise InvalidArgumentError("recording_failed", msg)

    # -- how it goes on

    async def _tick(self) -> None:
        """Report progress every second, and stop at the limit."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            share, which = self._limits.usage(self.size, self.seconds)
            if share >= 1:
                self._end_soon(Ended("limit", f"It had reached {which}, which was its limit."))
                return
            if share >= _WARN_AT and not self.nearly_full:
                self.nearly_full = True
                self._print(
                    f"The recording {self._path.name} has reached {share:.0%} of {which}, where it stops."
                )
            self._on_progress()

    def _print(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def _on_refused(self, began: concurrent.futures.Future[None], error: RtcWidgetError) -> None:
        if not began.done():
            began.set_exception(error)
        else:
            self._end_soon(Ended("relay", f"The relay refused: {error.message}"))

    def _on_disk_failed(self, error: OSError) -> None:
        self._end_soon(Ended("disk", f"The disk could not be written to: {reason_of(error)}."))

    # -- how it ends

    def _end_soon(self, ended: Ended) -> None:
        """End on a separate thread: ending waits for the threads that find out that it has to end."""
        self._end_reason = self._end_reason or ended

        def act() -> None:
            problem = ""
            try:
                if not self._end(ended):
                    return
            except RtcWidgetError as error:
                problem = f" {error.message}"
            self._print(f"The recording {self._path.name} has ended. {ended.message}{problem}")

        threading.Thread(target=act, name="rtc_widget-recording-end", daemon=True).start()

    def _end(self, ended: Ended) -> bool:
        """End everything and make the file. Each step may be repeated, after an interrupt or once the disk has room.

        Returns
        -------
        bool
            Whether there was something to do.
        """
        with self._ending:
            if self.state == "done" and not self._is_unfinished:
                return False
            if self.state != "done":
                self._shut_down(self._end_reason or ended)
            try:
                finish(self._output.part)
            except Exception:
                # The disk may be full, or the file name taken.
                self._is_unfinished = True
                self._release()
                raise
            self._is_unfinished = False
            self._output.discard_replaced()
            self._release()
            self._on_finished()
            return True

    def _shut_down(self, ended: Ended) -> None:
        if self._final is None:
            self._final = self._folder.seconds, self._folder.size
        self._set_state("finishing")
        self._ticking.cancel()
        self._member_log.close()
        lost = self._session.lost_at
        gone = lost is not None and self._final[0] - lost > _GONE_SECONDS
        if gone and ended.reason == "stopped":
            ended = Ended("relay", f"The relay was unreachable from {lost:.1f} s on.")
        self._stop_capture(drain=ended.reason != "disk")
        self._folder.close(ended)

    def _stop_capture(self, *, drain: bool) -> None:
        ending = self._threads.spawn(self._session.end(drain=drain))
        concurrent.futures.wait([ending], timeout=_END_SECONDS)
        closing = self._threads.spawn(self._session.close())
        concurrent.futures.wait([closing], timeout=_END_SECONDS)

    def _release(self) -> None:
        """Release the path and the threads, once."""
        if self.state != "done":
            self._output.release()
            threads.release()
            self._set_state("done")

    def _set_state(self, state: str) -> None:
        self.state = state
        self._on_state(state)


def _settle(future: concurrent.futures.Future[None]) -> None:
    with contextlib.suppress(concurrent.futures.InvalidStateError):
        future.set_result(None)
