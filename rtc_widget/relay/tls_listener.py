"""A relay's listener for other machines: by TLS, and with limits that keep the user's own in."""

from __future__ import annotations

import asyncio
import ssl
from typing import Any, Final

from aiohttp import web

# Connections that begin no TLS; those that begin no request are ended by `SilentConnections`.
_HANDSHAKE_SECONDS: Final = 5.0
# With so many at the relay nobody else gets in from the network; on the loopback interface they do.
_MOST_CONNECTIONS: Final = 1_000


class _Refusal(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if isinstance(transport, asyncio.WriteTransport):
            transport.abort()


async def listen_by_tls(server: web.Server, host: str, port: int, context: ssl.SSLContext) -> asyncio.Server:
    """Listen, end connections that do not come to terms soon, and refuse what would be too many.

    Parameters
    ----------
    server : aiohttp.web.Server
        What answers.
    host, port : str, int
        Where to listen.
    context : ssl.SSLContext
        With the certificate.

    Returns
    -------
    asyncio.Server
        The listener.

    Raises
    ------
    OSError
        When that is not possible there.
    """

    def protocol() -> Any:
        return _Refusal() if len(server.connections) >= _MOST_CONNECTIONS else server()

    return await asyncio.get_running_loop().create_server(
        protocol, host, port, ssl=context, ssl_handshake_timeout=_HANDSHAKE_SECONDS, reuse_address=True
    )
