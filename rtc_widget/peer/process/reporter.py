"""Gathers what a peer reports to the room's observers: the twin of ``js/src/room/reporter.ts``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from ...protocol.limits import LIMITS
from ...signaling.clock_sync import now

_DELAY_SECONDS: Final = 0.05
# How many entries wait for a path to the relay; the newest are what matters when it is back.
_MAX_WAITING: Final = 1_000


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
        """Report something, a moment later; without ``at`` it has happened now."""
        self._entries.append({"at": now(), **entry})
        del self._entries[:-_MAX_WAITING]
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_DELAY_SECONDS, self.flush)

    def flush(self) -> None:
        """Report at once what has been gathered, in as many messages as that takes."""
        self.close()
        while self._entries:
            part = self._entries[: LIMITS["report_entries"]]
            if not self._send(part):
                return
            del self._entries[: len(part)]

    def close(self) -> None:
        """Wait for nothing more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
