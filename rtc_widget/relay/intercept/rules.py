"""What a teacher holds, steps and breaks in one room: rules without I/O.

Every rule returns what is to be done, as a list of acts in order; `interceptor` does it.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ...errors import ProtocolError
from .faults import PATIENCE_SECONDS, Fault, corrupted, without_candidates
from .signaling_messages import Choice, Message, Party

_MAX_HELD: Final = 500
_MAX_LATE: Final = 500
_MAX_RULES: Final = 64


@dataclass(frozen=True, slots=True)
class Tell:
    """Tell who traces the room what became of a message."""

    stage: str
    message: Message
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Forward:
    """Hand a message to its receiver."""

    message: Message


@dataclass(frozen=True, slots=True)
class Ask:
    """Ask a participant for an offer, in another's name."""

    receiver: Party
    sender: Party


@dataclass(frozen=True, slots=True)
class Wake:
    """Call `InterceptRules.due` with the key, so many seconds from now."""

    seconds: float
    key: int


@dataclass(frozen=True, slots=True)
class Changed:
    """Tell all observers what is held and broken now, and why."""

    reason: str


Act = Tell | Forward | Ask | Wake | Changed


@dataclass(slots=True)
class _Break:
    id: str
    by: str
    choice: Choice


class InterceptRules:
    """One room's messages on their way.

    Without anything held or broken a message goes straight on.
    """

    def __init__(self) -> None:
        # Whoever asked for the pause: it lasts as long as one of them is there.
        self._pausers: set[str] = set()
        self._held: dict[str, tuple[Message, float]] = {}
        self._breaks: list[_Break] = []
        self._faults: list[Fault] = []
        # Messages that a fault keeps back, with the moment's own number.
        self._late: dict[int, tuple[Message, Fault]] = {}
        self._numbers = itertools.count(1)

    def describe(self) -> dict[str, Any]:
        """Return what is held and broken, as it is told to observers; no contents."""
        return {
            "paused": bool(self._pausers),
            "held": [
                {
                    "id": message.id,
                    "kind": message.kind,
                    "event": message.event,
                    "from": message.sender.id,
                    "to": message.receiver.id,
                    "at": at,
                }
                for message, at in self._held.values()
            ],
            "breaks": [{"id": each.id, **each.choice.describe()} for each in self._breaks],
            "faults": [fault.describe() for fault in self._faults],
        }

    # -- a message comes

    def arrive(self, message: Message) -> list[Act]:
        """Say what is to be done with a message that has come."""
        if not (self._faults or self._breaks or self._pausers):
            return [Tell("arrived", message), Tell("forwarded", message), Forward(message)]
        acts = [Tell("arrived", message), *self._break_it(message, list(self._faults))]
        self._drop_what_is_over()
        return acts

    def _drop_what_is_over(self) -> None:
        self._faults = [fault for fault in self._faults if not fault.is_over]

    def _break_it(self, message: Message, faults: list[Fault]) -> Iterator[Act]:
        """Let the faults have the message, one after the other, and then let it go on or be held."""
        for index, fault in enumerate(faults):
            if fault.keeps_back and len(self._late) >= _MAX_LATE:
                continue
            if not fault.takes(message):
                continue
            rest = faults[index + 1 :]
            yield Changed("fault")
            if fault.action == "drop":
                yield Tell("dropped", message, fault.id)
                return
            if fault.action == "delay":
                yield from self._keep_back(message, fault, fault.seconds)
                return
            if fault.action in ("reorder", "glare"):
                yield from self._cross(message, fault, rest)
                return
            if fault.action == "duplicate":
                again = message.again()
                yield from (Tell("arrived", again), Tell("duplicated", again, fault.id))
                yield from self._break_it(message, rest)
                message = again
            elif fault.action == "corrupt":
                message = corrupted(message, fault.random)
                yield Tell("corrupted", message, fault.id)
            else:
                left = without_candidates(message, fault.types)
                if left is None:
                    yield Tell("dropped", message, fault.id)
                    return
                if left is not message:
                    message = left
                    yield Tell("corrupted", message, fault.id)
        yield from self._overtake(message)

    def _keep_back(self, message: Message, fault: Fault, seconds: float) -> Iterator[Act]:
        key = next(self._numbers)
        self._late[key] = (message, fault)
        yield Tell("delayed", message, fault.id)
        yield Wake(seconds, key)

    def _cross(self, message: Message, fault: Fault, rest: list[Fault]) -> Iterator[Act]:
        """Keep a message until another has come that it is to cross, or that is to overtake it."""
        other = fault.waiting
        if fault.action == "glare" and other is not None and other.sender.id != message.sender.id:
            fault.waiting = None
            fault.settle()
            self._forget(other)
            yield from self._hold_or_forward(other)
            yield from self._break_it(message, rest)
            return
        if other is not None:
            # The same side again: the later one is what waits now.
            fault.waiting = None
            self._forget(other)
            yield from self._hold_or_forward(other)
        fault.waiting = message
        yield from self._keep_back(message, fault, PATIENCE_SECONDS)
        if fault.action == "glare":
            yield Ask(message.receiver, message.sender)

    def _overtake(self, message: Message) -> Iterator[Act]:
        """Let a message go, and after it those that it was to overtake."""
        yield from self._hold_or_forward(message)
        for fault in self._faults:
            waiting = fault.waiting
            if (
                fault.action == "reorder"
                and waiting is not None
                and waiting is not message
                and (waiting.sender.id, waiting.receiver.id) == (message.sender.id, message.receiver.id)
            ):
                fault.waiting = None
                self._forget(waiting)
                yield from self._hold_or_forward(waiting)

    def _forget(self, message: Message) -> None:
        self._late = {key: late for key, late in self._late.items() if late[0] is not message}

    def due(self, key: int) -> list[Act]:
        """Say what is to be done now that a delay is over."""
        message, fault = self._late.pop(key, (None, None))
        if message is None or fault is None:
            return []
        if fault.waiting is message:
            fault.waiting = None
            self._drop_what_is_over()
        return list(self._hold_or_forward(message))

    # -- holding

    def _hold_or_forward(self, message: Message) -> Iterator[Act]:
        hit = next((each for each in self._breaks if each.choice.fits(message)), None)
        if hit is not None:
            self._breaks.remove(hit)
            self._pausers.add(hit.by)
        if not self._pausers:
            yield from (Tell("forwarded", message), Forward(message))
            return
        self._held[message.id] = (message, time.time() * 1000)
        yield from (Tell("held", message), Changed("break" if hit else "held"))
        if len(self._held) > _MAX_HELD:
            yield from self.resume("full")

    def pause(self, by: str) -> list[Act]:
        """Hold everything that comes from now on."""
        self._pausers.add(by)
        return [Changed("pause")]

    def step(self) -> list[Act]:
        """Let the message go that has been held for longest.

        Raises
        ------
        ProtocolError
            ``nothing_held``.
        """
        if not self._held:
            raise ProtocolError("nothing_held", "No message is held: pause() first, or wait for one to come.")
        return self.release(next(iter(self._held)))

    def release(self, key: str) -> list[Act]:
        """Let one message go, whatever came before it.

        Raises
        ------
        ProtocolError
            ``nothing_held``.
        """
        message, _at = self._held.pop(key, (None, 0.0))
        if message is None:
            raise ProtocolError("nothing_held", "That message is not held, or no longer: see room.held.")
        return [Tell("released", message), Tell("forwarded", message), Forward(message), Changed("step")]

    def resume(self, reason: str = "resume") -> list[Act]:
        """Hold nothing any more, wait for no breakpoint, and let go what was held, in order."""
        self._pausers = set()
        self._breaks = []
        return [*self._let_go(), Changed(reason)]

    def _let_go(self) -> list[Act]:
        held, self._held = self._held, {}
        acts: list[Act] = []
        for message, _at in held.values():
            acts += [Tell("released", message), Tell("forwarded", message), Forward(message)]
        return acts

    def break_on(self, by: str, options: dict[str, Any]) -> list[Act]:
        """Pause when a message comes, with that message held."""
        self._check_room()
        self._breaks.append(_Break(f"b{next(self._numbers)}", by, Choice.of(options)))
        return [Changed("break_on")]

    # -- breaking

    def add_fault(self, by: str, options: dict[str, Any]) -> list[Act]:
        """Break something from now on."""
        self._check_room()
        self._faults.append(Fault.of(f"f{next(self._numbers)}", by, options))
        return [Changed("break_it")]

    def _check_room(self) -> None:
        if len(self._faults) + len(self._breaks) >= _MAX_RULES:
            raise ProtocolError(
                "bad_request", f"{_MAX_RULES} faults and breakpoints are enough: clear some first."
            )

    def clear_faults(self, key: str | None = None) -> list[Act]:
        """Break nothing any more, or one thing less; what was kept back goes on.

        Raises
        ------
        ProtocolError
            ``bad_request`` for a fault that there is not.
        """
        going = [fault for fault in self._faults if key in (None, fault.id)]
        if key is not None and not going:
            raise ProtocolError("bad_request", f"There is no fault {key!r} now.")
        return [*self._end_faults(going), Changed("clear")]

    def _end_faults(self, going: list[Fault]) -> list[Act]:
        self._faults = [fault for fault in self._faults if fault not in going]
        late = [(message, fault) for message, fault in self._late.values() if fault in going]
        self._late = {key: kept for key, kept in self._late.items() if kept not in late}
        acts: list[Act] = []
        for message, fault in late:
            fault.waiting = None
            acts += self._hold_or_forward(message)
        return acts

    # -- comings and goings

    def gone(self, participant: str) -> list[Act]:
        """Drop what waits for or from somebody who has left."""

        def is_theirs(message: Message) -> bool:
            return participant in (message.sender.id, message.receiver.id)

        held = [message for message, _at in self._held.values() if is_theirs(message)]
        late = [message for message, _fault in self._late.values() if is_theirs(message)]
        for message in held:
            del self._held[message.id]
        for message in late:
            self._forget(message)
        for fault in self._faults:
            if fault.waiting is not None and is_theirs(fault.waiting):
                fault.waiting = None
        dropped: list[Act] = [Tell("dropped", message) for message in [*held, *late]]
        return [*dropped, Changed("left")] if dropped else []

    def lease_ends(self, by: str, reason: str = "lease") -> list[Act]:
        """Undo what one teacher did, who has left or whose connection has ended, so that nobody's call stays stuck."""
        mine = [fault for fault in self._faults if fault.by == by]
        breaks = [each for each in self._breaks if each.by == by]
        if not mine and not breaks and by not in self._pausers:
            return []
        self._breaks = [each for each in self._breaks if each.by != by]
        acts = self._end_faults(mine)
        if by in self._pausers:
            self._pausers.discard(by)
            acts += self._let_go() if not self._pausers else []
        return [*acts, Changed(reason)]
