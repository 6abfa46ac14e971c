"""A user's own relay on the network: its second listener, by TLS, which opens when its owner asks.

The first stays on the loopback interface, without TLS, for the user's own kernels and pages. Both ends of the request
``POST /share`` are here; it is answered on the loopback interface alone, to who can sign with the relay's secret.
"""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import logging
import ssl
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from ..errors import ProtocolError, RelayError, RtcWidgetError
from .addresses import EVERYWHERE, own_address
from .certificate import server_context
from .tokens import read_token, share_token

if TYPE_CHECKING:
    from aiohttp import web

log = logging.getLogger(__name__)

_ANSWER_SECONDS: Final = 10.0
_ANSWER_BYTES: Final = 4_096


@dataclass(frozen=True)
class Shared:
    """Where a relay listens for other machines.

    Attributes
    ----------
    host : str
        An address or name of this machine, or `EVERYWHERE`.
    port : int
        The port.
    fingerprint : str
        SHA-256 of its certificate.
    """

    host: str
    port: int
    fingerprint: str

    @property
    def url(self) -> str:
        """The address for other machines."""
        return f"https://{own_address() if self.host == EVERYWHERE else self.host}:{self.port}"

    def __repr__(self) -> str:
        return f"Shared(port={self.port})"


@dataclass(frozen=True)
class ShareRequest:
    """What the owner asks for.

    Attributes
    ----------
    host : str
        Where to listen.
    certificate : str
        Path of the certificate.
    key : str or None
        Path of its key; the certificate's file when None.
    port : int
        The port to listen on if it is free; 0 for any.
    """

    host: str
    certificate: str
    key: str | None = None
    port: int = 0


class Sharing:
    """Listens for other machines once that is asked for. Used on the relay's loop.

    Parameters
    ----------
    secret : str
        The relay's.
    on_shared : callable
        Takes the `Shared` when it has begun.
    """

    def __init__(self, secret: str, on_shared: Callable[[Shared], None]) -> None:
        self._secret, self._on_shared = secret, on_shared
        self._server: web.Server | None = None
        self._listener: asyncio.Server | None = None
        self._present: Shared | None = None
        self._lock = asyncio.Lock()

    def add_to(self, app: web.Application) -> None:
        """Answer requests, as long as the application's connections come by the loopback interface.

        Parameters
        ----------
        app : aiohttp.web.Application
            The relay's.
        """
        app.router.add_post("/share", self._answer)

    def serve_with(self, server: web.Server | None) -> None:
        """Give other machines' connections to the same server as the user's own.

        Parameters
        ----------
        server : aiohttp.web.Server or None
            The relay's.
        """
        self._server = server

    async def close(self) -> None:
        """Listen no more."""
        if self._listener is not None:
            self._listener.close()

    async def _answer(self, request: web.Request) -> web.Response:
        # Only a relay has it at hand: a kernel that asks for sharing would import it before the first picture.
        from aiohttp import web

        authorization = request.headers.get("Authorization", "")
        try:
            if request.secure:
                raise ProtocolError("forbidden", "Sharing is asked for on the relay's own machine.")
            read_token(self._secret, authorization.removeprefix("Bearer "), "share")
            wish = ShareRequest(**await request.json())
            async with self._lock:
                shared = await self._share(wish)
        except RtcWidgetError as error:
            return web.json_response({"error": error.info()}, status=403)
        return web.json_response(asdict(shared))

    async def _share(self, wish: ShareRequest) -> Shared:
        context, fingerprint = await asyncio.to_thread(
            server_context, Path(wish.certificate), Path(wish.key) if wish.key else None
        )
        present = self._present
        if present is not None and (present.host, present.fingerprint) == (wish.host, fingerprint):
            return present
        await self.close()
        listener = await self._listen(wish, context)
        self._listener = listener
        shared = Shared(wish.host, listener.sockets[0].getsockname()[1], fingerprint)
        self._present = shared
        log.info("The relay is on the network as well, port %d.", shared.port)
        self._on_shared(shared)
        return shared

    async def _listen(self, wish: ShareRequest, context: ssl.SSLContext) -> asyncio.Server:
        from .tls_listener import listen_by_tls

        if self._server is None:
            raise RelayError("relay_failed", "The relay is ending.")
        for port in dict.fromkeys((wish.port, 0)):
            try:
                return await listen_by_tls(self._server, wish.host, port, context)
            except OSError as error:
                reason = error.strerror or str(error)
        msg = f"The relay cannot listen at {wish.host}: {reason}. Name an address of this machine."
        raise RelayError("relay_failed", msg)


def request_sharing(port: int, secret: str, wish: ShareRequest) -> Shared:
    """Have the user's own relay listen for other machines. Asking again for the same changes nothing.

    Parameters
    ----------
    port : int
        Where it listens on the loopback interface.
    secret : str
        Its secret.
    wish : ShareRequest
        What to ask for.

    Returns
    -------
    Shared
        Where it listens now.

    Raises
    ------
    RelayError
        ``relay_failed``.
    """
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_ANSWER_SECONDS)
    headers = {"Authorization": f"Bearer {share_token(secret)}", "Content-Type": "application/json"}
    with contextlib.closing(connection):
        try:
            connection.request("POST", "/share", json.dumps(asdict(wish)), headers)
            answer = json.loads(connection.getresponse().read(_ANSWER_BYTES))
        except (OSError, http.client.HTTPException, ValueError) as error:
            msg = "The relay of this machine does not answer; one of an earlier version cannot be shared: end it first."
            raise RelayError("relay_failed", msg) from error
    if "error" in answer:
        raise RelayError(answer["error"]["code"], answer["error"]["message"])
    return Shared(**answer)
