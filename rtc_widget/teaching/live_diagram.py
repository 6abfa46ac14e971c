"""The live diagram and overview in the widget: sent to the tabs that have them open, whenever something has happened."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from ..protocol.limits import seconds
from ..protocol.panel import PanelContent
from ..trace.event_log import EventLog

if TYPE_CHECKING:
    from ..trace.diagram import Diagram

log = logging.getLogger(__name__)

Held = list[tuple[str, str, str]]

# As many events say why somebody is not connected.
_PRESENT: Final = 1000
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
    held : callable
        Returns sender's id, receiver's id and kind of each held message.
    send : callable
        Sends a comm message: ``send(message, to=…)``.
    """

    def __init__(
        self,
        log: EventLog,
        content: Callable[[], PanelContent],
        held: Callable[[], Held],
        send: Callable[..., None],
    ) -> None:
        self._log, self._content, self._held, self._send = log, content, held, send
        self._leases: dict[str, float] = {}
        # The tabs that show the overview, whose figures change all the time.
        self._overviews: set[str] = set()
        self._drawn: Diagram | None = None
        self._changed = asyncio.Event()
        self._woken = asyncio.Event()
        self._drawing: asyncio.Task[None] | None = None

    def open(self, client_id: str, *, everybody: bool = False) -> None:
        """Draw for a tab, until its lease ends; tabs that display the diagram renew it.

        Parameters
        ----------
        client_id : str
            The tab.
        everybody : bool
            Whether it shows the overview.
        """
        if client_id not in self._leases:
            self.changed()
        if everybody and client_id not in self._overviews:
            self._overviews.add(client_id)
            self._woken.set()
        elif not everybody:
            self._overviews.discard(client_id)
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
        self._woken.set()

    def measured(self) -> None:
        """Redraw the overview soon, where it is shown."""
        if self._overviews:
            self._woken.set()

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
                        await self._woken.wait()
                except TimeoutError:
                    continue
                self._woken.clear()
                if not self._renew():
                    break
                began = time.thread_time()
                is_changed = self._changed.is_set()
                self._changed.clear()
                try:
                    content, spent = await asyncio.to_thread(self._make, is_changed=is_changed)
                except Exception:
                    # A report cannot be drawn; the next drawing may succeed.
                    log.exception("The live diagram could not be drawn.")
                    await asyncio.sleep(_PAUSE_SECONDS)
                    continue
                for client_id in self._leases if is_changed else self._overviews & self._leases.keys():
                    self._send(content, to=client_id)
                spent += time.thread_time() - began
                await asyncio.sleep(max(_PAUSE_SECONDS, spent / _SHARE))
        finally:
            self._drawing = None

    def _renew(self) -> bool:
        """Forget the tabs that have gone; tell whether any is left."""
        now = time.monotonic()
        self._leases = {key: until for key, until in self._leases.items() if until > now}
        self._overviews &= self._leases.keys()
        return bool(self._leases)

    def _make(self, *, is_changed: bool) -> tuple[PanelContent, float]:
        """Draw everything, or the overview alone; return also how long that took."""
        began = time.thread_time()
        # Drawing takes longer to import than all that a widget does until somebody opens the panel.
        from ..trace.overview import overview

        events, measured = self._log.present(_PRESENT)
        everybody = overview(events, measured, self._held())
        content: PanelContent
        if is_changed or self._drawn is None:
            self._drawn = self._log.recent().diagram()
            html = self._drawn.live_page(everybody, older=self._log.older)
            content = {**self._content(), "html": html}
        else:
            # Its cells open the diagrams that were drawn last.
            content = {"kind": "panel", "overview": self._drawn.live_overview(everybody)}
        return content, time.thread_time() - began
