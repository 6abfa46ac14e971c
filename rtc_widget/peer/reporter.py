"""Gathers what a peer reports to the room's observers: the twin of ``js/src/room/reporter.ts``."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, Final

from ..protocol import LIMITS

_DELAY_SECONDS: Final = 0.05


class Reporter:
    """Makes one message of a burst of changes.

    Parameters
    ----------
    send : callable
        Puts entries on the wire; false when there is no path now, then they wait.
    """

    def __init__(self, send: Callable[[list[dict[str, Any]]], bool]) -> None:
        self._send = send
        self._entries: list[dict[str, Any]] = []
        self._timer: asyncio.TimerHandle | None = None

    def add(self, entry: dict[str, Any]) -> None:
        """Report something, a moment later."""
        if len(self._entries) < LIMITS["report_entries"]:
            self._entries.append({"at": int(time.time() * 1000), **entry})
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_DELAY_SECONDS, self.flush)

    def flush(self) -> None:
        """Report at once what has been gathered."""
        self.close()
        if self._entries and self._send(self._entries):
            self._entries = []

    def close(self) -> None:
        """Wait for nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
