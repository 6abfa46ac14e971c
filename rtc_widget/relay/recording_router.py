"""The recordings of each room: announces them, and forwards recorded segments to the recorder."""

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
    """A recording of a room; ``sid`` is the recorder's connection, None while it is lost.

    ``by`` is the id of the participant who records, None where the recorder is in no call. One that is no longer ``on`` still receives chunks that are under way.
    """

    id: str
    name: str
    by: str | None
    owner: str | None
    sid: str | None
    on: bool = True


class RecordingRouter:
    """The recordings of all rooms of a relay. Used on the relay's loop.

    Parameters
    ----------
    emit : callable
        Coroutine function that sends an event with a payload to some connections.
    timers : KeyedTimers
        For recorders that may reconnect.
    """

    def __init__(self, emit: Emit, timers: KeyedTimers) -> None:
        self._emit = emit
        self._timers = timers
        self._recordings: dict[str, dict[str, RoomRecording]] = {}

    def entries(self, room: str) -> list[dict[str, Any]]:
        """Return the recordings of a room, for newcomers.

        Parameters
        ----------
        room : str
            The room's name.

        Returns
        -------
        list of dict
            Each recording's id, its recorder's name, and its id where it is a participant.
        """
        found = self._recordings.get(room, {}).values()
        return [_described(each) for each in found if each.on]

    async def switch(self, room: Room, sid: str, owner: str | None, payload: RecordRoom) -> None:
        """Begin a recording, resume one whose connection was lost, or end one.

        Parameters
        ----------
        room : Room
            The room.
        sid : str
            The recorder's connection.
        owner : str or None
            The public name of the recorder's widget.
        payload : RecordRoom
            The event ``record_room``.

        Raises
        ------
        ProtocolError
            ``forbidden`` for somebody else's recording, ``bad_request`` for too many.
        """
        key, here = payload["recording"], self._recordings.setdefault(room.name, {})
        known = here.get(key)
        if known is not None and known.owner != owner:
            raise ProtocolError("forbidden", "This recording belongs to another recorder.")
        if known is None:
            if sum(each.on for each in here.values()) >= _MOST:
                raise ProtocolError("bad_request", f"A room can have at most {_MOST} recordings at once.")
            known = here[key] = RoomRecording(
                key, payload.get("name", "Somebody"), payload.get("by"), owner, sid
            )
        known.sid, known.on = sid, payload["on"]
        await self._announce(room, known)

    async def forward(self, room: Room, sender: Member, payload: Recorded) -> None:
        """Forward a segment chunk to the recorder; unacknowledged chunks are resent after it reconnects.

        Parameters
        ----------
        room : Room
            The room.
        sender : Member
            The participant.
        payload : Recorded
            The event ``recorded``.
        """
        recording = self._recordings.get(room.name, {}).get(payload["recording"])
        if recording is not None and recording.sid is not None:
            await self._emit([recording.sid], "recorded", {**payload, "from": sender.id})

    async def acknowledge(self, room: Room, sid: str, payload: Received) -> None:
        """Forward the recorder's acknowledgement to a participant.

        Parameters
        ----------
        room : Room
            The room.
        sid : str
            The recorder's connection.
        payload : Received
            The event ``received``.

        Raises
        ------
        ProtocolError
            ``forbidden`` when the sender is not the recorder.
        """
        recording = self._recordings.get(room.name, {}).get(payload["recording"])
        if recording is None or recording.sid != sid:
            raise ProtocolError("forbidden", "Only the recorder can acknowledge segments.")
        member = room.members.get(payload["to"])
        if member is not None and member.sid is not None:
            forwarded = {key: value for key, value in payload.items() if key != "to"}
            await self._emit([member.sid], "received", forwarded)

    def gone(self, room: Room, sid: str) -> None:
        """Give a recorder whose connection has ended some time to reconnect.

        Parameters
        ----------
        room : Room
            The room.
        sid : str
            The connection.
        """
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
        state = {**_described(recording), "on": recording.on}
        payload = {"roomId": room.name, **state, "at": time.time() * 1000}
        for member in room.members.values():
            if member.sid is None:
                member.keep("recording", payload)
        here = [member.sid for member in room.members.values() if member.sid is not None]
        await self._emit([*here, *room.observers], "recording", payload)


def _described(recording: RoomRecording) -> dict[str, str]:
    by = {"by": recording.by} if recording.by else {}
    return {"recording": recording.id, "name": recording.name, **by}
