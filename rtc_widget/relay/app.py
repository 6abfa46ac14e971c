"""The relay as a server: Socket.IO on aiohttp around the roster's rules.

Everything runs on one asyncio loop. A client's messages are handled one after the other, in the order in which they
came, so that an offer is never overtaken by its candidates.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs

from aiohttp import web
from socketio.exceptions import ConnectionRefusedError as Refused

from ..errors import ProtocolError, RtcWidgetError
from ..protocol.limits import LIMITS
from ..protocol.owner_key import owner_name
from ..protocol.signaling import PROTOCOL_VERSION
from ..protocol.validate import check
from .engine import Engine
from .intercept.interceptor import Desk
from .rate_limits import TokenBucket
from .recording_router import Recordings
from .roster import Member, Room, Rooms
from .tokens import proof, read_token, resume_token

log = logging.getLogger(__name__)

_JOINS = (2.0, 10.0)
_CONNECTIONS = (200.0, 400.0)
_KERNEL_GRACE_SECONDS = 1.0
# How long participants may take to come back when a teacher's outage is over: their attempts are up to 4 s apart.
_RETURN_SECONDS = 5.0

Ack = dict[str, Any]


def _now() -> float:
    """Return the time that every trace of this relay's rooms is told in: ms since the epoch."""
    return time.time() * 1000


@dataclass(slots=True)
class Connection:
    """One client's socket: what its token allows and whom it speaks for."""

    claims: dict[str, Any]
    owner: str | None
    joins: TokenBucket = field(default_factory=lambda: TokenBucket(*_JOINS))
    member: Member | None = None
    watching: str | None = None


