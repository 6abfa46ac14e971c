"""The kernel's end of the media process, which is started with the first peer and ended with the last."""

from __future__ import annotations

import concurrent.futures
import contextlib
import itertools
import logging
import os
import subprocess
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Any, Final

from ...errors import InvalidArgumentError, ProtocolError, RelayError, RtcWidgetError, WaitTimeoutError
from ...protocol.media_process import Command, Event, Handled, Notification, Ping, Reply, Request
from ...runtime import child_process
from ..ipc.pipe import Message, Unreadable, Writer, receive
from .watchdog import Watchdog

_ANSWER_SECONDS: Final = 20.0
_END_SECONDS: Final = 3.0
# So much is handled before the process is told, which lets far more wait.
_HANDLED_BYTES: Final = 1 << 18

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProcessEnded:
    """The media process has ended, with all of its peers."""

    failure: RtcWidgetError


@dataclass(frozen=True, slots=True)
class ProcessAnswers:
    """The media process does not answer, or does again."""

    now: bool


ProcessEvent = Event | ProcessEnded | ProcessAnswers
OnEvent = Callable[[ProcessEvent], None]
Post = Callable[..., None]


def _at_once(job: Callable[..., None], *args: object) -> None:
    job(*args)


class PeerLink:
    """Sends commands to one peer in the media process. Callable from any thread.

    Parameters
    ----------
    process : MediaProcess
        Where the peer is.
    key : int
        The peer's number there.
    writer : Writer
        Writes to the process.
    """

    def __init__(self, process: MediaProcess, key: int, writer: Writer) -> None:
        self._process, self.key, self._writer = process, key, writer

    def post(self, command: Command) -> None:
        """Send a command without waiting; a process that has ended is reported by `ProcessEnded`.

        Parameters
        ----------
        command : Command
            The command.
        """
        with contextlib.suppress(OSError):
            self._writer.send(Request(self.key, 0, command))

    def request(self, command: Command) -> concurrent.futures.Future[Any]:
        """Send a command, and wait for its result some other time.

        Parameters
        ----------
        command : Command
            The command.

        Returns
        -------
        concurrent.futures.Future[Any]
            Its result or refusal, set on the thread that reads the pipe.
        """
        return self._process.request(self.key, command)

    def call(self, command: Command, timeout: float = _ANSWER_SECONDS) -> Any:
        """Send a command and wait for its result.

        Parameters
        ----------
        command : Command
            The command.
        timeout : float
            Seconds.

        Returns
        -------
        object
            The result.

        Raises
        ------
        RtcWidgetError
            The refusal; ``peer_failed`` when the process has ended; ``timeout``.
        """
        future = self.request(command)
        try:
            return future.result(timeout)
        except concurrent.futures.TimeoutError:
            if future.done():
                raise
            msg = f"The media process did not answer within {timeout:g} s ({type(command).__name__})."
            raise WaitTimeoutError("timeout", msg) from None


def _steady_heap() -> str:
    """Return the C library's settings with which a heap stays as it is while media flow.

    FFmpeg aligns every block. Before glibc 2.38 (its bug 14581), what is split off beside such a block is lost when a cache
    of the thread keeps it: without this, 0.4 to 1 MiB for each minute of a browser's pictures.
    """
    given = os.environ.get("GLIBC_TUNABLES")
    return ":".join([*([given] if given else []), "glibc.malloc.tcache_count=0", "glibc.malloc.mxfast=0"])


def _start(errors: IO[bytes]) -> subprocess.Popen[bytes]:
    """Start the process, whose standard error goes to a file."""
    return subprocess.Popen(  # noqa: S603
        child_process.command("rtc_widget.peer.process"),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=errors,
        env={**child_process.environment(), "GLIBC_TUNABLES": _steady_heap()},
        start_new_session=True,
    )


