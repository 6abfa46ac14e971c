"""The comm tunnel: a browser that cannot reach the relay communicates with it through the kernel.

The front end's events arrive as comm messages, the kernel has one Socket.IO connection per such front end, and
everything from the relay returns as comm messages. It works wherever widgets work. Runs on the RTC loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
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
        self._clients: dict[str, RelayClient] = {}
        self._queues: dict[str, asyncio.Queue[dict[str, Any]]] = {}
        self._workers: dict[str, asyncio.Task[None]] = {}

    def receive(self, client_id: str, content: dict[str, Any]) -> None:
        """Queue a front end's message; messages are processed in order, as on a socket.

        Parameters
        ----------
        client_id : str
            The front end.
        content : dict
            A `TunnelFromPage`.
        """
        queue = self._queues.get(client_id)
        if queue is None:
            if content.get("op") != "open":
                self._send(client_id, {"kind": "tunnel", "op": "closed"})
                return
            queue = self._queues[client_id] = asyncio.Queue(maxsize=1_000)
            worker = self._workers[client_id] = asyncio.create_task(self._work(client_id, queue))
            worker.add_done_callback(lambda _worker: self._forget(client_id, queue))
        try:
            queue.put_nowait(content)
        except asyncio.QueueFull:
            self._workers[client_id].cancel()

    async def close(self) -> None:
        """Close all tunnels."""
        workers = list(self._workers.values())
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)

    async def _work(self, client_id: str, queue: asyncio.Queue[dict[str, Any]]) -> None:
        acks: set[asyncio.Task[None]] = set()
        client: RelayClient | None = None
        watcher: asyncio.Task[None] | None = None
        try:
            while True:
                message = await queue.get()
                if message["op"] == "open":
                    client = await self._open(client_id, message)
                    if client is None:
                        return
                    watcher = asyncio.create_task(self._watch(client_id, client))
                elif message["op"] == "emit" and client is not None:
                    task = asyncio.create_task(self._emit(client_id, client, message))
                    acks.add(task)
                    task.add_done_callback(acks.discard)
                elif message["op"] == "close":
                    return
        finally:
            self._forget(client_id, queue)
            for task in [*acks, *([watcher] if watcher else [])]:
                task.cancel()
            if client is not None:
                await client.close()

    def _forget(self, client_id: str, queue: asyncio.Queue[dict[str, Any]]) -> None:
        """Let a front end open another tunnel; its worker may have been cancelled before it had begun."""
        if self._queues.get(client_id) is queue:
            del self._queues[client_id], self._workers[client_id]

    async def _open(self, client_id: str, message: dict[str, Any]) -> RelayClient | None:
        def on_event(event: str, payload: dict[str, Any]) -> None:
            self._send(client_id, {"kind": "tunnel", "op": "event", "event": event, "payload": payload})

        try:
            client = await RelayClient.connect(
                await self._url(), self._room, dict(message.get("auth") or {}), on_event
            )
        except RtcWidgetError as error:
            self._send(client_id, {"kind": "tunnel", "op": "refused", "error": error.info()})
            return None
        self._send(client_id, {"kind": "tunnel", "op": "opened"})
        return client

    async def _emit(self, client_id: str, client: RelayClient, message: dict[str, Any]) -> None:
        answer = await client.forward(str(message.get("event")), message.get("payload"))
        self._send(
            client_id, {"kind": "tunnel", "op": "ack", "id": int(message.get("id") or 0), "answer": answer}
        )

    async def _watch(self, client_id: str, client: RelayClient) -> None:
        await client.gone.wait()
        self._send(client_id, {"kind": "tunnel", "op": "closed"})
        self._workers[client_id].cancel()
