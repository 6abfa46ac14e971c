"""Where browsers of this kernel's notebooks open media channels: a WebSocket on loopback, behind the notebook's own server.

jupyter-server-proxy leads a page here, and where it does not, the kernel connects in the page's place and passes messages
on over the comm.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import Callable
from typing import Final

from aiohttp import WSCloseCode, WSMsgType, web

from ...errors import ProtocolError
from ...protocol.channel_messages import HEADER, ChannelMessage, unpack
from ...protocol.limits import LIMITS, seconds
from .browser_channel import BrowserChannel
from .remote_peer import RemotePeer

_HELLO_SECONDS: Final = 5.0
_CLOSE_SECONDS: Final = 1.0
_ALIVE_SECONDS: Final = 20.0


class ChannelServer:
    """Lets in whoever was offered a channel. Used on the event loop.

    Parameters
    ----------
    remote : callable
        Returns the participant with an id; raises ``unknown_participant`` when it is not in the room.
    """

    def __init__(self, remote: Callable[[str], RemotePeer]) -> None:
        self._remote = remote
        # Ids of participants by their tokens.
        self._offers: dict[str, str] = {}
        self._sockets: set[web.WebSocketResponse] = set()
        self._runner: web.AppRunner | None = None
        self._port = 0
        self._starting = asyncio.Lock()

    async def offer(self, participant: str) -> tuple[int, str]:
        """Offer a channel to one browser, for a while.

        Parameters
        ----------
        participant : str
            Its id.

        Returns
        -------
        (int, str)
            The port on 127.0.0.1, and the token that the browser shows in its first message, once.

        Raises
        ------
        ProtocolError
            ``unknown_participant``.
        """
        self._remote(participant)
        async with self._starting:
            if self._runner is None:
                await self._start()
        token = secrets.token_urlsafe(24)
        self._offers[token] = participant
        asyncio.get_running_loop().call_later(seconds("media_offer"), self._offers.pop, token, None)
        return self._port, token

    async def close(self) -> None:
        """End every connection, and listen no more."""
        self._offers.clear()
        for socket in list(self._sockets):
            with contextlib.suppress(TimeoutError, ConnectionError):
                async with asyncio.timeout(_CLOSE_SECONDS):
                    await socket.close(code=WSCloseCode.GOING_AWAY)
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _start(self) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=_CLOSE_SECONDS)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self._port = self._runner.addresses[0][1]

    async def _serve(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(
            max_msg_size=LIMITS["media_bytes"] + HEADER.size, compress=False, heartbeat=_ALIVE_SECONDS
        )
        await socket.prepare(request)
        self._sockets.add(socket)
        try:
            remote = await self._admit(socket)
            if remote is not None:
                await socket.send_bytes(ChannelMessage("hello").pack())
                await self._carry(socket, remote.open_channel(socket.send_bytes))
        finally:
            self._sockets.discard(socket)
            await socket.close()
        return socket

    async def _admit(self, socket: web.WebSocketResponse) -> RemotePeer | None:
        with contextlib.suppress(TimeoutError, TypeError, ProtocolError):
            async with asyncio.timeout(_HELLO_SECONDS):
                hello = unpack(await socket.receive_bytes())
            participant = self._offers.pop(hello.payload.decode(errors="replace"), None)
            if hello.kind == "hello" and participant is not None:
                return self._remote(participant)
        return None

    async def _carry(self, socket: web.WebSocketResponse, channel: BrowserChannel) -> None:
        try:
            async for message in socket:
                if message.type is not WSMsgType.BINARY:
                    break
                channel.receive(message.data)
        except ProtocolError:
            await socket.close(code=WSCloseCode.PROTOCOL_ERROR)
        finally:
            await channel.close()
