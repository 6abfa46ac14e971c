"""The relay as a server: Socket.IO on aiohttp, around the rules of the roster.

Everything runs on one asyncio loop. A client's messages are handled one after the other, in order of arrival, so
that candidates never overtake their offer.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Final

from aiohttp import web
from socketio.exceptions import ConnectionRefusedError as Refused

from ..errors import ProtocolError
from ..ice.turn_server import TurnServer
from ..protocol.owner_key import owner_name
from ..protocol.signaling import PROOF_NAMESPACE, PROTOCOL_VERSION
from ..runtime.timers import KeyedTimers
from .clients import Client
from .engine import Engine
from .handlers import Handlers
from .intercept.interceptor import Interceptor
from .join_page import add_join_page
from .rate_limits import TokenBuckets
from .recording_router import RecordingRouter
from .room_service import RoomService
from .roster import Rooms
from .token_ledger import TokenLedger
from .tokens import proof, read_admission
from .waiting_rooms import WaitingRooms

log = logging.getLogger(__name__)

_CONNECTIONS: Final = (200.0, 400.0)
"""Connections a second to one room, on average and at once."""
_CHALLENGE_CHARACTERS: Final = 128


class RelayServer:
    """Rooms behind a Socket.IO endpoint, as an aiohttp application.

    Parameters
    ----------
    secret : str
        Signs and checks tokens.
    allow_origin : callable
        ``(origin, environ) -> bool`` for requests that carry an Origin header.
    ice_servers : iterable of dict
        ``RTCIceServer`` dictionaries for everyone who joins (W3C webrtc, section 4.2.4).
    turn : TurnServer, optional
        One more, for which everyone gets credentials of their own, and new ones in time.
    idle_seconds : float or None
        Set `idle` when nobody has been connected for this long; None for never.
    ledger : Path or None
        File in which uses and revocations of tokens outlive the relay.
    """

    def __init__(
        self,
        secret: str,
        *,
        allow_origin: Callable[[str | None, dict[str, Any]], bool],
        ice_servers: Iterable[dict[str, Any]] = (),
        turn: TurnServer | None = None,
        idle_seconds: float | None = None,
        ledger: Path | None = None,
    ) -> None:
        self._secret, self._fixed_ice_servers, self._turn = secret, list(ice_servers), turn
        self._idle_seconds = idle_seconds
        self._idle_timer: asyncio.TimerHandle | None = None
        self._rooms = Rooms()
        self._clients: dict[str, Client] = {}
        self._arrivals = TokenBuckets(*_CONNECTIONS)
        self._timers = KeyedTimers()
        self.idle = asyncio.Event()
        self._sio = Engine(
            self._timers,
            async_mode="aiohttp",
            cors_allowed_origins=allow_origin,
            ping_interval=10,
            ping_timeout=20,
            async_handlers=False,
        )
        self._interceptor = Interceptor(self._emit, self._sio.disconnect, self._timers)
        self._recordings = RecordingRouter(self._emit, self._timers)
        self._service = RoomService(
            self._rooms,
            self._clients,
            emit=self._emit,
            disconnect=self._sio.disconnect,
            interceptor=self._interceptor,
            timers=self._timers,
        )
        self._ledger = TokenLedger(ledger)
        self._waiting = WaitingRooms(
            secret, self._rooms, self._clients, emit=self._emit, timers=self._timers, ledger=self._ledger
        )
        self._handlers = Handlers(
            secret,
            self._ice_servers,
            clients=self._clients,
            rooms=self._rooms,
            service=self._service,
            interceptor=self._interceptor,
            recordings=self._recordings,
            emit=self._emit,
            ledger=self._ledger,
            waiting=self._waiting,
        )
        self._sio.on("connect", self._connect)
        self._sio.on("disconnect", self._disconnect)
        self._sio.on("*", self._handlers.receive)
        self._sio.on("prove", self._prove, namespace=PROOF_NAMESPACE)
        self.app = web.Application()
        self._sio.attach(self.app)
        self.app.router.add_get("/health", self._health)
        add_join_page(self.app)
        self.app.on_startup.append(self._started)
        self.app.on_shutdown.append(self._shutdown)

    # -- the application's life

    async def _started(self, _app: web.Application) -> None:
        self._watch_idleness()
        self._renew_later()

    async def _shutdown(self, _app: web.Application) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        await self._timers.close()
        for sid in list(self._clients):
            await self._sio.disconnect(sid)
        await self._sio.shutdown()

    def _watch_idleness(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        if self._idle_seconds is not None and not self._clients:
            self._idle_timer = asyncio.get_running_loop().call_later(self._idle_seconds, self.idle.set)

    async def _health(self, request: web.Request) -> web.Response:
        """Report that the relay is running, without a token; prove knowledge of the secret when challenged."""
        body: dict[str, Any] = {"ok": True, "service": "rtc_widget.relay", "protocol": PROTOCOL_VERSION}
        challenge = request.query.get("challenge")
        if challenge:
            body["proof"] = self._proof(request, challenge)
        return web.json_response(body, headers={"Cache-Control": "no-store"})

    def _proof(self, request: web.Request, challenge: object) -> str | None:
        # None once the connection has ended.
        transport = request.transport
        if transport is None or not isinstance(challenge, str):
            return None
        _, port, *_ = transport.get_extra_info("sockname")
        return proof(self._secret, challenge[:_CHALLENGE_CHARACTERS], port)

    async def _prove(self, sid: str, challenge: object = None) -> dict[str, Any]:
        """Prove to a page that this is its kernel's relay, before the page sends its token."""
        environ = self._sio.get_environ(sid, PROOF_NAMESPACE)
        return {"proof": self._proof(environ["aiohttp.request"], challenge)}

    # -- ICE servers

    def _ice_servers(self) -> list[dict[str, Any]]:
        made = [] if self._turn is None else [self._turn.ice_server()]
        return [*self._fixed_ice_servers, *made]

    def _renew_later(self) -> None:
        # Whoever has just joined has half of the time left when the next ones come.
        if self._turn is not None:
            self._timers.set("ice_servers", self._turn.lifetime / 2, self._renew)

    async def _renew(self) -> None:
        self._renew_later()
        for room in self._rooms:
            for member in list(room.members.values()):
                if member.sid is not None:
                    renewed = {"roomId": room.name, "iceServers": self._ice_servers()}
                    await self._emit([member.sid], "ice_servers", renewed)

    # -- connections

    async def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        given = auth if isinstance(auth, dict) else {}
        try:
            # Before anything is counted: whoever has no token keeps nobody out who has one.
            claims = read_admission(self._secret, given.get("token"))
            self._ledger.check_revoked(claims)
            if not self._arrivals.take(claims["room"]):
                raise ProtocolError("rate_limited", "Too many connections at once: try again in a second.")
            # Engine.IO's QUERY_STRING is decoded already: a name with a "%" or "+" would be another one after that.
            wanted = environ["aiohttp.request"].query.get("room")
            if wanted and wanted != claims["room"]:
                raise ProtocolError(
                    "wrong_room", "The token is for another room: ask its owner for one for this room."
                )
            if given.get("newcomer") is True:
                self._ledger.check_uses(claims)
        except ProtocolError as error:
            raise Refused(error.message, error.info()) from None
        owner = owner_name(given.get("owner"))
        self._clients[sid] = Client(sid, claims, owner, address=environ["aiohttp.request"].remote)
        log.debug("A client has connected as %s.", claims["role"])
        self._watch_idleness()

    async def _disconnect(self, sid: str, reason: str) -> None:
        client = self._clients.pop(sid, None)
        self._watch_idleness()
        if client is None:
            return
        log.debug("A client has disconnected: %s.", reason)
        if client.watching:
            await self._observer_gone(client, client.watching, reason)
        member = client.member
        if member is not None and member.sid == sid:
            await self._service.path_lost(member)
        self._waiting.path_lost(client)

    async def _observer_gone(self, client: Client, room_name: str, reason: str) -> None:
        room = self._rooms.get(room_name)
        self._rooms.unwatch(room_name, client.sid)
        if room is not None:
            self._recordings.gone(room, client.sid)
            await self._interceptor.lease_ends(room, client.sid)
        # A kernel that is only stuck (no pong) has not ended (its socket closes).
        if client.owner and reason != self._sio.reason.PING_TIMEOUT:
            self._service.observer_lost(client.owner, room_name)

    async def _emit(self, sids: Iterable[str], event: str, payload: dict[str, Any]) -> None:
        for sid in sids:
            await self._sio.emit(event, payload, to=sid)
