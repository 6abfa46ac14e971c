"""A recording that is being made: `RoomWidget.record` and `Peer.record` return it, and it is the recording afterwards."""

from __future__ import annotations

import asyncio
import concurrent.futures
import secrets
import shutil
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final

from ... import _loop
from ...errors import InvalidArgumentError, RtcWidgetError, WaitTimeoutError
from ...relay.address import Relay
from ..contents import PART, SUFFIX, Ended
from ..members import Members
from ..recording import Recording
from .capture import Capture
from .folder import Folder
from .plain import Plain
from .told import Told

if TYPE_CHECKING:
    from ...presence import Presence

_BEGIN_SECONDS: Final = 15.0
# Longer than a capture waits for what is on its way, and for a connection.
_END_SECONDS: Final = 20.0
_TICK_SECONDS: Final = 1.0
_WARN_AT: Final = 0.9
_MEGABYTE: Final = 1_000_000

_active: set[Path] = set()
_lock = threading.Lock()


class Limits:
    """How large and how long a recording may become.

    Parameters
    ----------
    max_mb, max_minutes : float
        Above 0.
    """

    def __init__(self, max_mb: float, max_minutes: float) -> None:
        for what, value in (("max_mb", max_mb), ("max_minutes", max_minutes)):
            if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
                msg = f"{what} is a number above 0, not {value!r}."
                raise InvalidArgumentError("bad_argument", msg)
        self.size, self.seconds = max_mb * _MEGABYTE, max_minutes * 60
        self._text = f"{max_mb:g} MB", f"{max_minutes:g} minutes"

    def share(self, size: int, seconds: float) -> tuple[float, str]:
        """Return how much of the nearer limit is used up, and which that is."""
        return max((size / self.size, self._text[0]), (seconds / self.seconds, self._text[1]))


def path_of(path: str | Path) -> Path:
    """Return where a recording's file will be.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for what is no path.
    """
    if not isinstance(path, str | Path) or not Path(path).name:
        msg = f"A recording needs the name of a file, such as 'lesson3', not {path!r}."
        raise InvalidArgumentError("bad_argument", msg)
    path = Path(path)
    return path if path.name.endswith(SUFFIX) else path.with_name(path.name + SUFFIX)


class LiveRecording(Recording):
    """A recording from its beginning on. As a context manager it stops at the end of the block.

    Until it has been stopped it knows `seconds`, `size` and `state`; then it is a `Recording`.

    Parameters
    ----------
    path : Path
        Where its file will be.
    presence : Presence
        Who records.
    relay, token
        As of `RoomWidget`.
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
        presence: Presence,
        *,
        relay: Relay | None,
        token: str | None,
        limits: Limits,
        private: bool,
        replace: bool,
        progress: Callable[[LiveRecording | None], None],
    ) -> None:
        super().__init__(path)
        self.state = "recording"
        self.id = secrets.token_urlsafe(9)
        self._presence, self._limits, self._progress = presence, limits, progress
        self._ending = threading.Lock()
        self._warned = False
        self._done = threading.Event()
        self._part = path.with_name(path.name + PART)
        with _lock:
            if path in _active:
                msg = f"{path} is being recorded: stop that, or give this one another name."
                raise InvalidArgumentError("recording_failed", msg)
            _active.add(path)
        self._threads = _loop.acquire()
        try:
            _make_way(path, self._part, replace)
            about = {"room": presence.room, "began": time.time(), "private": private, "recorder": None}
            self._folder = Folder(self._part, about, self._disk_failed)
        except BaseException:
            self._give_up()
            raise
        began: concurrent.futures.Future[None] = concurrent.futures.Future()
        plain = Plain(private)
        self._capture = Capture(
            presence.room,
            self.id,
            name=presence.name,
            relay=relay,
            token=token,
            folder=self._folder,
            plain=plain,
            began=lambda: _settle(began),
            failed=lambda error: self._refused(began, error),
        )
        # First, so that who records is not told that somebody does.
        self._progress(self)
        self._running = self._threads.spawn(self._capture.run())
        self._told: Told | None = None
        try:
            self._await(began)
        except BaseException:
            self._stop_capture()
            self._folder.close(Ended("relay", "It never began."))
            _remove(self._part)
            self._give_up()
            self._progress(None)
            raise
        self._told = Told(presence, self._folder, plain)
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
        return self._folder.seconds if self.state == "recording" else super().seconds

    @property
    def size(self) -> int:
        """How large it is, in bytes."""
        return self._folder.size if self.state == "recording" else super().size

    @property
    def progress(self) -> str:
        """Its length and size in a few words."""
        minutes, seconds = divmod(int(self.seconds), 60)
        return f"{minutes}:{seconds:02d}, {self.size / _MEGABYTE:.1f} MB"

    def chapter(self, title: str, t: float | None = None) -> None:
        """Begin a chapter: now, or at ``t`` seconds."""
        if self.state != "recording":
            super().chapter(title, 0.0 if t is None else t)
            return
        at = self.seconds if t is None else float(t)
        self._folder.line("chapters", {"time": round(at, 3), "title": str(title), "kind": "mark"})

    def stop(self) -> LiveRecording:
        """Stop, wait for what is on its way, and make the file. May be called twice.

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
        return f"<Recording of {self._presence.room!r}: {self.state}, {self.progress}>"

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

    @property
    def nearly_full(self) -> bool:
        """Whether it will soon stop by itself."""
        return self._warned

    def _say(self, text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    def _refused(self, began: concurrent.futures.Future[None], error: RtcWidgetError) -> None:
        if not began.done():
            began.set_exception(error)
        else:
            self._end_soon(Ended("relay", f"The relay refused: {error.message}"))

    def _disk_failed(self, error: OSError) -> None:
        reason = error.strerror or type(error).__name__
        self._end_soon(Ended("disk", f"The disk took no more: {reason}."))

    def _end_soon(self, ended: Ended) -> None:
        """End it on a thread of its own: what finds out that it has to end is what ending it waits for."""

        def act() -> None:
            try:
                self._end(ended)
                self._say(f"The recording {self.path.name} has ended. {ended.message}")
            except RtcWidgetError as error:
                self._say(f"The recording {self.path.name} has ended. {ended.message} {error.message}")

        threading.Thread(target=act, name="rtc_widget-recording-end", daemon=True).start()

    def _end(self, ended: Ended) -> None:
        from ..finish import finish

        with self._ending:
            if self.state == "done":
                return
            self.state = "finishing"
            self._ticking.cancel()
            if self._told is not None:
                self._told.close()
            self._stop_capture()
            self._folder.close(ended)
            try:
                # The disk may be full, or the file's name be taken away.
                finish(self._part)
            finally:
                self.state = "done"
                self._give_up()
                self._progress(None)

    def _stop_capture(self) -> None:
        ending = self._threads.spawn(self._capture.end())
        concurrent.futures.wait([ending], timeout=_END_SECONDS)
        self._running.cancel()
        concurrent.futures.wait([self._running], timeout=_END_SECONDS)

    def _give_up(self) -> None:
        with _lock:
            _active.discard(self.path)
        _loop.release()


def _settle(future: concurrent.futures.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def _make_way(file: Path, part: Path, replace: bool) -> None:
    """Refuse to record over what is there, unless that is wanted."""
    for there, what in ((file, "is there already"), (part, "is what is left of a recording that broke off")):
        if there.exists() and not replace:
            msg = f"{there} {what}: choose another name, or record(…, replace=True)."
            raise InvalidArgumentError("recording_failed", msg)
    _remove(part)


def _remove(part: Path) -> None:
    shutil.rmtree(part, ignore_errors=True)
