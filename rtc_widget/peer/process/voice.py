"""What a peer says in its room, to others and to observers: the twin of ``js/src/room/voice.ts``."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from ...protocol.signaling import SIGNALS
from ...signaling.client import RelayClient
from ...signaling.clock_sync import Offset, keep_time, now
from ...signaling.reconnecting_connection import Path
from .reporter import Reporter

Entry = dict[str, Any]


class Voice:
    """Signals to the others, and a report of every step.

    Parameters
    ----------
    room : str
        The room's name.
    path : Path
        To the relay.
    reported : callable
        Takes the entries of each report that was sent.
    """

    def __init__(self, room: str, path: Path, reported: Callable[[list[Entry]], None]) -> None:
        self._room, self._path, self._reported = room, path, reported
        self._reporter = Reporter(self._send)
        self._clock: asyncio.Task[None] | None = None

    def use(self, client: RelayClient) -> None:
        """Compare clocks over this connection, on which the room has been joined."""
        if self._clock is not None:
            self._clock.cancel()
        self._clock = asyncio.create_task(keep_time(client, self._tell_time))

    def say(self, event: str, to: str, **content: Any) -> None:
        """Say something to another participant. What cannot be delivered is lost, as a path may be."""
        at = now()

        def told(answer: dict[str, Any]) -> None:
            if answer["ok"]:
                step = {"type": "step", "step": "sent", "peer": to, "event": event}
                self.report({**step, "message": answer.get("id"), "at": at})

        self._path.post(event, {"roomId": self._room, "to": to, **content}, told)

    def heard(self, event: str, payload: dict[str, Any], at: float) -> None:
        """Note what another participant has said."""
        if event in SIGNALS:
            step = {"type": "step", "step": "received", "peer": payload["from"], "event": event}
            self.report({**step, "message": payload.get("id"), "at": at})

    def report(self, entry: Entry) -> None:
        """Report something, a moment later."""
        self._reporter.add(entry)

    def flush(self) -> None:
        """Report at once what has been gathered."""
        self._reporter.flush()

    async def close(self) -> None:
        """Say nothing more."""
        self._reporter.close()
        if self._clock is not None:
            self._clock.cancel()
            await asyncio.gather(self._clock, return_exceptions=True)

    def _tell_time(self, measured: Offset) -> None:
        self.report({"type": "clock", "offset": measured.offset, "error": measured.error})

    def _send(self, entries: list[Entry]) -> bool:
        if not self._path.post("report", {"roomId": self._room, "entries": entries}):
            return False
        self._reported(entries)
        return True
