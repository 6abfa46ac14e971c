"""One Socket.IO connection to a relay, whose acknowledgements become results and errors.

aiohttp and python-socketio are imported when there is something to connect to: that takes longer than everything else a
kernel does until the first picture, and the page needs none of it to show one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode, urlsplit

from ..errors import ErrorInfo, ProtocolError, RelayError
from ..protocol.limits import seconds

_CONNECT_SECONDS: Final = seconds("connect")
_ACK_SECONDS: Final = seconds("acknowledge")

OnEvent = Callable[[str, dict[str, Any]], None]


class RelayClient:
    """A connected client; made with `connect`, used and closed on the RTC loop.

    `gone` is set when the connection has ended.

    Parameters
    ----------
    on_event : OnEvent
        Called with each event's name and payload, in order.
    """

    def __init__(self, on_event: OnEvent) -> None:
        import aiohttp
        import socketio

        self._on_event = on_event
        self._refusal: ErrorInfo | None = None
        self.gone = asyncio.Event()
        # Our own session, because python-engineio leaves its own open when connecting is cancelled.
        self._http = aiohttp.ClientSession()
        self._sio = socketio.AsyncClient(reconnection=False, handle_sigint=False, http_session=self._http)
        self._sio.on("*", self._event)
        self._sio.on("disconnect", self._gone)
        self._sio.on("connect_error", self._refused)

    @classmethod
    async def connect(cls, url: str, room: str, auth: dict[str, Any], on_event: OnEvent) -> RelayClient:
        """Connect by WebSocket.

        Parameters
        ----------
        url : str
            The relay's address.
        room : str
            The room to connect for.
        auth : dict
            Token and owner key.
        on_event : OnEvent
            As of the class.

        Returns
        -------
        RelayClient
            The connected client.

        Raises
        ------
        RelayError
            The relay's own code when it refused, else ``relay_unreachable``.
        """
        await asyncio.to_thread(_load)
        import aiohttp
        from socketio.exceptions import ConnectionError as ConnectFailed

        client = cls(on_event)
        try:
            async with asyncio.timeout(_CONNECT_SECONDS):
                await client._sio.connect(
                    f"{url}/?{urlencode({'room': room})}",
                    auth=auth,
                    transports=["websocket"],
                    # Its own limit would be one second, which a relay on a busy machine may take.
                    wait_timeout=_CONNECT_SECONDS,
                    # A proxy may have the relay in a folder, which python-socketio does not take from the address.
                    socketio_path=f"{urlsplit(url).path}/socket.io",
                )
        except (ConnectFailed, aiohttp.ClientError, OSError, TimeoutError) as error:
            await client.close()
            if client._refusal is not None:
                raise RelayError(client._refusal["code"], client._refusal["message"]) from None
            msg = f"No relay answers at {url}: it may be starting or have ended. If you gave its address as relay=, check that."
            raise RelayError("relay_unreachable", msg) from error
        except asyncio.CancelledError:
            await client.close()
            raise
        return client

    async def request(self, event: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Send an event and wait for its acknowledgement.

        Parameters
        ----------
        event : str
            The event's name on the wire.
        payload : dict
            Its payload.

        Returns
        -------
        dict
            The acknowledgement.

        Raises
        ------
        ProtocolError
            The relay's refusal, or ``timeout``.
        """
        answer = await self.forward(event, payload)
        if not answer["ok"]:
            raise ProtocolError(answer["error"]["code"], answer["error"]["message"])
        return answer

    async def forward(self, event: str, payload: Any) -> dict[str, Any]:
        """Send an event and wait for its acknowledgement, failures included.

        Parameters
        ----------
        event : str
            The event's name on the wire.
        payload : object
            Its payload.

        Returns
        -------
        dict
            The acknowledgement; a failure has ``ok`` False and an ``error``.
        """
        import aiohttp
        from socketio.exceptions import SocketIOError

        try:
            answer: dict[str, Any] = await self._sio.call(event, payload, timeout=_ACK_SECONDS)
        except (SocketIOError, aiohttp.ClientError):
            error = ProtocolError(
                "timeout", f"The relay did not acknowledge {event} within {_ACK_SECONDS:.0f} s."
            )
            return {"ok": False, "error": error.info()}
        return answer

    async def close(self) -> None:
        """Disconnect. May be called at any time, and more than once."""
        await self._sio.disconnect()
        # Not socketio's own wait(), which sleeps for a second in case it reconnects.
        await self._sio.eio.wait()
        await self._http.close()
        self.gone.set()

    async def _event(self, event: str, payload: Any = None) -> None:
        if isinstance(payload, dict):
            self._on_event(event, payload)

    async def _gone(self, *_reason: object) -> None:
        self.gone.set()

    async def _refused(self, error: Any) -> None:
        data = error.get("data") if isinstance(error, dict) else None
        if isinstance(data, dict) and {"code", "message"} <= data.keys():
            self._refusal = {"code": str(data["code"]), "message": str(data["message"])}


def _load() -> None:
    """Import what a connection needs, on a thread: the loop has pages to answer meanwhile."""
    import aiohttp  # noqa: F401
    import socketio  # noqa: F401
