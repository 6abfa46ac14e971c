"""The media process: holds every peer of one kernel, so that nothing which the kernel computes touches the media.

It takes requests on standard input and answers on standard output (`peer.ipc.pipe`). It runs in a session of its own, which
an interrupt of the kernel does not reach; the end of standard input is the end of the kernel, and its own.
"""

from __future__ import annotations

import asyncio
import os
import pickle
import traceback
from typing import Any, Final

from ...errors import RtcWidgetError
from ...protocol import media_process as wire
from ...protocol.media_process import Notification, Reply, Request
from ...runtime.tasks import TaskSet
from ..ipc.pipe import LENGTH_BYTES, Message, body_length, pack
from .hosted_peer import HostedPeer

_GOODBYE_SECONDS: Final = 1.5


class MediaHost:
    """Reads the kernel's requests and runs them, each peer's in the order in which they came."""

    def __init__(self) -> None:
        self._peers: dict[int, HostedPeer] = {}
        self._queues: dict[int, asyncio.Queue[Request]] = {}
        self._tasks = TaskSet()
        self._writer: asyncio.StreamWriter | None = None

    async def run(self) -> None:
        """Serve until standard input ends, then leave all rooms."""
        loop = asyncio.get_running_loop()
        # Printed text must not end up among the messages.
        commands, answers = os.dup(0), os.dup(1)
        os.dup2(2, 1)
        reader = asyncio.StreamReader(limit=1 << 24)
        await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(commands, "rb"))
        transport, protocol = await loop.connect_write_pipe(
            asyncio.streams.FlowControlMixin, os.fdopen(answers, "wb")
        )
        self._writer = asyncio.StreamWriter(transport, protocol, None, loop)
        try:
            while True:
                header = await reader.readexactly(LENGTH_BYTES)
                self._receive(pickle.loads(await reader.readexactly(body_length(header))))  # noqa: S301
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        try:
            async with asyncio.timeout(_GOODBYE_SECONDS):
                await asyncio.gather(*(peer.close() for peer in self._peers.values()), return_exceptions=True)
        except TimeoutError:
            pass
        await self._tasks.close()

    def _send(self, message: Message) -> None:
        """Write to the kernel; what a kernel that has ended does not read is dropped."""
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(pack(message))

    def _receive(self, request: Request) -> None:
        key = request.peer
        match request.command:
            case wire.Open() as options:
                self._peers[key] = HostedPeer(options, lambda event: self._send(Notification(key, event)))
                self._queues[key] = asyncio.Queue()
                self._tasks.spawn(self._work(key))
                self._send(Reply(request.number))
            case wire.Ping():
                self._send(Reply(request.number))
            case wire.FrameReady():
                # Not queued behind slow commands: only the newest frame matters.
                peer = self._peers.get(key)
                if peer is not None:
                    peer.take_frame()
            case wire.Send():
                # Only a sender that exceeds its receiver's capacity waits.
                self._tasks.spawn(self._run(request))
            case _ if key in self._queues:
                self._queues[key].put_nowait(request)
            case _:
                self._tasks.spawn(self._run(request))

    async def _work(self, key: int) -> None:
        queue = self._queues[key]
        while True:
            request = await queue.get()
            await self._run(request)
            if isinstance(request.command, wire.Close):
                del self._peers[key], self._queues[key]
                return

    async def _run(self, request: Request) -> None:
        value: Any = None
        error: tuple[str, str, str] | None = None
        peer = self._peers.get(request.peer)
        try:
            if peer is not None:
                value = await peer.run(request.command)
            elif not isinstance(request.command, wire.Close):  # which may be sent twice
                raise RtcWidgetError("closed", "This peer has left the room: create a new one.")
        except RtcWidgetError as refusal:
            error = (type(refusal).__name__, refusal.code, refusal.message)
        except Exception:
            error = ("RtcWidgetError", "peer_failed", traceback.format_exc(limit=-3))
        self._send(Reply(request.number, value, error))
