"""The pipe between a kernel and its media process: pickled tuples, each after its length.

Both ends are one program's two processes, so pickle is as safe as the program itself.
"""

from __future__ import annotations

import os
import pickle
import select
import struct
import threading
import time
from typing import Any, BinaryIO, Final

_LENGTH: Final = struct.Struct("=I")
_WRITE_SECONDS: Final = 10.0

Message = tuple[Any, ...]


def pack(message: Message) -> bytes:
    """Return a message as it travels."""
    body = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    return _LENGTH.pack(len(body)) + body


def receive(stream: BinaryIO) -> Message | None:
    """Block until the next message, None at the end of the pipe."""
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        return None
    body = stream.read(_LENGTH.unpack(header)[0])
    message: Message = pickle.loads(body)  # noqa: S301
    return message


LENGTH_BYTES: Final = _LENGTH.size


def body_length(header: bytes) -> int:
    """Return how many bytes follow a header."""
    return int(_LENGTH.unpack(header)[0])


class Writer:
    """Writes messages from any thread; a process that has stopped reading is an error and not a hang.

    Raises
    ------
    BrokenPipeError
        From `send`, when the other side has ended.
    TimeoutError
        From `send`, when it has not read for 10 s.
    """

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        os.set_blocking(descriptor, False)
        self._lock = threading.Lock()

    def send(self, message: Message) -> None:
        """Write one message."""
        data = memoryview(pack(message))
        deadline = time.monotonic() + _WRITE_SECONDS
        with self._lock:
            while data:
                try:
                    data = data[os.write(self._descriptor, data) :]
                except BlockingIOError:
                    left = deadline - time.monotonic()
                    if left <= 0 or not select.select([], [self._descriptor], [], left)[1]:
                        raise TimeoutError("the media process does not read its pipe") from None
