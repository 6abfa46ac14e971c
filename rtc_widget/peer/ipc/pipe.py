"""Messages between a kernel and its media process: pickled, each preceded by its length and by whom it concerns.

Both ends are processes of one program, so unpickling is as safe as the program itself. What a notebook defines is in one of
them only, so nothing is pickled but the messages' own classes and builtins. One that cannot be read costs itself alone.
"""

from __future__ import annotations

import io
import os
import pickle
import select
import struct
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, Final

from ...errors import ErrorInfo, InvalidArgumentError
from ...ice.turn_server import TurnServer
from ...protocol.media_process import COMMANDS, EVENTS, Notification, Reply, Request

# The length of the body, and the numbers of the peer and of the request, 0 without one.
_HEADER: Final = struct.Struct("=IQQ")
_WRITE_SECONDS: Final = 10.0

_BASES: Final[tuple[tuple[type, Callable[[Any], Any]], ...]] = (
    (str, str.__str__),
    (int, int.__int__),
    (float, float.__float__),
    (bytes, bytes.__bytes__),
    (tuple, tuple),
    (list, list),
    (dict, dict),
)
_CLASSES: Final = frozenset(
    {Request, Reply, Notification, TurnServer, *COMMANDS, *EVENTS, *(base for base, _plain in _BASES)}
)

Message = Request | Reply | Notification


@dataclass(frozen=True, slots=True)
class Unreadable:
    """What has come in the place of a message that cannot be read.

    Attributes
    ----------
    peer : int
        The number of the peer that it concerns.
    number : int
        Of the request; 0 when nobody waits for the answer.
    reason : str
        Why it cannot be read.
    """

    peer: int
    number: int
    reason: str

    def info(self) -> ErrorInfo:
        """Return the error for whom it concerns.

        Returns
        -------
        ErrorInfo
            Code and message.
        """
        message = f"A message between the kernel and the media process could not be read: {self.reason}."
        return {"code": "peer_failed", "message": message}


class _Pickler(pickle.Pickler):
    """Pickles an instance of a builtin's subclass as the builtin, and refuses other classes than the messages' own."""

    def reducer_override(self, obj: Any) -> Any:
        """Return how something is pickled whose type is not exactly a builtin."""
        if (obj if isinstance(obj, type) else type(obj)) in _CLASSES:
            return NotImplemented
        for base, plain in _BASES:
            if isinstance(obj, base):
                return base, (plain(obj),)
        kind = type(obj)
        msg = f"A {kind.__module__}.{kind.__qualname__} cannot be passed to the media process: pass a str or a number."
        raise InvalidArgumentError("bad_argument", msg)


def pack(message: Message) -> bytes:
    """Serialize a message.

    Parameters
    ----------
    message : Message
        The message.

    Returns
    -------
    bytes
        Header and body.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for what is neither a builtin nor a message.
    """
    body = io.BytesIO()
    _Pickler(body, pickle.HIGHEST_PROTOCOL).dump(message)
    peer = 0 if isinstance(message, Reply) else message.peer
    number = 0 if isinstance(message, Notification) else message.number
    return _HEADER.pack(body.tell(), peer, number) + body.getvalue()


def receive(stream: BinaryIO) -> Message | Unreadable | None:
    """Block until the next message.

    Parameters
    ----------
    stream : file
        The reading end of a pipe.

    Returns
    -------
    Message or Unreadable or None
        None at the end of the pipe, also in the middle of a message: a process may be killed while it writes.
    """
    header = stream.read(HEADER_BYTES)
    if len(header) < HEADER_BYTES:
        return None
    body = stream.read(length := body_length(header))
    if len(body) < length:
        return None
    return unpack(header, body)


HEADER_BYTES: Final = _HEADER.size


def body_length(header: bytes) -> int:
    """Parse a header.

    Parameters
    ----------
    header : bytes
        `HEADER_BYTES` bytes.

    Returns
    -------
    int
        How many bytes follow it.
    """
    return int(_HEADER.unpack(header)[0])


def unpack(header: bytes, body: bytes) -> Message | Unreadable:
    """Parse a message.

    Parameters
    ----------
    header : bytes
        `HEADER_BYTES` bytes.
    body : bytes
        What followed them.

    Returns
    -------
    Message or Unreadable
        The message.
    """
    try:
        message: Message = pickle.loads(body)  # noqa: S301
    except Exception as error:
        _length, peer, number = _HEADER.unpack(header)
        return Unreadable(peer, number, f"{type(error).__name__}: {error}")
    return message


class Writer:
    """Writes messages from any thread; a process that has stopped reading causes an error instead of a hang.

    A message is never left half written, which would garble all that follow: small ones are written at once or not
    at all, large ones on a thread that an interrupt does not reach.

    Parameters
    ----------
    pipe : object
        The writing end, which becomes non-blocking.

    Raises
    ------
    BrokenPipeError
        From `send`, when the other side has ended, or after `close`.
    TimeoutError
        From `send`, when it has not read for 10 s.
    """

    def __init__(self, pipe: Any) -> None:
        self._pipe = pipe
        self._closed = False
        os.set_blocking(pipe.fileno(), False)
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Write one message.

        Parameters
        ----------
        message : Message
            The message.

        Raises
        ------
        Exception
            `BrokenPipeError` when the other side has ended, or after `close`; `TimeoutError` when it has not read
            for 10 s; `InvalidArgumentError` as of `pack`.
        """
        data = pack(message)
        if len(data) <= select.PIPE_BUF:
            self._write(data)
            return
        problems: list[Exception] = []

        def write() -> None:
            try:
                self._write(data)
            except OSError as error:
                problems.append(error)

        thread = threading.Thread(target=write, name="rtc_widget-commands", daemon=True)
        thread.start()
        thread.join(_WRITE_SECONDS + 1)
        if problems:
            raise problems[0]

    def close(self) -> None:
        """Close the pipe: the other side reads its end."""
        self._closed = True
        held = self._lock.acquire(
            timeout=1
        )  # if it is held for longer, its owner waits for a process that does not read
        self._pipe.close()
        if held:
            self._lock.release()

    def abandon(self) -> None:
        """Close without the lock, which nobody can release in a forked child."""
        self._closed = True
        self._pipe.close()

    def _write(self, data: bytes) -> None:
        deadline = time.monotonic() + _WRITE_SECONDS
        if not self._lock.acquire(timeout=_WRITE_SECONDS):
            raise TimeoutError("the media process does not read its pipe")
        try:
            rest = memoryview(data)
            while rest:
                if self._closed:
                    raise BrokenPipeError("the media process has ended")
                try:
                    rest = rest[os.write(self._pipe.fileno(), rest) :]
                except BlockingIOError:
                    self._wait(deadline)
        except ValueError:  # closed meanwhile
            raise BrokenPipeError("the media process has ended") from None
        finally:
            self._lock.release()

    def _wait(self, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._pipe.fileno(), select.POLLOUT)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError("the media process does not read its pipe")
