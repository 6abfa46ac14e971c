"""Comings and goings in the rooms of a relay, and who is told of them."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from ..errors import ProtocolError
from ..protocol.limits import LIMITS, seconds
from ..protocol.signaling import JoinRoom
from ..runtime.timers import KeyedTimers
from .clients import Client
from .intercept.interceptor import Interceptor
from .roster import Member, Room, Rooms

_KERNEL_GRACE_SECONDS: Final = 1.0

Emit = Callable[[Iterable[str], str, dict[str, Any]], Awaitable[None]]


def now() -> float:
    """Return the time that every trace of this relay's rooms is told in: ms since the epoch."""
    return time.time() * 1000


class RoomService:
    """Takes participants in and out. Used on the relay's loop.

    Parameters
    ----------
    rooms : Rooms
        The roster.
    clients : dict
        Everybody who is connected, by ``sid``.
    emit : callable
        Coroutine that sends an event with a payload to some connections.
    disconnect : callable
        Coroutine that ends a connection.
    interceptor : Interceptor
        Is told who has left.
    timers : KeyedTimers
        For those who may come back.
    """

    def __init__(
        self,
        rooms: Rooms,
        clients: dict[str, Client],
        *,
        emit: Emit,
        disconnect: Callable[[str], Awaitable[None]],
        interceptor: Interceptor,
        timers: KeyedTimers,
    ) -> None:
        self._rooms, self._clients = rooms, clients
        self._emit, self._disconnect = emit, disconnect
        self._interceptor, self._timers = interceptor, timers

    async def announce(self, member: Member, event: str, payload: dict[str, Any]) -> None:
        """Tell the others and the observers; who is away is told on coming back."""
        room = self._rooms.get(member.room)
        if room is None:
            return
        payload = {**payload, "at": now()}
        for other in room.members.values():
            if other.sid is None and other is not member:
                other.keep(event, payload)
        await self._emit(_listeners(room, member), event, payload)

    async def enter(
        self, client: Client, payload: JoinRoom, session: str, identity: tuple[str, int] | None
    ) -> tuple[Member, bool]:
        """Take a client in.

        Parameters
        ----------
        client : Client
            Who comes.
        payload : JoinRoom
            What it says of itself.
        session : str
            One life of the client: with the same one it still holds its peer connections.
        identity : (str, int), optional
            The id and order of one who comes back.

        Returns
        -------
        (Member, bool)
            The participant, and whether it is admitted anew.

        Raises
        ------
        ProtocolError
            ``room_full`` or ``too_many_rooms``.
        """
        room = self._rooms.get(payload["roomId"])
        known = room.members.get(identity[0]) if room and identity else None
        if known is not None and known.session == session:
            return await self._come_back(known, client.sid, payload), False
        if known is not None:
            await self._replace(known)
        member = self._rooms.join(
            payload["roomId"],
            sid=client.sid,
            display_name=payload.get("name", "Guest"),
            kind=payload.get("kind", "browser"),
            media=payload.get("media", {}),
            caps=payload.get("caps", {}),
            session=session,
            owner=client.owner,
            identity=identity,
        )
        return member, True

    async def deliver_kept(self, member: Member, sid: str) -> None:
        """Send a participant what was kept for it while it was away."""
        kept, member.waiting = member.waiting, []
        for event, payload in kept:
            await self._emit([sid], event, payload)

    async def _come_back(self, member: Member, sid: str, payload: JoinRoom) -> Member:
        """Give a member whose peer connections live on its new path."""
        self._timers.cancel(("away", member.id))
        was_away, before = member.sid is None, member.sid
        member.sid = sid
        member.name = payload.get("name", member.name)
        member.media = {**member.media, **payload.get("media", {})}
        if before is not None and before in self._clients:
            self._clients[before].member = None
            await self._disconnect(before)
        if was_away:
            await self.announce(member, "user_back", {"roomId": member.room, "socketId": member.id})
        return member

    async def _replace(self, member: Member) -> None:
        """Make room for a participant that comes back without its peer connections, such as a reloaded page."""
        sid = member.sid
        await self.take_out(member, "left")
        if sid is not None:
            error = ProtocolError(
                "taken_over", "The same participant came back in another page, which has the call now."
            )
            await self._emit([sid], "removed", {"roomId": member.room, **error.info()})

    async def take_out(self, member: Member, reason: str) -> None:
        """Take a participant off the roster, and tell everybody why."""
        self._timers.cancel(("away", member.id))
        if member.sid in self._clients:
            self._clients[member.sid].member = None
        room = self._rooms.get(member.room)
        if room is None or room.members.get(member.id) is not member:
            return
        listeners = _listeners(room, member)
        self._rooms.remove(member)
        left = {"roomId": member.room, "socketId": member.id, "reason": reason, "at": now()}
        await self._emit(listeners, "user_left", left)
        await self._interceptor.gone(room, member.id)

    async def path_lost(self, member: Member) -> None:
        """Let a participant whose connection has ended come back for a while."""
        member.sid = None
        await self.announce(member, "user_away", {"roomId": member.room, "socketId": member.id})
        room = self._rooms.get(member.room)
        down = max(0.0, room.down_until - time.monotonic()) if room else 0.0
        # Who could not come back has the time for it when a teacher's outage is over.
        patience = LIMITS["away_ms"] / 1000 + (down + seconds("return") if down else 0.0)
        self._timers.set(("away", member.id), patience, lambda: self.take_out(member, "lost"))

    def observer_lost(self, owner: str, room_name: str) -> None:
        """Let a kernel whose observer connection has ended come back for a moment; then its widget leaves."""
        self._timers.set(
            ("kernel", owner), _KERNEL_GRACE_SECONDS, lambda: self._kernel_gone(owner, room_name)
        )

    def observer_back(self, owner: str) -> None:
        """Keep a widget whose kernel is there again."""
        self._timers.cancel(("kernel", owner))

    async def _kernel_gone(self, owner: str, room_name: str) -> None:
        if any(c.owner == owner and c.watching == room_name for c in self._clients.values()):
            return
        error = ProtocolError(
            "kernel_gone", "The kernel that owns this widget has ended: run the cell again."
        )
        room = self._rooms.get(room_name)
        for member in list(room.members.values()) if room else []:
            if member.owner == owner:
                sid = member.sid
                await self.take_out(member, "removed")
                if sid is not None:
                    await self._emit([sid], "removed", {"roomId": member.room, **error.info()})


def _listeners(room: Room, but: Member) -> list[str]:
    return [m.sid for m in room.members.values() if m is not but and m.sid] + list(room.observers)
