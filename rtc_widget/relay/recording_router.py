"""Who records which room: tells everybody in it, and forwards what participants record of themselves to the recorder."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from ..errors import ProtocolError
from ..protocol.limits import seconds
from ..protocol.signaling import Received, Recorded, RecordRoom
from ..runtime.timers import KeyedTimers
from .roster import Member, Room

_MOST: Final = 8

Emit = Callable[[Iterable[str], str, dict[str, Any]], Awaitable[None]]


@dataclass(slots=True)
class RoomRecording:
    """One recording of a room; ``sid`` is the connection of who records, None while that is lost.

    One that is not ``on`` any more still takes what is on its way.
    """

    id: str
    name: str
    owner: str | None
    sid: str | None
    on: bool = True


class RecordingRouter:
    """The recordings of all rooms of a relay. Used on the relay's loop.

    Parameters
    ----------
    emit : callable
        Coroutine that sends an event with a payload to some connections.
    timers : KeyedTimers
        For recorders that may come back.
    """

    def __init__(self, emit: Emit, timers: KeyedTimers) -> None:
        self._emit = emit
        self._timers = timers
        self._recordings: dict[str, dict[str, RoomRecording]] = {}

    def entries(self, room: str) -> list[dict[str, Any]]:
        """Return who records a room, as newcomers are told."""
        found = self._recordings.get(room, {}).values()
        return [{"recording": each.id, "name": each.name} for each in found if each.on]

    async def switch(self, room: Room, sid: str, owner: str | None, payload: RecordRoom) -> None:
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
            known = here[key] = RoomRecording(key, payload.get("name", "Somebody"), owner, sid)
        known.sid, known.on = sid, payload["on"]
        await self._announce(room, known)

    async def forward(self, room: Room, sender: Member, payload: Recorded) -> None:
        """Forward a segment's piece to the recorder; unacknowledged pieces are sent again after it has come back."""
        recording = self._recordings.get(room.name, {}).get(payload["recording"])
        if recording is not None and recording.sid is not None:
            await self._emit([recording.sid], "recorded", {**payload, "from": sender.id})

    async def acknowledge(self, room: Room, sid: str, payload: Received) -> None:
        """Tell a participant how much of what it sent has been written down."""
        recording = self._recordings.get(room.name, {}).get(payload["recording"])
        if recording is None or recording.sid != sid:
            raise ProtocolError("forbidden", "Only who records can say what was received.")
        member = room.members.get(payload["to"])
        if member is not None and member.sid is not None:
            forwarded = {key: value for key, value in payload.items() if key != "to"}
            await self._emit([member.sid], "received", forwarded)

    def gone(self, room: Room, sid: str) -> None:
        """Give who records the time to come back, now that its connection has ended."""
        for recording in self._recordings.get(room.name, {}).values():
            if recording.sid == sid:
                recording.sid = None
                self._wait_for(room, recording)

    def _wait_for(self, room: Room, recording: RoomRecording) -> None:
        async def end() -> None:
            here = self._recordings.get(room.name, {})
            if recording.sid is not None or here.get(recording.id) is not recording:
                return
            del here[recording.id]
            if not here:
                del self._recordings[room.name]
            if recording.on:
                recording.on = False
                await self._announce(room, recording)

        self._timers.set(("recording", recording.id), seconds("return"), end)

    async def _announce(self, room: Room, recording: RoomRecording) -> None:
        state = {"recording": recording.id, "name": recording.name, "on": recording.on}
        payload = {"roomId": room.name, **state, "at": time.time() * 1000}
        for member in room.members.values():
            if member.sid is None:
                member.keep("recording", payload)
        here = [member.sid for member in room.members.values() if member.sid is not None]
        await self._emit([*here, *room.observers], "recording", payload)
