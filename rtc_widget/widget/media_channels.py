"""The kernel's part in media channels: offers them to its pages, and carries those that find no WebSocket over the comm.

Runs on the RTC loop. Of what is carried only the kind is looked at: a page's messages go to the Peer's process as they are, and back.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any, Final

from ..errors import RtcWidgetError, WaitTimeoutError
from ..protocol.channel_messages import KINDS
from ..protocol.comm import MediaFromKernel
from ..protocol.limits import LIMITS
from ..room import kernel_peers
from ..runtime.tasks import TaskSet
from ..runtime.threads import Threads
from .comm_channel import CommChannel

# Who heeds acknowledgements has far fewer under way.
_MOST_WAITING: Final = 256
_CONNECT_SECONDS: Final = 5.0
# A message on the comm costs JupyterLab milliseconds, however small it is: what comes within this time after one goes in the next.
_GATHER_SECONDS: Final = 0.03
# An acknowledgement waits so long for a frame to go with: there are as many of the one as of the other.
_ACKNOWLEDGE_SECONDS: Final = 0.05

_ACKNOWLEDGES: Final = bytes([KINDS["ack"]])

_SILENT: Final = WaitTimeoutError("timeout", "The process of this kernel's peers does not answer.")

Give = Callable[[list[bytes]], None]


class MediaChannels:
    """The media channels of one widget's front ends.

    Parameters
    ----------
    channel : CommChannel
        To the front ends.
    threads : Threads
        Of this process.
    """

    def __init__(self, channel: CommChannel, threads: Threads) -> None:
        self._channel, self._threads = channel, threads
        # By front end and Peer.
        self._ports: dict[tuple[str, str], int] = {}
        self._carriers: dict[tuple[str, str], _Carrier] = {}
        self._tasks = TaskSet()

    def receive(self, client_id: str, content: dict[str, Any], buffers: list[bytes]) -> None:
        """Take a front end's message, on any thread.

        Parameters
        ----------
        client_id : str
            The front end.
        content : dict
            A `MediaFromPage`.
        buffers : list of bytes
            Messages of the channel.
        """
        self._threads.loop.call_soon_threadsafe(self._receive, client_id, content, buffers)

    async def close(self) -> None:
        """End all of them."""
        await self._tasks.close()

    # -- on the RTC loop

    def _receive(self, client_id: str, content: dict[str, Any], buffers: list[bytes]) -> None:
        peer = str(content.get("peer"))
        key = client_id, peer
        match content.get("op"):
            case "request":
                self._tasks.spawn(self._offer(key, str(content.get("participant"))))
            case "open" if key in self._ports and key not in self._carriers:
                carrier = self._carriers[key] = _Carrier(self._ports.pop(key))
                self._tasks.spawn(self._carry(key, carrier))
            case "data" if key in self._carriers:
                self._carriers[key].put(buffers)
            case "data" | "open":
                self._send(key, {"kind": "media", "op": "closed", "peer": peer})
            case "close" if key in self._carriers:
                self._carriers[key].stop()

    async def _offer(self, key: tuple[str, str], participant: str) -> None:
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                offering = asyncio.wrap_future(kernel_peers.offer_channel(key[1], participant))
                # An answer that comes late is taken by nobody, and harms nobody.
                port, token = await asyncio.shield(offering)
        except (RtcWidgetError, TimeoutError) as error:
            refusal = error if isinstance(error, RtcWidgetError) else _SILENT
            self._send(key, {"kind": "media", "op": "refused", "peer": key[1], "error": refusal.info()})
            return
        self._ports[key] = port
        self._send(key, {"kind": "media", "op": "offered", "peer": key[1], "port": port, "token": token})

    async def _carry(self, key: tuple[str, str], carrier: _Carrier) -> None:
        peer = key[1]
        try:
            await carrier.run(
                lambda messages: self._send(key, {"kind": "media", "op": "data", "peer": peer}, messages)
            )
        finally:
            del self._carriers[key]
            self._send(key, {"kind": "media", "op": "closed", "peer": peer})

    def _send(
        self, key: tuple[str, str], message: MediaFromKernel, buffers: list[bytes] | None = None
    ) -> None:
        self._channel.send(message, to=key[0], buffers=buffers)


class _Carrier:
    """One channel that goes over the comm: a connection to the Peer's process in the page's place."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._waiting: asyncio.Queue[bytes | None] = asyncio.Queue()

    def put(self, messages: list[bytes]) -> None:
        """Pass messages on; a page that floods the channel ends it."""
        for message in messages:
            self._waiting.put_nowait(message)
        if self._waiting.qsize() > _MOST_WAITING:
            self.stop()

    def stop(self) -> None:
        """End it."""
        while not self._waiting.empty():
            self._waiting.get_nowait()
        self._waiting.put_nowait(None)

    async def run(self, give: Give) -> None:
        """Carry messages until one of the two ends it."""
        import aiohttp

        with contextlib.suppress(OSError, TimeoutError, aiohttp.ClientError):
            async with aiohttp.ClientSession() as session:
                async with asyncio.timeout(_CONNECT_SECONDS):
                    socket = await session.ws_connect(
                        f"ws://127.0.0.1:{self._port}/", max_msg_size=LIMITS["media_bytes"] * 2, compress=0
                    )
                coming = asyncio.create_task(self._receive(socket, give))
                try:
                    while (message := await self._next(coming)) is not None:
                        await socket.send_bytes(message)
                finally:
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
                    await socket.close()

    async def _next(self, coming: asyncio.Task[None]) -> bytes | None:
        waiting = asyncio.ensure_future(self._waiting.get())
        await asyncio.wait((waiting, coming), return_when=asyncio.FIRST_COMPLETED)
        if waiting.done():
            return waiting.result()
        waiting.cancel()
        return None

    async def _receive(self, socket: Any, give: Give) -> None:
        gathered: list[bytes] = []
        loop = asyncio.get_running_loop()
        given = -_GATHER_SECONDS
        flushing: asyncio.TimerHandle | None = None

        def flush() -> None:
            nonlocal given, flushing
            given, flushing = loop.time(), None
            messages = gathered.copy()
            gathered.clear()
            give(messages)

        async for message in socket:
            if not isinstance(message.data, bytes):
                break
            gathered.append(message.data)
            due = max(given + _GATHER_SECONDS, loop.time() + _patience(message.data))
            if flushing is None or due < flushing.when():
                if flushing is not None:
                    flushing.cancel()
                flushing = loop.call_at(due, flush)


def _patience(data: bytes) -> float:
    return _ACKNOWLEDGE_SECONDS if data[:1] == _ACKNOWLEDGES else 0.0