class RelayServer:
    """Rooms behind a Socket.IO endpoint, as an aiohttp application.

    Parameters
    ----------
    secret : str
        Signs and checks tokens.
    allow_origin : callable
        ``(origin, environ) -> bool`` for requests that carry an Origin header.
    ice_servers : iterable of dict
        ``RTCIceServer`` dictionaries handed to everyone who joins (W3C webrtc, section 4.2.4).
    idle_seconds : float or None
        Set `idle` when nobody has been connected for so long; None for never.
    """

    def __init__(
        self,
        secret: str,
        *,
        allow_origin: Callable[[str | None, dict[str, Any]], bool],
        ice_servers: Iterable[dict[str, Any]] = (),
        idle_seconds: float | None = None,
    ) -> None:
        self._secret = secret
        self._ice_servers = list(ice_servers)
        self._idle_seconds = idle_seconds
        self._idle_timer: asyncio.TimerHandle | None = None
        self._rooms = Rooms()
        self._connections: dict[str, Connection] = {}
        self._arrivals = TokenBucket(*_CONNECTIONS)
        self._used: dict[str, float] = {}
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self.idle = asyncio.Event()
        self._sio = Engine(
            async_mode="aiohttp",
            cors_allowed_origins=allow_origin,
            ping_interval=10,
            ping_timeout=20,
            async_handlers=False,
        )
        self._desk = Desk(self._rooms, self._emit, self._sio.disconnect)
        self._recordings = Recordings(self._emit, self._later)
        self._sio.on("connect", self._connect)
        self._sio.on("disconnect", self._disconnect)
        self._sio.on("*", self._event)
        self.app = web.Application()
        self._sio.attach(self.app)
        self.app.router.add_get("/health", self._health)
        self.app.on_startup.append(self._started)
        self.app.on_shutdown.append(self._shutdown)

    # -- the application's life

    async def _started(self, _app: web.Application) -> None:
        self._watch_idleness()

    async def _shutdown(self, _app: web.Application) -> None:
        for timer in [*self._timers.values(), *([self._idle_timer] if self._idle_timer else [])]:
            timer.cancel()
        await self._desk.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for sid in list(self._connections):
            await self._sio.disconnect(sid)
        await self._sio.shutdown()

    def _watch_idleness(self) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
            self._idle_timer = None
        if self._idle_seconds is not None and not self._connections:
            self._idle_timer = asyncio.get_running_loop().call_later(self._idle_seconds, self.idle.set)

    async def _health(self, request: web.Request) -> web.Response:
        """Say that the relay lives, without a token; prove knowledge of the secret when challenged."""
        body: dict[str, Any] = {"ok": True, "service": "rtc_widget.relay", "protocol": PROTOCOL_VERSION}
        challenge = request.query.get("challenge")
        if challenge:
            body["proof"] = proof(self._secret, challenge[:128])
        return web.json_response(body, headers={"Cache-Control": "no-store"})

    def _later(self, key: str, seconds: float, act: Callable[[], Any]) -> None:
        self._forget(key)

        def fire() -> None:
            self._timers.pop(key, None)
            task = asyncio.ensure_future(act())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

        self._timers[key] = asyncio.get_running_loop().call_later(seconds, fire)

    def _forget(self, key: str) -> None:
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    # -- connections

    async def _connect(self, sid: str, environ: dict[str, Any], auth: object = None) -> None:
        try:
            if not self._arrivals.take():
                raise ProtocolError("rate_limited", "Too many connections at once: try again in a second.")
            claims = read_token(self._secret, auth.get("token") if isinstance(auth, dict) else None, "enter")
            wanted = parse_qs(environ.get("QUERY_STRING", "")).get("room")
            if wanted and wanted[0] != claims["room"]:
                raise ProtocolError(
                    "wrong_room", "The token is for another room: ask its owner for one for this room."
                )
        except ProtocolError as error:
            raise Refused(error.message, error.info()) from None
        self._connections[sid] = Connection(
            claims, owner_name(auth.get("owner") if isinstance(auth, dict) else None)
        )
        self._watch_idleness()

    async def _disconnect(self, sid: str, reason: str) -> None:
        connection = self._connections.pop(sid, None)
        self._watch_idleness()
        if connection is None:
            return
        if connection.watching:
            watched = self._rooms.get(connection.watching)
            self._rooms.unwatch(connection.watching, sid)
            if watched is not None:
                self._recordings.gone(watched, sid)
                await self._desk.lease_ends(watched, sid)
            # A kernel that is merely stuck (no pong) is not a kernel that has ended (its socket closes).
            if connection.owner and reason != self._sio.reason.PING_TIMEOUT:
                owner, room = connection.owner, connection.watching
                self._later(f"kernel:{owner}", _KERNEL_GRACE_SECONDS, lambda: self._kernel_gone(owner, room))
        member = connection.member
        if member is not None and member.sid == sid:
            member.sid = None
            await self._tell_room(member, "user_away", {"roomId": member.room, "socketId": member.id})
            room_now = self._rooms.get(member.room)
            down = max(0.0, room_now.down_until - time.monotonic()) if room_now else 0.0
            # Who could not come back has the time for it afterwards.
            patience = LIMITS["away_ms"] / 1000 + (down + _RETURN_SECONDS if down else 0.0)
            self._later(f"away:{member.id}", patience, lambda: self._take_out(member, "lost"))

    async def _kernel_gone(self, owner: str, room_name: str) -> None:
        if any(c.owner == owner and c.watching == room_name for c in self._connections.values()):
            return
        error = ProtocolError(
            "kernel_gone", "The kernel that owns this widget has ended: run the cell again."
        )
        room = self._rooms.get(room_name)
        for member in list(room.members.values()) if room else []:
            if member.owner == owner:
                await self._expel(member, error)

    async def _expel(self, member: Member, error: ProtocolError) -> None:
        sid = member.sid
        await self._take_out(member, "removed")
        if sid is not None:
            await self._sio.emit("removed", {"roomId": member.room, **error.info()}, to=sid)

    async def _take_out(self, member: Member, reason: str) -> None:
        self._forget(f"away:{member.id}")
        if member.sid in self._connections:
            self._connections[member.sid].member = None
        room = self._rooms.get(member.room)
        if room is None or room.members.get(member.id) is not member:
            return
        listeners = self._listeners(room, member)
        self._rooms.remove(member)
        left = {"roomId": member.room, "socketId": member.id, "reason": reason, "at": _now()}
        await self._emit(listeners, "user_left", left)
        await self._desk.gone(room, member.id)

    # -- sending

    @staticmethod
    def _listeners(room: Room, but: Member) -> list[str]:
        return [m.sid for m in room.members.values() if m is not but and m.sid] + list(room.observers)

    async def _emit(self, sids: Iterable[str], event: str, payload: dict[str, Any]) -> None:
        for sid in sids:
            await self._sio.emit(event, payload, to=sid)

    async def _tell_room(self, member: Member, event: str, payload: dict[str, Any]) -> None:
        """Tell the others and the observers; who is away hears it on coming back."""
        room = self._rooms.get(member.room)
        if room is None:
            return
        payload = {**payload, "at": _now()}
        for other in room.members.values():
            if other.sid is None and other is not member:
                other.keep(event, payload)
        await self._emit(self._listeners(room, member), event, payload)

    # -- events

    async def _event(self, event: object, sid: str, *args: object) -> Ack:
        connection = self._connections.get(sid)
        if connection is None:
            return {"ok": False, "error": ProtocolError("bad_token", "This connection has ended.").info()}
        try:
            payload = check(str(event), args[0] if args else None)
            handler = getattr(self, f"_on_{event}", self._forward)
            return {"ok": True, **await handler(sid, connection, payload, str(event))}
        except RtcWidgetError as error:
            return {"ok": False, "error": error.info()}

    def _member(self, connection: Connection, payload: dict[str, Any]) -> tuple[Member, Room]:
        member = connection.member
        room = self._rooms.get(payload["roomId"])
        if member is None or room is None or member.room != payload["roomId"]:
            raise ProtocolError("not_joined", "Join this room before sending to it.")
        return member, room

    async def _on_join_room(
        self, sid: str, connection: Connection, payload: dict[str, Any], _event: str
    ) -> Ack:
        claims, room_name = connection.claims, payload["roomId"]
        if not connection.joins.take():
            raise ProtocolError("rate_limited", "Too many joins on one connection: wait a second.")
        if room_name != claims["room"]:
            raise ProtocolError(
                "wrong_room", "The token is for another room: ask its owner for one for this room."
            )
        if claims["role"] == "observer":
            raise ProtocolError("forbidden", "An observer's token can watch but not join.")
        present = self._rooms.get(room_name)
        if present is not None and present.down_until > time.monotonic():
            raise ProtocolError(
                "relay_down", "A teacher has switched this room's relay off: it is back soon."
            )
        if connection.member is not None:
            raise ProtocolError(
                "already_joined", "This connection has joined: leave first, or open another one."
            )
        session = payload.get("session", sid)
        identity: tuple[str, int] | None = None
        if "resume" in payload:
            resume = read_token(self._secret, payload["resume"], "resume")
            if resume["room"] != room_name:
                raise ProtocolError("wrong_room", "The resume token is from another room.")
            identity = (resume["id"], resume["order"])
        # Who proves to have been admitted needs no second admission.
        nonce = None if identity else claims.get("once")
        if nonce in self._used:
            raise ProtocolError("token_used", "This token admits one participant and has been used.")
        room = self._rooms.get(room_name)
        known = room.members.get(identity[0]) if room and identity else None
        if known is not None and known.session == session:
            member = await self._come_back(known, sid, payload)
        else:
            if known is not None:
                await self._replace(known)
            member = self._rooms.join(
                room_name,
                sid=sid,
                display_name=payload.get("name", "Guest"),
                kind=payload.get("kind", "browser"),
                media=payload.get("media", {}),
                caps=payload.get("caps", {}),
                session=session,
                owner=connection.owner,
                identity=identity,
            )
            if nonce is not None:
                self._use_up(claims)
            await self._tell_room(member, "user_joined", {"roomId": room_name, **member.entry()})
        connection.member = member
        waiting, member.waiting = member.waiting, []
        for event, message in waiting:
            await self._sio.emit(event, message, to=sid)
        others = self._rooms.get(room_name)
        return {
            "socketId": member.id,
            "resume": resume_token(self._secret, room_name, member.id, member.order),
            "order": member.order,
            "participants": [m.entry() for m in others.members.values() if m is not member] if others else [],
            "iceServers": self._ice_servers,
            "recordings": self._recordings.entries(room_name),
        }

    def _use_up(self, claims: dict[str, Any]) -> None:
        self._used = {key: until for key, until in self._used.items() if until > time.time()}
        self._used[claims["once"]] = claims["exp"]

    async def _come_back(self, member: Member, sid: str, payload: dict[str, Any]) -> Member:
        """Give a member whose peer connections live on its new path."""
        self._forget(f"away:{member.id}")
        was_away, old = member.sid is None, member.sid
        member.sid = sid
        member.name = payload.get("name", member.name)
        member.media = {**member.media, **payload.get("media", {})}
        if old is not None and old in self._connections:
            self._connections[old].member = None
            await self._sio.disconnect(old)
        if was_away:
            await self._tell_room(member, "user_back", {"roomId": member.room, "socketId": member.id})
        return member

    async def _replace(self, member: Member) -> None:
        """Make room for a participant that comes back without its peer connections, such as a reloaded page."""
        await self._take_out(member, "left")
        if member.sid is not None:
            error = ProtocolError(
                "taken_over", "The same participant came back in another page, which has the call now."
            )
            await self._sio.emit("removed", {"roomId": member.room, **error.info()}, to=member.sid)

    async def _on_leave_room(
        self, _sid: str, connection: Connection, payload: dict[str, Any], _event: str
    ) -> Ack:
        member, _ = self._member(connection, payload)
        await self._take_out(member, "left")
        return {}

    async def _on_watch_room(
        self, sid: str, connection: Connection, payload: dict[str, Any], _event: str
    ) -> Ack:
        if payload["roomId"] != connection.claims["room"]:
            raise ProtocolError(
                "wrong_room", "The token is for another room: ask its owner for one for this room."
            )
        trace = payload.get("trace", False)
        if trace and connection.claims["role"] != "teacher":
            raise ProtocolError(
                "forbidden", "Only a teacher's token may see what participants say to each other."
            )
        room = self._rooms.watch(payload["roomId"], sid, trace=trace)
        connection.watching = room.name
        if connection.owner:
            self._forget(f"kernel:{connection.owner}")
        entries = [member.entry() for member in room.members.values()]
        return {
            "participants": entries,
            "control": self._desk.state_of(room),
            "recordings": self._recordings.entries(room.name),
            "time": _now(),
        }

    def _taught(self, connection: Connection, payload: dict[str, Any], what: str) -> Room:
        """Return the room that a teacher's connection watches: what a teacher does ends with that."""
        if connection.claims["role"] != "teacher":
            raise ProtocolError("forbidden", f"Only a teacher's token may {what}.")
        room = self._rooms.get(payload["roomId"])
        if room is None or connection.watching != room.name:
            raise ProtocolError("not_joined", "Watch this room before controlling it.")
        return room

    async def _on_control_room(
        self, sid: str, connection: Connection, payload: dict[str, Any], _event: str
    ) -> Ack:
        room = self._taught(connection, payload, "hold or break messages")
        await self._desk.obey(room, sid, payload["action"], payload.get("options", {}))
        return {}

    async def _on_record_room(
        self, sid: str, connection: Connection, payload: dict[str, Any], _event: str
    ) -> Ack:
        room = self._taught(connection, payload, "record a room")
        await self._recordings.switch(room, sid, connection.owner, payload)
        return {}

    async def _on_recorded(
        self, _sid: str, connection: Connection, payload: dict[str, Any], _event: str
    ) -> Ack:
        member, room = self._member(connection, payload)
        await self._recordings.piece(room, member, payload)
        return {}

    async def _on_received(
        self, sid: str, connection: Connection, payload: dict[str, Any], _event: str
    ) -> Ack:
        room = self._taught(connection, payload, "record a room")
        await self._recordings.received(room, sid, payload)
        return {}

    async def _on_clock(
        self, _sid: str, _connection: Connection, _payload: dict[str, Any], _event: str
    ) -> Ack:
        return {"time": _now()}

    async def _on_media_state(
        self, _sid: str, connection: Connection, payload: dict[str, Any], event: str
    ) -> Ack:
        member, _ = self._member(connection, payload)
        member.media = {key: payload[key] for key in ("audio", "video", "screen")}
        await self._tell_room(member, event, {**payload, "from": member.id})
        return {}

    async def _on_report(self, _sid: str, connection: Connection, payload: dict[str, Any], event: str) -> Ack:
        member, room = self._member(connection, payload)
        await self._emit(list(room.observers), event, {**payload, "from": member.id})
        return {}

    async def _forward(self, _sid: str, connection: Connection, payload: dict[str, Any], event: str) -> Ack:
        """Hand offers, answers, descriptions, candidates and requests for an offer to whom they are for."""
        member, room = self._member(connection, payload)
        to = payload.pop("to", None)
        if to is None:
            targets = [other for other in room.members.values() if other is not member]
        else:
            target = room.members.get(to)
            if target is None or target is member:
                raise ProtocolError("unknown_participant", "Nobody of that id is in this room any more.")
            targets = [target]
        key = await self._desk.pass_on(room, member, targets, event, payload)
        return {} if key is None else {"id": key}
