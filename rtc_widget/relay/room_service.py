"""Participants coming and going in the rooms of a relay, and who is informed."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from ..errors import ProtocolError
from ..protocol.limits import seconds
from ..protocol.signaling import JoinRoom
from ..runtime.timers import KeyedTimers
from .clients import Client
from .intercept.interceptor import Interceptor
from .roster import Member, Room, Rooms

_KERNEL_GRACE_SECONDS: Final = 1.0

Emit = Callable[[Iterable[str], str, dict[str, Any]], Awaitable[None]]


def now() -> float:
    """Return the relay's time, which all traces of its rooms use.

    Returns
    -------
    float
        Milliseconds since the epoch.
    """
    return time.time() * 1000


class RoomService:
    """Admits and removes participants. Used on the relay's loop.

    Parameters
    ----------
    rooms : Rooms
        The roster.
    clients : dict
        All connected clients, by ``sid``.
    emit : callable
        Coroutine function that sends an event with a payload to some connections.
    disconnect : callable
        Coroutine function that ends a connection.
    interceptor : Interceptor
        Is informed who has left.
    timers : KeyedTimers
        For participants that may reconnect.
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
        """Inform the other participants and the observers. Disconnected ones get the roster when they return, which says it all.

        Parameters
        ----------
        member : Member
            The participant whom the event is about, who is not informed.
        event : str
            The event's name on the wire.
        payload : dict
            Its payload.
        """
        room = self._rooms.get(member.room)
        if room is None:
            return
        # Not kept for them: news of before would be believed after the roster.
        await self._emit(_listeners(room, member), event, {**payload, "at": now()})

    async def enter(
        self, client: Client, payload: JoinRoom, session: str, identity: tuple[str, int] | None
    ) -> tuple[Member, bool]:
        """Admit a client.

        Parameters
        ----------
        client : Client
            The client.
        payload : JoinRoom
            The event ``join_room``.
        session : str
            One life of the client: with the same one it still holds its peer connections.
        identity : (str, int), optional
            The id and order of a participant that returns.

        Returns
        -------
        (Member, bool)
            The participant, and whether it is a new one.

        Raises
        ------
        ProtocolError
            ``room_full`` or ``too_many_rooms``; ``bad_name`` for a name that is somebody's id.
        """
        # A client may send several events at once, and several clients may be one participant: whatever is decided here is
        # in the roster before anything is awaited.
        room = self._rooms.get(payload["roomId"])
        if room is not None and payload.get("name") in room.members:
            raise ProtocolError(
                "bad_name", "This name is the id of somebody in the room: choose another one."
            )
        known = room.members.get(identity[0]) if room and identity else None
        if known is not None and known.session == session:
            return await self._come_back(known, client, payload), False
        earlier = known.sid if known is not None else None
        announce_leave = self._remove(known, "left") if known is not None else None
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
        client.member, member.token = member, client.token
        if announce_leave is not None:
            await announce_leave()
        if earlier is not None:
            # The earlier self of a participant that returns without its peer connections, as a reloaded page does.
            error = ProtocolError(
                "taken_over", "The same participant returned in another page, which now has the call."
            )
            await self._emit([earlier], "removed", {"roomId": member.room, **error.info()})
        return member, True

    async def settle(self, client: Client, member: Member) -> None:
        """Look whether a client that has entered is still connected: it may have gone while the others were informed.

        Parameters
        ----------
        client : Client
            The client.
        member : Member
            Its participant.
        """
        if client.sid not in self._clients and member.sid == client.sid:
            await self.path_lost(member)

    async def deliver_kept(self, member: Member, sid: str) -> None:
        """Send a participant the messages that were kept while it was disconnected.

        Parameters
        ----------
        member : Member
            The participant.
        sid : str
            Its connection.
        """
        for event, payload in member.take_kept():
            await self._emit([sid], event, payload)

    async def _come_back(self, member: Member, client: Client, payload: JoinRoom) -> Member:
        """Move a member whose peer connections still exist to its new connection."""
        self._timers.cancel(("away", member.id))
        was_disconnected, before = member.sid is None, member.sid
        member.sid, client.member, member.token = client.sid, member, client.token
        member.name = payload.get("name", member.name)
        media, member.media = member.media, {**member.media, **payload.get("media", {})}
        if before is not None and before in self._clients:
            self._clients[before].member = None
            await self._disconnect(before)
        if was_disconnected:
            await self.announce(member, "user_back", {"roomId": member.room, "socketId": member.id})
        if member.media != media:
            # Turned on or off while there was no path.
            await self.announce(
                member, "media_state", {"roomId": member.room, **member.media, "from": member.id}
            )
        return member

    async def take_out(self, member: Member, reason: str) -> None:
        """Remove a participant from the roster, and inform everybody.

        Parameters
        ----------
        member : Member
            The participant.
        reason : str
            "left", "lost" or "removed".
        """
        announce = self._remove(member, reason)
        if announce is not None:
            await announce()

    async def put_out(self, member: Member, error: ProtocolError) -> None:
        """Remove a participant from the roster, and inform everybody, itself included.

        Parameters
        ----------
        member : Member
            The participant.
        error : ProtocolError
            What it is told.
        """
        sid = member.sid
        await self.take_out(member, "removed")
        if sid is not None:
            await self._emit([sid], "removed", {"roomId": member.room, **error.info()})

    async def end_watching(self, room: Room, token_id: str) -> None:
        """Disconnect who observes a room by a token that is revoked, without a participant of their own in it.

        Parameters
        ----------
        room : Room
            The room.
        token_id : str
            The token's id.
        """
        present = {member.owner for member in room.members.values() if member.owner}
        for client in list(self._clients.values()):
            by_this = client.claims.get("id") == token_id and client.sid in room.observers
            if by_this and client.owner not in present:
                await self._disconnect(client.sid)

    def _remove(self, member: Member, reason: str) -> Callable[[], Awaitable[None]] | None:
        """Remove a participant from the roster; return what informs everybody, None when it was not there."""
        self._timers.cancel(("away", member.id))
        if member.sid in self._clients:
            self._clients[member.sid].member = None
        room = self._rooms.get(member.room)
        if room is None or not room.has(member):
            return None
        listeners = _listeners(room, member)
        self._rooms.remove(member)
        left = {"roomId": member.room, "socketId": member.id, "reason": reason, "at": now()}

        async def announce() -> None:
            await self._emit(listeners, "user_left", left)
            await self._interceptor.gone(room, member.id)

        return announce

    async def path_lost(self, member: Member) -> None:
        """Give a participant whose connection has ended some time to return.

        Parameters
        ----------
        member : Member
            The participant.
        """
        member.sid = None
        room = self._rooms.get(member.room)
        down = max(0.0, room.down_until - time.monotonic()) if room else 0.0
        # A teacher's outage does not count against the time that a participant has to return.
        grace = seconds("away") + (down + seconds("return") if down else 0.0)
        # Before anybody is informed: by then it may be back.
        self._timers.set(("away", member.id), grace, lambda: self.take_out(member, "lost"))
        await self.announce(member, "user_away", {"roomId": member.room, "socketId": member.id})

    def observer_lost(self, owner: str, room_name: str) -> None:
        """Give a kernel whose observer connection has ended a moment to return; otherwise its widget leaves.

        Parameters
        ----------
        owner : str
            The public name of the widget.
        room_name : str
            Its room.
        """
        self._timers.set(
            ("kernel", owner), _KERNEL_GRACE_SECONDS, lambda: self._kernel_gone(owner, room_name)
        )

    def observer_back(self, owner: str) -> None:
        """Keep the participants of a widget whose kernel has returned.

        Parameters
        ----------
        owner : str
            The public name of the widget.
        """
        self._timers.cancel(("kernel", owner))

    async def _kernel_gone(self, owner: str, room_name: str) -> None:
        if any(c.owner == owner and c.watching == room_name for c in self._clients.values()):
            return
        error = ProtocolError("kernel_gone", "The kernel of this widget has ended: run the cell again.")
        room = self._rooms.get(room_name)
        for member in list(room.members.values()) if room else []:
            if member.owner == owner:
                await self.put_out(member, error)


def _listeners(room: Room, but: Member) -> list[str]:
    return [m.sid for m in room.members.values() if m is not but and m.sid] + list(room.observers)
