"""What was recorded and has not been received yet: the twin of ``js/src/recording/upload-queue.ts``."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from ...protocol.limits import LIMITS, seconds

# Bytes under way at once: more would delay the call's signaling.
_WINDOW: Final = 4


@dataclass(slots=True)
class _Waiting:
    number: int
    offset: int
    data: bytes
    last: bool
    head: dict[str, Any]


class UploadQueue:
    """Sends segment chunks in order, a limited amount at a time, and resends them when a connection was lost. Used on the loop.

    Parameters
    ----------
    send : callable
        Sends a chunk.
    """

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self._send = send
        self._waiting: list[_Waiting] = []
        self._sent = self._bytes = 0
        self._open = self._closed = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def full(self) -> bool:
        """Whether nothing more fits."""
        return self._bytes >= LIMITS["upload_bytes"]

    @property
    def open(self) -> bool:
        """Whether a recorder is connected."""
        return self._open

    @property
    def empty(self) -> bool:
        """Whether all has been received."""
        return not self._waiting

    def add(self, number: int, offset: int, data: bytes, head: dict[str, Any], *, last: bool) -> None:
        """Queue the next bytes of a segment.

        Parameters
        ----------
        number : int
            The segment's number.
        offset : int
            Where they begin in the segment.
        data : bytes
            The bytes.
        head : dict
            The segment's description, sent with its first chunk.
        last : bool
            Whether they end the segment.
        """
        if self._closed:
            return
        step = LIMITS["piece_bytes"]
        for start in range(0, max(1, len(data)), step):
            part, at = data[start : start + step], offset + start
            is_last = last and start + step >= len(data)
            self._waiting.append(_Waiting(number, at, part, is_last, head if at == 0 else {}))
        self._bytes += len(data)
        self._pump()

    def begin(self) -> None:
        """Send everything that has not been acknowledged, from the beginning: a recorder is connected."""
        self._open = True
        self._sent = 0
        self._pump()

    def pause(self) -> None:
        """Nobody is there now."""
        self._open = False
        if self._timer is not None:
            self._timer.cancel()

    def close(self) -> None:
        """Drop everything, also what is still to come: a segment's last words come after it was stopped."""
        self._closed = True
        self.pause()
        self._waiting.clear()
        self._sent = self._bytes = 0

    def received(self, number: int, offset: int) -> None:
        """Drop what has been received.

        Parameters
        ----------
        number : int
            The segment's number.
        offset : int
            Everything before it; the end of a segment counts as one byte.
        """

        def has(piece: _Waiting) -> bool:
            return piece.number == number and piece.offset + len(piece.data) + piece.last <= offset

        self._bytes -= sum(len(piece.data) for piece in self._waiting if has(piece))
        before = len(self._waiting)
        self._sent -= sum(map(has, self._waiting[: self._sent]))
        self._waiting = [piece for piece in self._waiting if not has(piece)]
        self._pump(answered=len(self._waiting) < before)

    def _pump(self, *, answered: bool = False) -> None:
        if not self._open or self._closed:
            return
        before = self._sent
        while self._sent < min(_WINDOW, len(self._waiting)):
            piece = self._waiting[self._sent]
            self._sent += 1
            place = {"track": "camera", "number": piece.number, "offset": piece.offset, "last": piece.last}
            self._send({**place, "data": base64.b64encode(piece.data).decode(), **piece.head})
        # Chunks added behind a full window do not show that the recorder is alive.
        if self._sent == before and not answered:
            return
        if self._timer is not None:
            self._timer.cancel()
        if self._sent:
            # A chunk that reaches no recorder is lost without an error.
            self._timer = asyncio.get_running_loop().call_later(seconds("upload_retry"), self.begin)