class MediaProcess:
    """A running media process. All methods may be called from any thread.

    Parameters
    ----------
    start : callable
        Starts the process; takes the file for its standard error.
    """

    def __init__(self, start: Callable[[IO[bytes]], subprocess.Popen[bytes]] = _start) -> None:
        # Only for the error message, if the process ends by itself.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115
        self._process = start(self._errors)
        self._answers: Any = self._process.stdout
        self._writer = Writer(self._process.stdin)
        self._numbers = itertools.count(1)
        self._keys = itertools.count(1)
        self._waiting: dict[int, concurrent.futures.Future[Any]] = {}
        self._receivers: dict[int, tuple[OnEvent, Post]] = {}
        self._handled = 0
        self._lock = threading.Lock()
        self._ended = False
        self._reader = threading.Thread(target=self._read, name="rtc_widget-peers", daemon=True)
        self._reader.start()
        self._watchdog = Watchdog(lambda: self.request(0, Ping()), self._on_answers)

    @property
    def pid(self) -> int:
        """The process' id."""
        return self._process.pid

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._ended

    def add(self, on_event: OnEvent, post: Post = _at_once) -> PeerLink:
        """Register a new peer.

        Parameters
        ----------
        on_event : callable
            Takes the peer's events, on the threads that read the pipe and watch the process.
        post : callable
            Runs a function once the events before have been handled.

        Returns
        -------
        PeerLink
            To give it commands.
        """
        link = PeerLink(self, next(self._keys), self._writer)
        self._receivers[link.key] = on_event, post
        return link

    def remove(self, key: int) -> None:
        """Unregister a peer.

        Parameters
        ----------
        key : int
            The peer's number.
        """
        self._receivers.pop(key, None)

    def request(self, key: int, command: Command) -> concurrent.futures.Future[Any]:
        """Send a command.

        Parameters
        ----------
        key : int
            The peer's number.
        command : Command
            The command.

        Returns
        -------
        concurrent.futures.Future[Any]
            Its result or refusal.
        """
        future: concurrent.futures.Future[Any] = concurrent.futures.Future()
        number = next(self._numbers)
        with self._lock:
            self._waiting[number] = future
        try:
            self._writer.send(Request(key, number, command))
        except InvalidArgumentError as refusal:
            self._settle(number, None, refusal)
        except OSError:
            self._settle(number, None, self._failure())
        if self._ended:
            self._settle(number, None, self._failure())
        return future

    def end(self) -> None:
        """Let the process leave its rooms and end; kill it when it does not within 3 s."""
        process = self._process
        self._writer.close()
        try:
            process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if self._reader is not threading.current_thread():
            self._reader.join(_END_SECONDS)
        self._watchdog.stop()
        self._answers.close()
        self._errors.close()

    def abandon(self) -> None:
        """Close this process's copy of the pipe, because the media process belongs to another."""
        self._ended = True
        self._writer.abandon()

    def _read(self) -> None:
        try:
            while (message := receive(self._answers)) is not None:
                try:
                    self._dispatch(message)
                except Exception:
                    log.exception("An event of the media process could not be handled.")
        except (OSError, ValueError, EOFError):
            pass
        self._ended = True
        self._writer.close()  # if it is still running: without a kernel it must leave
        failure = self._failure()
        for number in list(self._waiting):
            self._settle(number, None, failure)
        self._tell(ProcessEnded(failure))

    def _on_answers(self, now: bool) -> None:
        if not self._ended:
            self._tell(ProcessAnswers(now))

    def _tell(self, event: ProcessEnded | ProcessAnswers) -> None:
        for on_event, _post in list(self._receivers.values()):
            on_event(event)

    def _dispatch(self, message: Message | Unreadable) -> None:
        match message:
            case Reply(number, value, error):
                self._settle(number, value, _error(*error) if error else None)
            case Notification(peer, event, end):
                on_event, post = self._receivers.get(peer, (None, _at_once))
                try:
                    if on_event is not None:
                        on_event(event)
                finally:
                    if end:
                        post(self._on_handled, end)
            case Unreadable(_, number) if number:
                self._settle(number, None, RtcWidgetError(**message.info()))
            case Unreadable():
                log.error("%s", message.info()["message"])

    def _on_handled(self, end: int) -> None:
        if end - self._handled >= _HANDLED_BYTES:
            self._handled = end
            with contextlib.suppress(OSError):
                self._writer.send(Request(0, 0, Handled(end)))

    def _settle(self, number: int, value: Any, error: RtcWidgetError | None) -> None:
        with self._lock:
            future = self._waiting.pop(number, None)
        if future is None:
            return
        if error is not None:
            future.set_exception(error)
        else:
            future.set_result(value)

    def _failure(self) -> RtcWidgetError:
        try:
            self._errors.seek(0)
            output = self._errors.read()[-2_000:].decode(errors="replace").strip()
        except ValueError:
            output = ""
        text = "The media process of this kernel's peers has ended: create the Peer again."
        return RtcWidgetError("peer_failed", f"{text} Its output: {output}" if output else text)


_ERRORS: Final = {
    each.__name__: each
    for each in (RtcWidgetError, ProtocolError, RelayError, WaitTimeoutError, InvalidArgumentError)
}


def _error(kind: str, code: str, message: str) -> RtcWidgetError:
    # Whoever waits for a command gets its refusal, also one of a type that is not raised there today.
    return _ERRORS.get(kind, RtcWidgetError)(code, message)


def _forget_in_child() -> None:
    """Let go of the pipe in a process that was forked off: it is the kernel's end that ends the media process."""
    global _process, _users
    if _process is not None:
        _process.abandon()
    _process, _users = None, 0


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget_in_child)

_lock = threading.Lock()
_process: MediaProcess | None = None
_users = 0


def acquire() -> MediaProcess:
    """Return this process's media process, started if necessary.

    Returns
    -------
    MediaProcess
        In use until `release` is called.
    """
    global _process, _users
    with _lock:
        if _process is None or _process.ended:
            if _process is not None:
                _process.end()
            _process, _users = MediaProcess(), 0
        _users += 1
        return _process


def release(process: MediaProcess) -> None:
    """End one use of what `acquire` returned; the last one ends the process.

    Parameters
    ----------
    process : MediaProcess
        The media process.
    """
    global _process, _users
    with _lock:
        if process is not _process:
            return  # it had ended, and another has replaced it
        _users -= 1
        if _users > 0:
            return
        _process = None
    process.end()
