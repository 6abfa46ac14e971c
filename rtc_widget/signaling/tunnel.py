"""The comm tunnel: a browser that cannot reach the relay communicates with it through the kernel.

The front end's events arrive as comm messages, the kernel has one Socket.IO connection per such front end, and
everything from the relay returns as comm messages. It works wherever widgets work. Runs on the RTC loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from ..errors import RtcWidgetError
from ..protocol.comm import TunnelFromKernel
from .client import RelayClient

Send = Callable[[str, TunnelFromKernel], None]


class Tunnels:
    """The tunnels of one widget's front ends.

    Parameters
    ----------
    room : str
        The only room that they lead to.
    url : callable
        Coroutine function that returns the relay's current address.
    send : callable
        ``(client_id, message)``: sends a comm message.
    """

    def __init__(self, room: str, url: Callable[[], Awaitable[str]], send: Send) -> None:
        self._room = room
        self._url = url
        self._send = send
        self._open: dict[str, _Tunnel] = {}
        self._tunnels: set[_Tunnel] = set()

    def receive(self, client_id: str, content: dict[str, Any]) -> None:
        """Queue a front end's message; messages are processed in order, as on a socket.

        Parameters
        ----------
        client_id : str
            The front end.
        content : dict
            A `TunnelFromPage`.
        """
        tunnel = self._open.get(client_id)
        if tunnel is None:
            if content.get("op") != "open":
                self._send(client_id, {"kind": "tunnel", "op": "closed"})
                return
            tunnel = self._open[client_id] = _Tunnel(self._room, self._url, partial(self._send, client_id))
            self._tunnels.add(tunnel)
            tunnel.worker.add_done_callback(lambda _worker: self._forget(client_id, tunnel))
        if content.get("op") == "close":
            # The front end may open its next one while this one ends.
            del self._open[client_id]
        tunnel.receive(content)

    async def close(self) -> None:
        """Close all tunnels."""
        workers = [tunnel.worker for tunnel in self._tunnels]
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    def _forget(self, client_id: str, tunnel: _Tunnel) -> None:
        self._tunnels.discard(tunnel)
        if self._open.get(client_id) is tunnel:
            del self._open[client_id]


class _Tunnel:
    """One front end's connection to the relay, from its opening to its end."""

    def __init__(
        self, room: str, url: Callable[[], Awaitable[str]], send: Callable[[TunnelFromKernel], None]
    ) -> None:
        self._room, self._url, self._send = room, url, send
        self._messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue(maxsize=1_000)
        self._emits: set[asyncio.Task[None]] = set()
        self._is_closed = False
        self.worker = asyncio.create_task(self._work())

    def receive(self, content: dict[str, Any]) -> None:
        """Queue a message; who floods the tunnel loses it."""
        self._is_closed = content.get("op") == "close"
        try:
            self._messages.put_nowait(content)
        except asyncio.QueueFull:
            self.worker.cancel()

    async def _work(self) -> None:
        client: RelayClient | None = None
        watcher: asyncio.Task[None] | None = None
        try:
            while True:
                message = await self._messages.get()
                if message["op"] == "open":
                    client = await self._connect(message)
                    if client is None:
                        return
                    watcher = asyncio.create_task(self._watch(client))
                elif message["op"] == "emit" and client is not None:
                    emit = asyncio.create_task(self._emit(client, message))
                    self._emits.add(emit)
                    emit.add_done_callback(self._emits.discard)
                elif message["op"] == "close":
                    # Who leaves says so and closes in one breath: the relay hears both, in this order.
                    if self._emits:
                        await asyncio.wait(self._emits)
                    return
        finally:
            self._is_closed = True
            for task in [*self._emits, *([watcher] if watcher else [])]:
                task.cancel()
            if client is not None:
                await client.close()

    def _tell(self, message: TunnelFromKernel) -> None:
        """Send to the front end, unless it has closed this tunnel: its next one may be open."""
        if not self._is_closed:
            self._send(message)

    async def _connect(self, message: dict[str, Any]) -> RelayClient | None:
        def on_event(event: str, payload: dict[str, Any]) -> None:
            self._tell({"kind": "tunnel", "op": "event", "event": event, "payload": payload})

        try:
            client = await RelayClient.connect(
                await self._url(), self._room, dict(message.get("auth") or {}), on_event
            )
        except RtcWidgetError as error:
            self._tell({"kind": "tunnel", "op": "refused", "error": error.info()})
            return None
        self._tell({"kind": "tunnel", "op": "opened"})
        return client

    async def _emit(self, client: RelayClient, message: dict[str, Any]) -> None:
        answer = await client.forward(str(message.get("event")), message.get("payload"))
        self._tell({"kind": "tunnel", "op": "ack", "id": int(message.get("id") or 0), "answer": answer})

    async def _watch(self, client: RelayClient) -> None:
        await client.gone.wait()
        self._tell({"kind": "tunnel", "op": "closed"})
        self.worker.cancel()
