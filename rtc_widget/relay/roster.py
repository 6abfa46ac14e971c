"""The roster's rules, without I/O: who is in which room, in which order, and for whom messages are kept."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from ..errors import ProtocolError
from ..protocol.limits import LIMITS
from ..runtime.shared_log import SharedLog
from .intercept.rules import InterceptRules
from .rate_limits import TokenBucket

_MAX_ROOMS = 1_000
_MAX_WAITING = 256
REPORTS = (300.0, 6_000.0)
"""How many report entries one participant may send: a second on average, and in one burst."""


@dataclass(slots=True)
class Member:
    """A participant as the relay knows it; ``sid`` is its current connection, None while it is disconnected, ``token`` the
    id and expiry of what it last came in with.
    """

    id: str
    room: str
    order: int
    sid: str | None
    name: str
    kind: str
    media: dict[str, bool]
    caps: dict[str, bool]
    session: str
    owner: str | None
    token: tuple[str, float] | None = None
    reports: TokenBucket = field(default_factory=lambda: TokenBucket(*REPORTS))
    waiting: SharedLog[tuple[str, dict[str, Any]]] = field(default_factory=lambda: SharedLog(_MAX_WAITING))

    def entry(self) -> dict[str, Any]:
        """Describe the participant for others.

        Returns
        -------
        dict
            An entry of the roster.
        """
        entry: dict[str, Any] = {
            "socketId": self.id,
            "order": self.order,
            "name": self.name,
            "kind": self.kind,
            "media": self.media,
            "caps": self.caps,
            "session": self.session,
            "away": self.sid is None,
        }
        if self.owner:
            entry["owner"] = self.owner
        return entry

    def keep(self, event: str, payload: dict[str, Any]) -> None:
        """Keep a message until the participant returns; where there are too many, the oldest of who has sent most is dropped.

        Parameters
        ----------
        event : str
            The event's name on the wire.
        payload : dict
            Its payload.
        """
        self.waiting.append(str(payload.get("from", "")), (event, payload))

    def take_kept(self) -> list[tuple[str, dict[str, Any]]]:
        """Take out what was kept.

        Returns
        -------
        list of (str, dict)
            Events with their payloads, in the order in which they came.
        """
        kept, self.waiting = self.waiting, SharedLog(_MAX_WAITING)
        return list(kept)


@dataclass(slots=True)
class Room:
    """Members by id, in order of arrival, and the connections that only observe.

    ``tracers`` are the observers that receive every signaling message; until ``down_until`` (monotonic, s) nobody
    is admitted, because a teacher has switched the relay off. ``announced_pause`` is what participants have been told.
    """

    name: str
    members: dict[str, Member] = field(default_factory=dict)
    observers: set[str] = field(default_factory=set)
    tracers: set[str] = field(default_factory=set)
    rules: InterceptRules = field(default_factory=InterceptRules)
    down_until: float = 0.0
    announced_pause: bool = False

    def has(self, member: Member) -> bool:
        """Return whether a member is here still, and not somebody who came back as the same participant.

        Parameters
        ----------
        member : Member
            The member.

        Returns
        -------
        bool
            Whether it is in the roster.
        """
        return self.members.get(member.id) is member


class Rooms:
    """All rooms of one relay. A room exists while it has members or observers.

    Parameters
    ----------
    capacity : int
        Members per room.
    """

    def __init__(self, capacity: int = LIMITS["room_capacity"]) -> None:
        self._rooms: dict[str, Room] = {}
        self._capacity = capacity
        self._last_order = 0

    def __len__(self) -> int:
        return len(self._rooms)

    def __iter__(self) -> Iterator[Room]:
        return iter(list(self._rooms.values()))

    def get(self, name: str) -> Room | None:
        """Find a room.

        Parameters
        ----------
        name : str
            The room's name.

        Returns
        -------
        Room or None
            None when it has neither members nor observers.
        """
        return self._rooms.get(name)

    def _open(self, name: str) -> Room:
        room = self._rooms.get(name)
        if room is None:
            if len(self._rooms) >= _MAX_ROOMS:
                raise ProtocolError(
                    "too_many_rooms", f"The relay already has {_MAX_ROOMS} rooms: try again later."
                )
            room = self._rooms[name] = Room(name)
        return room

    def _drop_if_empty(self, room: Room) -> None:
        if not room.members and not room.observers:
            self._rooms.pop(room.name, None)

    def next_order(self) -> int:
        """Return a number larger than all before, even across a restart: milliseconds, made unique.

        Returns
        -------
        int
            The number.
        """
        self._last_order = max(self._last_order + 1, int(time.time() * 1000))
        return self._last_order

    def join(
        self,
        name: str,
        *,
        sid: str,
        display_name: str,
        kind: str,
        media: dict[str, bool],
        caps: dict[str, bool],
        session: str,
        owner: str | None,
        identity: tuple[str, int] | None = None,
    ) -> Member:
        """Add a member.

        Parameters
        ----------
        name : str
            The room's name.
        sid : str
            The member's connection.
        display_name : str
            The participant's name.
        kind : str
            "browser", "python", or what the client calls itself.
        media : dict
            Which media are on.
        caps : dict
            What the client can do.
        session : str
            One life of the client.
        owner : str or None
            The public name of its widget.
        identity : (str, int), optional
            The (id, order) of a participant that returns.

        Returns
        -------
        Member
            The member.

        Raises
        ------
        ProtocolError
            ``room_full`` or ``too_many_rooms``.
        """
        room = self._open(name)
        if len(room.members) >= self._capacity:
            self._drop_if_empty(room)
            raise ProtocolError(
                "room_full",
                f"The room is full with {self._capacity} participants: try another room.",
            )
        member_id, order = identity or (secrets.token_urlsafe(12), self.next_order())
        member = Member(
            id=member_id,
            room=name,
            order=order,
            sid=sid,
            name=display_name,
            kind=kind,
            media={"audio": True, "video": True, "screen": False, **media},
            caps=caps,
            session=session,
            owner=owner,
        )
        room.members[member_id] = member
        return member

    def remove(self, member: Member) -> None:
        """Remove a member from the roster.

        Parameters
        ----------
        member : Member
            The member.
        """
        room = self._rooms.get(member.room)
        if room is not None and room.has(member):
            del room.members[member.id]
            self._drop_if_empty(room)

    def watch(self, name: str, sid: str, *, trace: bool = False) -> Room:
        """Make a connection an observer of a room.

        Parameters
        ----------
        name : str
            The room's name.
        sid : str
            The connection.
        trace : bool
            Whether it also receives every signaling message.

        Returns
        -------
        Room
            The room.
        """
        room = self._open(name)
        room.observers.add(sid)
        if trace:
            room.tracers.add(sid)
        return room

    def unwatch(self, name: str, sid: str) -> None:
        """Undo `watch`.

        Parameters
        ----------
        name : str
            The room's name.
        sid : str
            The connection.
        """
        room = self._rooms.get(name)
        if room is not None:
            room.observers.discard(sid)
            room.tracers.discard(sid)
            self._drop_if_empty(room)
