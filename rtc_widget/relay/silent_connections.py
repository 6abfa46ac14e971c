"""Ends TCP connections that are opened and then say nothing, so that they do not use up what the process may open."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web

log = logging.getLogger(__name__)

_SILENT_SECONDS: Final = 10.0
_LOOK_SECONDS: Final = 1.0


class SilentConnections:
    """Watches an aiohttp server's connections. Used on its loop; `hear` has to be one of its middlewares.

    A connection that has made a request is left alone: aiohttp ends it when it is idle, and Engine.IO when it is a
    WebSocket that answers no ping.
    """

    def __init__(self) -> None:
        self._heard: set[Any] = set()
        self._since: dict[Any, float] = {}
        self._watching: asyncio.Task[None] | None = None

    @web.middleware
    async def hear(
        self, request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
    ) -> web.StreamResponse:
        """Note that a connection has made a request.

        Parameters
        ----------
        request : aiohttp.web.Request
            The request.
        handler : callable
            Answers it.

        Returns
        -------
        aiohttp.web.StreamResponse
            The answer.
        """
        self._heard.add(request.protocol)
        return await handler(request)

    def watch(self, server: web.Server) -> None:
        """Watch from now on.

        Parameters
        ----------
        server : aiohttp.web.Server
            Whose connections.
        """
        self._watching = asyncio.get_running_loop().create_task(self._watch(server))

    async def close(self) -> None:
        """Stop watching."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)

    async def _watch(self, server: web.Server) -> None:
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            now = time.monotonic()
            present = set(server.connections)
            self._heard &= present
            self._since = {each: self._since.get(each, now) for each in present - self._heard}
            over = [each for each, since in self._since.items() if now - since > _SILENT_SECONDS]
            for each in over:
                if each.transport is not None:
                    each.transport.abort()
            if over:
                log.info("%d connections that said nothing are ended.", len(over))
