"""Gathers what a peer reports to the room's observers: the twin of ``js/src/signaling/event-reporter.ts``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ..protocol.limits import LIMITS, seconds
from .client import RelayClient
from .clock_sync import Offset, keep_time, now

Entry = dict[str, Any]


class EventReporter:
    """Combines bursts of changes into one report, and keeps observers informed of this process's clock.

    Parameters
    ----------
    send : callable
        Sends entries as a ``report``; returns False when there is no connection, then they are kept.
    """

    def __init__(self, send: Callable[[list[Entry]], bool]) -> None:
        self._send = send
        self._entries: list[Entry] = []
        self._timer: asyncio.TimerHandle | None = None
        self._clock: asyncio.Task[None] | None = None

    def use(self, client: RelayClient) -> None:
        """Compare clocks over a connection on which the room has been joined.

        Parameters
        ----------
        client : RelayClient
            The connection.
        """
        if self._clock is not None:
            self._clock.cancel()
        self._clock = asyncio.create_task(keep_time(client, self._add_offset))

    def add(self, entry: Entry) -> None:
        """Report something, a moment later.

        Parameters
        ----------
        entry : Entry
            The entry; without ``at`` it has happened now, or with a ``duration``, which is in ms, began so long ago.
        """
        self._entries.append({"at": now() - entry.get("duration", 0.0), **entry})
        del self._entries[: -LIMITS["queued_reports"]]
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(seconds("report_delay"), self.flush)

    def flush(self) -> None:
        """Report at once what has been gathered, in as many messages as that takes."""
        self._stop_timer()
        while self._entries:
            part = self._entries[: LIMITS["report_entries"]]
            if not self._send(part):
                return
            del self._entries[: len(part)]

    async def close(self) -> None:
        """Report nothing more."""
        self._stop_timer()
        if self._clock is not None:
            self._clock.cancel()
            await asyncio.gather(self._clock, return_exceptions=True)

    def _add_offset(self, measured: Offset) -> None:
        self.add({"type": "clock", "offset": measured.offset, "error": measured.error})

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
