"""A recording that is being made: `RoomWidget.record` and `Peer.record` return it, and it is the recording afterwards."""

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
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from ...errors import InvalidArgumentError, RtcWidgetError, WaitTimeoutError
from ...runtime import threads
from ...signaling.observer import Observer
from ..arguments import MB, number, reason_of, title_of
from ..contents import Ended
from ..finalize.finalize import finish
from ..read.members import Members
from ..recording import Recording
from .capture_session import CaptureSession
from .event_filter import Plain
from .member_log import MemberLog
from .output_path import Place
from .size_limits import Limits
from .staging_folder import Folder

if TYPE_CHECKING:
    from ...room.room_member import RoomMember

_BEGIN_SECONDS: Final = 15.0
# Longer than a capture waits for what is on its way, and for a connection.
_END_SECONDS: Final = 20.0
_TICK_SECONDS: Final = 1.0
_GONE_SECONDS: Final = 2.0
_WARN_AT: Final = 0.9


class LiveRecording(Recording):
    """A recording from its beginning on. As a context manager it stops at the end of the block.

    Until it has been stopped it knows `seconds`, `size` and `state`; then it is a `Recording`.

    Parameters
    ----------
    path : Path
        Where its file will be, as of `file_of`.
    member : RoomMember
        Who records.
    observer : Observer
        Of the room, with a teacher's token.
    limits : Limits
        Where it stops by itself.
    private : bool
        Whether what is private becomes placeholders.
    replace : bool
        Whether what is at the path may be lost once this one is made.
    progress : callable
        Takes the recording every second and at its end; None when it is over. On the RTC thread.

    Attributes
    ----------
    state : str
        "recording", "finishing" or "done".
    """

    def __init__(
        self,
        path: Path,
        member: RoomMember,
        *,
        observer: Observer,
        limits: Limits,
        private: bool,
        replace: bool,
        progress: Callable[[LiveRecording | None], None],
    ) -> None:
        super().__init__(path)
        self.state = "recording"
        self.id = secrets.token_urlsafe(9)
        self._member, self._limits, self._progress = member, limits, progress
        self._ending = threading.Lock()
        # Why it ends by itself, and whether making its file has failed.
        self._why: Ended | None = None
        self._unmade = False
        self._warned = False
        # How long and large it was when it ended, while its file is being made.
        self._last: tuple[float, int] | None = None
        self._plain = Plain(private)
        self._place_of = Place(path, replace=replace)
        self._threads = threads.acquire()
        # Who finds out meanwhile that it has to end, waits until it has begun.
        with self._ending:
            self._begin(observer)

    def _begin(self, observer: Observer) -> None:
        member, plain = self._member, self._plain
        try:
            about = {"room": member.room, "began": time.time(), "private": plain.private, "recorder": None}
            self._folder = Folder(self._place_of.part, about, self._disk_failed)
        except BaseException:
            self._place_of.back()
            self._over()
            raise
        began: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._capture = CaptureSession(
            member.room,
            self.id,
            name=member.name,
            observer=observer,
            folder=self._folder,
            plain=plain,
            began=lambda: _settle(began),
            failed=lambda error: self._fail(began, error),
        )
        # First, so that who records is not told that somebody does.
        self._progress(self)
        self._threads.loop.call_soon_threadsafe(self._capture.start)
        try:
            self._await(began)
        except BaseException:
            self._stop_capture(rest=False)
            self._folder.close(Ended("relay", "It never began."))
            self._place_of.back()
            self._over()
            raise
        self._member_log = MemberLog(member, self._folder, plain)
        self._ticking = self._threads.spawn(self._tick())

    def _await(self, began: concurrent.futures.Future[None]) -> None:
        try:
            began.result(_BEGIN_SECONDS)
        except concurrent.futures.TimeoutError:
            msg = f"The relay could not be reached for {_BEGIN_SECONDS:g} s: nothing is recorded."
            raise WaitTimeoutError("relay_unreachable", msg) from None

    # -- what a user may do

    @property
    def seconds(self) -> float:
        """How long it is."""
        if self.state == "done":
            return super().seconds
        return self._folder.seconds if self._last is None else self._last[0]

    @property
    def size(self) -> int:
        """How large it is, in bytes."""
        if self.state == "done":
            return super().size
        return self._folder.size if self._last is None else self._last[1]

    @property
    def progress(self) -> str:
        """Its length and size in a few words."""
        minutes, seconds = divmod(int(self.seconds), 60)
        gone = "" if self._capture.connected or self.state != "recording" else ", no relay"
        return f"{minutes}:{seconds:02d}, {self.size / MB:.1f} MB{gone}"

    @property
    def nearly_full(self) -> bool:
        """Whether it will soon stop by itself."""
        return self._warned

    def chapter(self, title: str, t: float | None = None) -> None:
        """Begin a chapter: now, or at ``t`` seconds; see `Recording.chapter`.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` for what is no title, and for a time that is not in the recording.
        """
        if self.state != "recording":
            super().chapter(title, self.seconds if t is None else t)
            return
        at = self.seconds if t is None else number("t", t)
        if not 0 <= at <= self.seconds:
            msg = f"t is from 0 to {self.seconds:.1f} s, which is how long it is by now, not {t!r}."
            raise InvalidArgumentError("bad_argument", msg)
        said = self._plain.said(title_of(title))
        self._folder.line("chapters", {"time": round(at, 3), "title": said, "kind": "mark"})

    def stop(self) -> LiveRecording:
        """Stop, wait for what is on its way, and make the file.

        May be called again: after it was interrupted, and after the file could not be made.

        Raises
        ------
        RtcWidgetError
            ``recording_failed`` when the file cannot be made; what was recorded is kept beside it.
            ``would_deadlock`` in a callback.
        """
        if self._threads.on_observer_thread():
            msg = "A callback cannot stop a recording, which waits for the thread that it runs on."
            raise RtcWidgetError("would_deadlock", msg)
        self._end(Ended("stopped", "It was stopped."))
        return self

    def __enter__(self) -> LiveRecording:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        if self.state == "done":
            return super().__repr__()
        return f"<Recording of {self._member.room!r}: {self.state}, {self.progress}>"

    def _repr_mimebundle_(self, **options: Any) -> dict[str, str]:
        if self.state == "done":
            return super()._repr_mimebundle_(**options)
        return {"text/plain": repr(self)}

    def _contents(self) -> Members:
        if self.state != "done":
            msg = "This is still being recorded: stop() it first, or leave its with block."
            raise InvalidArgumentError("recording_failed", msg)
        return super()._contents()

    # -- how it goes on

    async def _tick(self) -> None:
        """Show how it goes, and stop at the limit."""
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            share, which = self._limits.share(self.size, self.seconds)
            if share >= 1:
                self._end_soon(Ended("limit", f"It had reached {which}, which was its limit."))
                return
            if share >= _WARN_AT and not self._warned:
                self._warned = True
                self._say(
                    f"The recording {self.path.name} has reached {share:.0%} of {which}, where it stops."
                )
            self._progress(self)

    def _say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def _fail(self, began: concurrent.futures.Future[None], error: RtcWidgetError) -> None:
        if not began.done():
            began.set_exception(error)
        else:
            self._end_soon(Ended("relay", f"The relay refused: {error.message}"))

    def _disk_failed(self, error: OSError) -> None:
        self._end_soon(Ended("disk", f"The disk took no more: {reason_of(error)}."))

    def _end_soon(self, ended: Ended) -> None:
        """End it on a thread of its own: what finds out that it has to end is what ending it waits for."""
        self._why = self._why or ended

        def act() -> None:
            problem = ""
            try:
                if not self._end(ended):
                    return
            except RtcWidgetError as error:
                problem = f" {error.message}"
            self._say(f"The recording {self.path.name} has ended. {ended.message}{problem}")

        threading.Thread(target=act, name="rtc_widget-recording-end", daemon=True).start()

    def _end(self, ended: Ended) -> bool:
        """End everything and make the file; each step may be done again, by who was interrupted in it or has made room.

        Returns
        -------
        bool
            Whether there was something to do.
        """
        with self._ending:
            if self.state == "done" and not self._unmade:
                return False
            if self.state != "done":
                self._close_down(self._why or ended)
            try:
                finish(self._place_of.part)
            except Exception:
                # The disk may be full, or the file's name be taken away.
                self._unmade = True
                self._over()
                raise
            self._unmade = False
            self._place_of.done()
            self._over()
            return True

    def _close_down(self, ended: Ended) -> None:
        if self._last is None:
            self._last = self._folder.seconds, self._folder.size
        self.state = "finishing"
        self._ticking.cancel()
        self._member_log.close()
        lost = self._capture.lost_at
        gone = lost is not None and self._last[0] - lost > _GONE_SECONDS
        if gone and ended.reason == "stopped":
            ended = Ended("relay", f"The relay was gone from {lost:.1f} s on, and did not come back.")
        self._stop_capture(rest=ended.reason != "disk")
        self._folder.close(ended)

    def _stop_capture(self, *, rest: bool) -> None:
        ending = self._threads.spawn(self._capture.end(rest=rest))
        concurrent.futures.wait([ending], timeout=_END_SECONDS)
        closing = self._threads.spawn(self._capture.close())
        concurrent.futures.wait([closing], timeout=_END_SECONDS)

    def _over(self) -> None:
        """Let go of everything; once."""
        if self.state != "done":
            self.state = "done"
            self._place_of.give_up()
            threads.release()
            self._progress(None)


def _settle(future: concurrent.futures.Future[None]) -> None:
    with contextlib.suppress(concurrent.futures.InvalidStateError):
        future.set_result(None)
