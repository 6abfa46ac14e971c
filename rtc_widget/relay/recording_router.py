"""Who records which room: tells everybody in it, and carries what participants record of themselves to who does."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from ..errors import ProtocolError
from .roster import Member, Room

_MOST: Final = 8
# How long who records may take to come back. Participants go on recording themselves for as long.
_GRACE_SECONDS: Final = 5.0

Emit = Callable[[Iterable[str], str, dict[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class Recording:
    """One recording of a room; ``sid`` is the connection of who records, None while that is lost.

    One that is not ``on`` any more still takes what is on its way.
    """

    id: str
    name: str
    owner: str | None
    sid: str | None
    on: bool = True


class Recordings:
    """The recordings of all rooms of a relay. Used on the relay's loop.

    Parameters
    ----------
    emit : callable
        Coroutine that sends an event with a payload to some connections.
    later : callable
        ``(key, seconds, act)``: awaits ``act()`` after so long, once for each key.
    """

    def __init__(self, emit: Emit, later: Callable[[str, float, Callable[[], Any]], None]) -> None:
        self._emit = emit
        self._later = later
        self._recordings: dict[str, dict[str, Recording]] = {}

    def entries(self, room: str) -> list[dict[str, Any]]:
        """Return who records a room, as newcomers are told."""
        found = self._recordings.get(room, {}).values()
        return [{"recording": each.id, "name": each.name} for each in found if each.on]

    async def switch(self, room: Room, sid: str, owner: str | None, payload: dict[str, Any]) -> None:
        """Begin a recording, take up one that lost its connection, or end one.

        Raises
        ------
        ProtocolError
            ``forbidden`` for somebody else's, ``bad_request`` for too many.
        """
        key, here = payload["recording"], self._recordings.setdefault(room.name, {})
        known = here.get(key)
        if known is not None and known.owner != owner:
            raise ProtocolError("forbidden", "This recording is somebody else's.")
        if known is None:
            if sum(each.on for each in here.values()) >= _MOST:
                raise ProtocolError("bad_request", f"A room can be recorded {_MOST} times at once, no more.")
            known = here[key] = Recording(key, payload.get("name", "Somebody"), owner, sid)
        known.sid, known.on = sid, payload["on"]
        await self._tell(room, known)

    async def piece(self, room: Room, sender: Member, payload: dict[str, Any]) -> None:
        """Hand a piece to who records; what finds nobody is sent again when there is somebody again."""
        recording = self._recordings.get(room.name, {}).get(payload["recording"])
        if recording is not None and recording.sid is not None:
            await self._emit([recording.sid], "recorded", {**payload, "from": sender.id})

    async def received(self, room: Room, sid: str, payload: dict[str, Any]) -> None:
        """Tell a participant how much of what it sent has been written down."""
        recording = self._recordings.get(room.name, {}).get(payload["recording"])
        if recording is None or recording.sid != sid:
            raise ProtocolError("forbidden", "Only who records can say what was received.")
        member = room.members.get(payload.pop("to"))
        if member is not None and member.sid is not None:
            await self._emit([member.sid], "received", payload)

    def gone(self, room: Room, sid: str) -> None:
        """Give who records the time to come back, now that its connection has ended."""
        for recording in self._recordings.get(room.name, {}).values():
            if recording.sid == sid:
                recording.sid = None
                self._wait_for(room, recording)

    def _wait_for(self, room: Room, recording: Recording) -> None:
        async def end() -> None:
            here = self._recordings.get(room.name, {})
            if recording.sid is not None or here.get(recording.id) is not recording:
                return
            del here[recording.id]
            if not here:
                del self._recordings[room.name]
            if recording.on:
                recording.on = False
                await self._tell(room, recording)

        self._later(f"recording:{recording.id}", _GRACE_SECONDS, end)

    async def _tell(self, room: Room, recording: Recording) -> None:
        told = {"recording": recording.id, "name": recording.name, "on": recording.on}
        payload = {"roomId": room.name, **told, "at": time.time() * 1000}
        for member in room.members.values():
            if member.sid is None:
                member.keep("recording", payload)
        here = [member.sid for member in room.members.values() if member.sid is not None]
        await self._emit([*here, *room.observers], "recording", payload)
