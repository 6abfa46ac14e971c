"""Intercepts signaling messages: carries out what each room's `InterceptRules` decide, and informs observers."""

from __future__ import annotations

import secrets
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Final

from ...errors import ProtocolError
from ...runtime.timers import KeyedTimers
from ..roster import Member, Room
from .acts import Act, Ask, Forward, Tell, Wake
from .faults import MAX_SECONDS
from .rules import InterceptRules
from .signaling_messages import Choice, Message, Party

_DOWN: Final = "down"
# Changes that every message causes while there is a pause or a fault.
_FREQUENT: Final = ("held", "fault")
_ANNOUNCE_SECONDS: Final = 0.03
_TRACE_SECONDS: Final = 0.05
_TRACE_ENTRIES: Final = 40

ACTIONS: Final = (
    *("pause", "step", "release", "drop", "duplicate", "resume", "break_on", "clear_breaks"),
    *("fault", "clear", "let_go", "relay_down"),
)
"""What a teacher may do with signaling messages."""

Emit = Callable[[Iterable[str], str, dict[str, Any]], Awaitable[None]]


class Interceptor:
    """Signaling messages between their arrival and their delivery. Used on the relay's loop.

    Parameters
    ----------
    emit : callable
        Coroutine function that sends an event with a payload to some connections.
    disconnect : callable
        Coroutine function that ends a connection.
    timers : KeyedTimers
        The relay's, which it closes.
    """

    def __init__(self, emit: Emit, disconnect: Callable[[str], Awaitable[None]], timers: KeyedTimers) -> None:
        self._emit, self._disconnect, self._timers = emit, disconnect, timers
        # Rooms whose relay is down, with the teacher's connection.
        self._down: dict[str, str] = {}
        # Entries for the rooms' tracers, sent together: tracing must not compete with a negotiation's burst of messages.
        self._pending_entries: dict[str, list[dict[str, Any]]] = {}

    # -- messages

    async def forward(
        self, room: Room, sender: Member, receivers: list[Member], event: str, payload: dict[str, Any]
    ) -> str | None:
        """Accept a message from one member for others.

        Parameters
        ----------
        room : Room
            The room.
        sender : Member
            The sender.
        receivers : list of Member
            The receivers; each gets a message of its own.
        event : str
            The event's name on the wire.
        payload : dict
            The content.

        Returns
        -------
        str or None
            The id of the first message; None where there is nobody to whom, or any more from whom, it would be.
        """
        first: str | None = None
        for receiver in receivers:
            # Meanwhile either may have gone, or have come back as another, as a page that is loaded again: an answer of
            # one life would be taken for the next one's.
            if not (room.has(sender) and room.has(receiver)):
                continue
            key = secrets.token_urlsafe(6)
            first = first or key
            message = Message(
                key,
                event,
                {**payload, "from": sender.id, "id": key},
                _party(room, sender),
                _party(room, receiver),
            )
            await self._execute(room, room.rules.arrive(message))
        return first

    async def _execute(self, room: Room, acts: Iterable[Act]) -> None:
        traced: list[tuple[Tell, float]] = []
        for act in acts:
            if isinstance(act, Tell):
                traced.append((act, time.time() * 1000))
            elif isinstance(act, Forward):
                await self._deliver(room, act.message)
            elif isinstance(act, Ask):
                await self._ask(room, act)
            elif isinstance(act, Wake):
                self._wake_later(room, act)
            elif act.reason in _FREQUENT:
                self._change_soon(room, act.reason)
            else:
                await self._changed(room, act.reason)
        # Last, so that tracing does not delay the message.
        for tell, at in traced if room.tracers else ():
            await self._trace(room, tell, at)

    async def _trace(self, room: Room, tell: Tell, at: float) -> None:
        message = tell.message
        entry: dict[str, Any] = {
            "id": message.id,
            "stage": tell.stage,
            "at": at,
            "from": message.sender.id,
            "to": message.receiver.id,
            "event": message.event,
        }
        if tell.stage in ("arrived", "corrupted"):
            entry["content"] = message.content
        if tell.fault is not None:
            entry["fault"] = tell.fault
        pending = self._pending_entries.setdefault(room.name, [])
        pending.append(entry)
        if len(pending) >= _TRACE_ENTRIES:
            await self._flush(room)
        elif ("trace", room.name) not in self._timers:
            self._timers.set(("trace", room.name), _TRACE_SECONDS, lambda: self._flush(room))

    async def _flush(self, room: Room) -> None:
        self._timers.cancel(("trace", room.name))
        entries = self._pending_entries.pop(room.name, [])
        if entries:
            await self._emit(list(room.tracers), "signal", {"roomId": room.name, "entries": entries})

    async def _deliver(self, room: Room, message: Message) -> None:
        receiver = room.members.get(message.receiver.id)
        if receiver is None:
            return
        if receiver.sid is None:
            receiver.keep(message.event, message.payload)
        else:
            await self._emit([receiver.sid], message.event, message.payload)

    async def _ask(self, room: Room, act: Ask) -> None:
        receiver = room.members.get(act.receiver.id)
        if receiver is not None and receiver.sid is not None:
            request = {"roomId": room.name, "from": act.sender.id}
            await self._emit([receiver.sid], "request_offer", request)

    def _wake_later(self, room: Room, act: Wake) -> None:
        due = lambda: self._execute(room, room.rules.due(act.key))  # noqa: E731
        self._timers.set(("late", room.name, act.key), act.seconds, due)

    def _change_soon(self, room: Room, reason: str) -> None:
        # Once for a burst of messages.
        if ("control", room.name) not in self._timers:
            self._timers.set(("control", room.name), _ANNOUNCE_SECONDS, lambda: self._changed(room, reason))

    async def _changed(self, room: Room, reason: str) -> None:
        self._timers.cancel(("control", room.name))
        await self._flush(room)
        payload = {"roomId": room.name, "at": time.time() * 1000, "reason": reason, **self.state_of(room)}
        await self._emit(list(room.observers), "control", payload)
        # Participants let the timers of their negotiations stand still.
        if room.announced_pause is not room.rules.holding.paused:
            room.announced_pause = room.rules.holding.paused
            present = [member.sid for member in room.members.values() if member.sid is not None]
            await self._emit(present, "paused", {"roomId": room.name, "on": room.rules.holding.paused})

    def state_of(self, room: Room) -> dict[str, Any]:
        """Describe what is held and broken in a room.

        Parameters
        ----------
        room : Room
            The room.

        Returns
        -------
        dict
            The control state.
        """
        state = room.rules.describe()
        left = room.down_until - time.monotonic()
        if left > 0:
            down = {"id": _DOWN, "fault": "relay_down", "seconds": left, **Choice().describe()}
            state["faults"].append({**down, "count": None, "probability": 1.0, "seed": 0, "done": 0})
        return state

    # -- requests of teachers

    async def control(self, room: Room, by: str, action: str, options: dict[str, Any]) -> None:
        """Carry out a teacher's request.

        Parameters
        ----------
        room : Room
            The room.
        by : str
            The teacher's connection.
        action : str
            Such as "pause".
        options : dict
            The action's options.

        Raises
        ------
        ProtocolError
            ``bad_request`` for an unknown action or invalid options; ``nothing_held``.
        """
        rules: InterceptRules = room.rules
        message = str(options.get("message"))
        match action:
            case "pause":
                acts = rules.holding.pause(by)
            case "step":
                acts = rules.holding.step()
            case "release":
                acts = rules.holding.release(message)
            case "drop":
                acts = rules.holding.drop(message)
            case "duplicate":
                acts = rules.holding.duplicate(message)
            case "resume":
                acts = rules.holding.resume()
            case "break_on":
                acts = rules.break_on(by, options)
            case "clear_breaks":
                acts = rules.holding.clear_breaks(_key(options, "break"))
            case "fault":
                acts = rules.add_fault(by, options)
            case "clear":
                acts = await self._clear(room, _key(options, "fault"))
            case "let_go":
                await self.lease_ends(room, by, "left")
                return
            case "relay_down":
                await self._go_down(room, by, options.get("seconds", 5.0))
                return
            case _:
                raise ProtocolError("bad_request", f"A teacher may {', '.join(ACTIONS)}, not {action!r}.")
        await self._execute(room, acts)

    async def _clear(self, room: Room, key: str | None) -> list[Act]:
        if key in (None, _DOWN) and room.down_until > time.monotonic():
            await self._up_again(room)
            if key == _DOWN:
                return []
        return room.rules.clear_faults(key)

    async def _go_down(self, room: Room, by: str, seconds: Any) -> None:
        """Disconnect every participant of a room and admit nobody for a while, as if the relay had died."""
        if (
            isinstance(seconds, bool)
            or not isinstance(seconds, int | float)
            or not 0 < seconds <= MAX_SECONDS
        ):
            raise ProtocolError("bad_request", f"seconds must be a number above 0 and up to {MAX_SECONDS:g}.")
        self._forget_down(room)
        room.down_until = time.monotonic() + seconds
        self._down[room.name] = by
        self._timers.set(("down", room.name), seconds, lambda: self._up_again(room))
        await self._changed(room, "relay_down")
        for member in list(room.members.values()):
            if member.sid is not None:
                await self._disconnect(member.sid)

    async def _up_again(self, room: Room) -> None:
        self._forget_down(room)
        room.down_until = 0.0
        await self._changed(room, "relay_up")

    def _forget_down(self, room: Room) -> None:
        self._down.pop(room.name, None)
        self._timers.cancel(("down", room.name))

    # -- participants who leave

    async def gone(self, room: Room, participant: str) -> None:
        """Drop the messages of a participant who has left.

        Parameters
        ----------
        room : Room
            The room.
        participant : str
            The participant's id.
        """
        await self._execute(room, room.rules.gone(participant))

    async def lease_ends(self, room: Room, by: str, reason: str = "lease") -> None:
        """Undo what a teacher did who has left, or whose connection has ended.

        Parameters
        ----------
        room : Room
            The room.
        by : str
            The teacher's connection.
        reason : str
            For the observers.
        """
        if self._down.get(room.name) == by:
            await self._up_again(room)
        await self._execute(room, room.rules.lease_ends(by, reason))


def _party(room: Room, member: Member) -> Party:
    # A name that is somebody's id means that participant, and not who is called so.
    return Party(member.id, member.id if member.name in room.members else member.name)


def _key(options: dict[str, Any], name: str) -> str | None:
    return None if options.get(name) is None else str(options[name])
