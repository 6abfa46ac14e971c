"""The live diagram in the widget: sent to the tabs that have it open, when something has happened."""

from __future__ import annotations

import asyncio
import time
import traceback
from collections.abc import Callable
from typing import Any, Final

from ..trace.event_log import TraceLog

# What fits a panel; the whole trace is a cell away.
_EVENTS: Final = 200
_PAUSE_SECONDS: Final = 0.4
# Drawing takes at most this share of a core, however much happens.
_SHARE: Final = 0.04
# A tab says every few seconds that it is still looking, so that one that was closed is not drawn for.
_LEASE_SECONDS: Final = 20.0


class Panel:
    """Draws the recent part of a room's trace for front ends. Used on the RTC loop.

    Parameters
    ----------
    log : TraceLog
        What happens.
    state : callable
        Returns what is held and broken, as the front end shows it.
    send : callable
        Takes a message for the front ends.
    """

    def __init__(
        self, log: TraceLog, state: Callable[[], dict[str, Any]], send: Callable[[dict[str, Any]], None]
    ) -> None:
        self._log, self._state, self._send = log, state, send
        self._looking: dict[str, float] = {}
        self._changed = asyncio.Event()
        self._drawing: asyncio.Task[None] | None = None

    def open(self, client_id: str) -> None:
        """Draw for a tab, from now until it stops saying that it looks."""
        if client_id not in self._looking:
            self._changed.set()
        self._looking[client_id] = time.monotonic() + _LEASE_SECONDS
        if self._drawing is None:
            self._drawing = asyncio.get_running_loop().create_task(self._draw())

    def shut(self, client_id: str) -> None:
        """Draw no more for a tab."""
        self._looking.pop(client_id, None)

    def changed(self) -> None:
        """Draw anew, soon."""
        self._changed.set()

    async def close(self) -> None:
        """Draw for nobody."""
        self._looking.clear()
        drawing, self._drawing = self._drawing, None
        if drawing is not None:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)

    async def _draw(self) -> None:
        try:
            while self._look():
                try:
                    async with asyncio.timeout(_LEASE_SECONDS):
                        await self._changed.wait()
                except TimeoutError:
                    continue
                self._changed.clear()
                if not self._look():
                    break
                began = time.thread_time()
                try:
                    html, seconds = await asyncio.to_thread(_drawn, self._log)
                except Exception:
                    # What somebody reported cannot be drawn; what comes next can, perhaps.
                    traceback.print_exc()
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                state = self._state()
                for client_id in self._looking:
                    self._send({"kind": "panel", "to": client_id, "html": html, **state})
                seconds += time.thread_time() - began
                await asyncio.sleep(max(_PAUSE_SECONDS, seconds / _SHARE))
        finally:
            self._drawing = None

    def _look(self) -> bool:
        """Forget the tabs that have gone; tell whether any is left."""
        now = time.monotonic()
        self._looking = {key: until for key, until in self._looking.items() if until > now}
        return bool(self._looking)


def _drawn(log: TraceLog) -> tuple[str, float]:
    began = time.thread_time()
    html = log.recent(_EVENTS).diagram().html
    return html, time.thread_time() - began
