"""Hardens Socket.IO: messages that are too large or too frequent are refused before they are parsed.

This is the only file that uses python-socketio below its public API.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable
from typing import Any

import engineio
import socketio
from socketio import packet

from ..errors import ProtocolError
from ..protocol.limits import LIMITS
from ..runtime.timers import KeyedTimers
from .rate_limits import TokenBucket

log = logging.getLogger(__name__)

# Twice as large as a message may be, so that one that is too large can still be answered with its code instead of a
# dropped connection: characters of up to four bytes, and what Engine.IO adds.
_TRANSPORT_BYTES = 2 * 4 * LIMITS["payload_length"]
_CONNECT_SECONDS = 5.0
# Some seconds of a recording of a full room.
_OUTBOX_BYTES = 8 << 20
_HANDSHAKE_CHARACTERS = 4_096
_CONNECT = re.compile(rf"{packet.CONNECT}(/[^,?]{{0,64}})?")
_HEAD = re.compile(r"(\d)(?:\d+-)?(?:/[^,]{0,64},)?(\d{0,9})")
_MESSAGES = (200.0, 600.0)
"""Messages a second of one client, on average and at once."""


class _ShortJson:
    """The JSON of Engine.IO, which parses whatever arrives, before any token: only handshakes, which are short, need it."""

    dumps = staticmethod(json.dumps)

    @staticmethod
    def loads(text: str) -> Any:
        if len(text) > _HANDSHAKE_CHARACTERS:
            # Engine.IO then passes it on as it is.
            raise ValueError("long")
        return json.loads(text)


class _Outbox(asyncio.Queue[Any]):
    """What waits to be sent to a client; `size` is its characters or bytes."""

    size = 0

    def _put(self, item: Any) -> None:
        self.size += _size_of(item)
        super()._put(item)

    def _get(self) -> Any:
        item = super()._get()
        self.size -= _size_of(item)
        return item


def _size_of(item: Any) -> int:
    data = getattr(item, "data", None)
    return len(data) if isinstance(data, str | bytes) else 0


class _EngineIo(engineio.AsyncServer):
    """Engine.IO below our Socket.IO, with a JSON of its own, and with an end to what waits for a client."""

    cut: Callable[[str], None]
    """Ends the TCP connection of a session, with what is on its way in it."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "json": _ShortJson})

    def create_queue(self, *args: Any, **kwargs: Any) -> asyncio.Queue[Any]:
        """Make what a client's packets wait in.

        Parameters
        ----------
        *args, **kwargs : object
            As of `asyncio.Queue`.

        Returns
        -------
        asyncio.Queue
            The queue.
        """
        return _Outbox(*args, **kwargs)

    async def send_packet(self, sid: str, pkt: Any) -> None:
        """Send a packet, or end the session of a client that does not read what it is sent.

        Parameters
        ----------
        sid : str
            The session.
        pkt : engineio.packet.Packet
            The packet.
        """
        socket = self.sockets.get(sid)
        if socket is None or socket.queue.size <= _OUTBOX_BYTES:
            await super().send_packet(sid, pkt)
            return
        log.info("A client does not read what it is sent: its connection is ended.")
        self.cut(sid)
        await self.disconnect(sid)

    async def disconnect(self, sid: str | None = None) -> None:
        """End a session, or all, without waiting until the other side has read what is on its way: it may never do.

        Parameters
        ----------
        sid : str, optional
            The session; all when left out.
        """
        for each in list(self.sockets) if sid is None else [sid]:
            socket = self.sockets.pop(each, None)
            if socket is not None:
                await socket.close(wait=False)


class Engine(socketio.AsyncServer):
    """A Socket.IO server that refuses messages that are too large or too frequent before parsing them, with an acknowledgement.

    Connections that do not become clients within 5 s are ended.

    Parameters
    ----------
    timers : KeyedTimers
        The relay's, which it closes.
    **options : object
        Passed to `socketio.AsyncServer`.
    """

    def __init__(self, timers: KeyedTimers, **options: Any) -> None:
        super().__init__(max_http_buffer_size=_TRANSPORT_BYTES, **options)
        self.eio.cut = self._cut
        self._timers = timers
        self._buckets: dict[str, TokenBucket] = {}

    def _engineio_server_class(self) -> type[engineio.AsyncServer]:
        return _EngineIo

    async def _handle_eio_connect(self, eio_sid: str, environ: dict[str, Any]) -> None:
        await super()._handle_eio_connect(eio_sid, environ)
        self._timers.set(("connect", eio_sid), _CONNECT_SECONDS, lambda: self._end_unless_client(eio_sid))

    def _cut(self, eio_sid: str) -> None:
        request = self.environ.get(eio_sid, {}).get("aiohttp.request")
        if request is not None and request.transport is not None:
            request.transport.abort()

    async def _end_unless_client(self, eio_sid: str) -> None:
        if self.manager.sid_from_eio_sid(eio_sid, "/") is None and eio_sid in self.eio.sockets:
            await self.eio.disconnect(eio_sid)

    async def _handle_eio_message(self, eio_sid: str, data: object) -> None:
        socket = self.eio.sockets.get(eio_sid)
        if socket is None or socket.closed:
            return  # a payload may have packets after the one that closes
        bucket = self._buckets.setdefault(eio_sid, TokenBucket(*_MESSAGES))
        refusal: ProtocolError | None = None
        if not bucket.take():
            refusal = ProtocolError(
                "rate_limited",
                f"More than {_MESSAGES[0]:.0f} messages per second: slow down and send it again.",
            )
        elif not isinstance(data, str) or data[:1] in ("5", "6"):
            # Engine.IO parses a text that happens to be JSON, such as "41e9", and passes on the value.
            refusal = ProtocolError("bad_request", "The relay only accepts JSON, not binary.")
        elif len(data) > LIMITS["payload_length"]:
            refusal = ProtocolError(
                "payload_too_large",
                f"A message may have at most {LIMITS['payload_length']} characters, this one has {len(data)}.",
            )
        if refusal is None:
            connecting = _CONNECT.match(data) if isinstance(data, str) else None
            if connecting and self.manager.sid_from_eio_sid(eio_sid, connecting[1] or "/"):
                return  # a second CONNECT on one connection would leave the first one's state behind
            try:
                await super()._handle_eio_message(eio_sid, data)
            except (ValueError, IndexError, TypeError, KeyError, RecursionError):
                log.info("dropped a packet that is not Socket.IO")
        elif isinstance(data, str):
            await self._refuse(eio_sid, data, refusal)

    async def _refuse(self, eio_sid: str, data: str, error: ProtocolError) -> None:
        head = _HEAD.match(data)
        if head is None or not head[2] or not self.manager.sid_from_eio_sid(eio_sid, "/"):
            return
        answer = {"ok": False, "error": error.info()}
        await self._send_packet(
            eio_sid, self.packet_class(packet.ACK, namespace="/", id=int(head[2]), data=[answer])
        )

    async def _handle_event(self, eio_sid: str, namespace: str | None, id: int | None, data: Any) -> None:  # noqa: A002
        # A client must not be able to call the connect and disconnect handlers by naming them, nor that for all others.
        name = (
            data[0]
            if isinstance(data[0], str) and data[0] not in (*self.reserved_events, "*")
            else f"reserved {data[0]!r}"
        )
        await super()._handle_event(eio_sid, namespace, id, [name, *data[1:]])

    async def _handle_eio_disconnect(self, eio_sid: str, reason: str) -> None:
        self._timers.cancel(("connect", eio_sid))
        self._buckets.pop(eio_sid, None)
        await super()._handle_eio_disconnect(eio_sid, reason)
