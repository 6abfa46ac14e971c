"""Messages between a kernel and its media process: pickled, each preceded by its length.

Both ends are processes of one program, so unpickling is as safe as the program itself.
"""

from __future__ import annotations

import os
import pickle
import select
import struct
import threading
import time
from typing import Any, BinaryIO, Final

from ...protocol.media_process import Notification, Reply, Request

_LENGTH: Final = struct.Struct("=I")
_WRITE_SECONDS: Final = 10.0

Message = Request | Reply | Notification


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
    """
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(body)) + body


def receive(stream: BinaryIO) -> Message | None:
    """Block until the next message.

    Parameters
    ----------
    stream : file
        The reading end of a pipe.

    Returns
    -------
    Message or None
        None at the end of the pipe, also in the middle of a message: a process may be killed while it writes.
    """
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    body = stream.read(length := body_length(header))
    if len(body) < length:
        return None
    message: Message = pickle.loads(body)  # noqa: S301
    return message


LENGTH_BYTES: Final = _LENGTH.size


def body_length(header: bytes) -> int:
    """Parse a header.

    Parameters
    ----------
    header : bytes
        `LENGTH_BYTES` bytes.

    Returns
    -------
    int
        How many bytes follow it.
    """
    return int(_LENGTH.unpack(header)[0])


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
            for 10 s.
        """
        data = pack(message)
        if len(data) <= select.PIPE_BUF:
            self._write(data)
            return
        problems: list[Exception] = []

        def write() -> None:
            try:
                self._write(data)
            except (OSError, ValueError) as error:
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
        finally:
            self._lock.release()

    def _wait(self, deadline: float) -> None:
        poll = select.poll()
        poll.register(self._pipe.fileno(), select.POLLOUT)
        left = deadline - time.monotonic()
        if left <= 0 or not poll.poll(left * 1000):
            raise TimeoutError("the media process does not read its pipe")
