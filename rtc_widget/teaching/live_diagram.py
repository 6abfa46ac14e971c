"""The live diagram in the widget: sent to the tabs that have it open, whenever something has happened."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import Final

from ..protocol.comm import PanelContent
from ..protocol.limits import seconds
from ..trace.event_log import EventLog

log = logging.getLogger(__name__)

# As much as fits a panel; a cell can show the whole trace.
_EVENTS: Final = 200
_PAUSE_SECONDS: Final = 0.4
# Drawing takes at most this share of a core, however much happens.
_SHARE: Final = 0.04
# A tab renews its lease every few seconds, so nothing is drawn for a tab that was closed.
_LEASE_SECONDS: Final = seconds("panel_lease")


class LiveDiagram:
    """Draws the recent part of a room's trace for front ends. Used on the RTC loop.

    Parameters
    ----------
    log : EventLog
        The room's event log.
    content : callable
        Returns what is held and broken, as the front end displays it.
    send : callable
        Sends a comm message: ``send(message, to=…)``.
    """

    def __init__(self, log: EventLog, content: Callable[[], PanelContent], send: Callable[..., None]) -> None:
        self._log, self._content, self._send = log, content, send
        self._leases: dict[str, float] = {}
        self._changed = asyncio.Event()
        self._drawing: asyncio.Task[None] | None = None

    def open(self, client_id: str) -> None:
        """Draw for a tab, until its lease ends; tabs that display the diagram renew it.

        Parameters
        ----------
        client_id : str
            The tab.
        """
        if client_id not in self._leases:
            self._changed.set()
        self._leases[client_id] = time.monotonic() + _LEASE_SECONDS
        if self._drawing is None:
            self._drawing = asyncio.get_running_loop().create_task(self._draw())

    def shut(self, client_id: str) -> None:
        """Stop drawing for a tab.

        Parameters
        ----------
        client_id : str
            The tab.
        """
        self._leases.pop(client_id, None)

    def changed(self) -> None:
        """Redraw soon."""
        self._changed.set()

    async def close(self) -> None:
        """Stop drawing; tabs have to open the diagram again."""
        self._leases.clear()
        drawing, self._drawing = self._drawing, None
        if drawing is not None:
            drawing.cancel()
            await asyncio.gather(drawing, return_exceptions=True)

    async def _draw(self) -> None:
        try:
            while self._renew():
                try:
                    async with asyncio.timeout(_LEASE_SECONDS):
                        await self._changed.wait()
                except TimeoutError:
                    continue
                self._changed.clear()
                if not self._renew():
                    break
                began = time.thread_time()
                try:
                    html, spent = await asyncio.to_thread(_draw, self._log)
                except Exception:
                    # A report cannot be drawn; the next drawing may succeed.
                    log.exception("The live diagram could not be drawn.")
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                content: PanelContent = {**self._content(), "html": html}
                for client_id in self._leases:
                    self._send(content, to=client_id)
                spent += time.thread_time() - began
                await asyncio.sleep(max(_PAUSE_SECONDS, spent / _SHARE))
        finally:
            self._drawing = None

    def _renew(self) -> bool:
        """Forget the tabs that have gone; tell whether any is left."""
        now = time.monotonic()
        self._leases = {key: until for key, until in self._leases.items() if until > now}
        return bool(self._leases)


def _draw(log: EventLog) -> tuple[str, float]:
    began = time.thread_time()
    html = log.recent(_EVENTS).diagram().html
    return html, time.thread_time() - began
