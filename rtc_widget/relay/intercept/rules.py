"""What a teacher holds, steps and breaks in one room: rules without I/O.

Every method returns what is to be done, as a list of acts in order; `interceptor` carries them out.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any, Final

from ...errors import ProtocolError
from .acts import Act, Ask, Changed, Forward, Tell, Wake
from .faults import MAX_WAIT_SECONDS, Fault, corrupted, without_candidates
from .signaling_messages import Break, Choice, Message

_MAX_HELD: Final = 500
_MAX_LATE: Final = 500
_MAX_RULES: Final = 64


class InterceptRules:
    """The rules of one room.

    Without anything held or broken, a message is forwarded at once.
    """

    def __init__(self) -> None:
        # Connections of the teachers who requested the pause, which lasts while one of them is connected.
        self._pausers: set[str] = set()
        self._held: dict[str, tuple[Message, float]] = {}
        self._breaks: list[Break] = []
        self._faults: list[Fault] = []
        # Messages that a fault keeps back, by the key of their timer.
        self._late: dict[int, tuple[Message, Fault]] = {}
        self._numbers = itertools.count(1)

    @property
    def paused(self) -> bool:
        """Whether messages are held."""
        return bool(self._pausers)

    def describe(self) -> dict[str, Any]:
        """Describe what is held and broken, for observers.

        Returns
        -------
        dict
            The control state.
        """
        return {
            "paused": self.paused,
            "held": [message.describe(at) for message, at in self._held.values()],
            "breaks": [{"id": each.id, **each.choice.describe()} for each in self._breaks],
            "faults": [fault.describe() for fault in self._faults],
        }

    # -- a message arrives

    def arrive(self, message: Message) -> list[Act]:
        """Decide what is to be done with a message that has arrived.

        Parameters
        ----------
        message : Message
            The message.

        Returns
        -------
        list of Act
            The acts.
        """
        if not (self._faults or self._breaks or self._pausers):
            return [Tell("arrived", message), Tell("forwarded", message), Forward(message)]
        acts = [Tell("arrived", message), *self._apply_faults(message, list(self._faults))]
        self._drop_finished_faults()
        return acts

    def _drop_finished_faults(self) -> None:
        self._faults = [fault for fault in self._faults if not fault.is_over]

    def _apply_faults(self, message: Message, faults: list[Fault]) -> Iterator[Act]:
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
                again = message.again(fault.id)
                yield from (Tell("arrived", again), Tell("duplicated", again, fault.id))
                yield from self._apply_faults(message, rest)
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
            return (yield from self._apply_faults(message, rest))
        if other is not None:
            # The same side again: the later message waits instead.
            fault.waiting = None
            self._forget(other)
            yield from self._hold_or_forward(other)
        fault.waiting = message
        yield from self._keep_back(message, fault, MAX_WAIT_SECONDS)
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
        """Decide what is to be done when a delay is over.

        Parameters
        ----------
        key : int
            The key of the `Wake`.

        Returns
        -------
        list of Act
            The acts.
        """
        message, fault = self._late.pop(key, (None, None))
        if message is None or fault is None:
            return []
        if fault.waiting is message:
            fault.waiting = None
            self._drop_finished_faults()
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
        """Hold all further messages.

        Parameters
        ----------
        by : str
            The teacher's connection.

        Returns
        -------
        list of Act
            The acts.
        """
        self._pausers.add(by)
        return [Changed("pause")]

    def step(self) -> list[Act]:
        """Release the message that has been held for longest.

        Returns
        -------
        list of Act
            The acts.

        Raises
        ------
        ProtocolError
            ``nothing_held``.
        """
        if not self._held:
            raise ProtocolError("nothing_held", "No message is held: pause() first, or wait for one.")
        return self.release(next(iter(self._held)))

    def release(self, key: str) -> list[Act]:
        """Release one message, whatever came before it.

        Parameters
        ----------
        key : str
            The message's id.

        Returns
        -------
        list of Act
            The acts.

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
        """Stop holding, remove all breakpoints, and release what was held, in order.

        Parameters
        ----------
        reason : str
            For the observers.

        Returns
        -------
        list of Act
            The acts.
        """
        self._pausers = set()
        self._breaks = []
        return [*self._release_all(), Changed(reason)]

    def _release_all(self) -> list[Act]:
        held, self._held = self._held, {}
        acts: list[Act] = []
        for message, _at in held.values():
            acts += [Tell("released", message), Tell("forwarded", message), Forward(message)]
        return acts

    def break_on(self, by: str, options: dict[str, Any]) -> list[Act]:
        """Add a breakpoint: a matching message pauses the room, and is held.

        Parameters
        ----------
        by : str
            The teacher's connection.
        options : dict
            Which messages.

        Returns
        -------
        list of Act
            The acts.
        """
        self._check_room()
        self._breaks.append(Break(f"b{next(self._numbers)}", by, Choice.of(options)))
        return [Changed("break_on")]

    # -- faults

    def add_fault(self, by: str, options: dict[str, Any]) -> list[Act]:
        """Add a fault.

        Parameters
        ----------
        by : str
            The teacher's connection.
        options : dict
            As of `Fault.of`.

        Returns
        -------
        list of Act
            The acts.
        """
        self._check_room()
        self._faults.append(Fault.of(f"f{next(self._numbers)}", by, options))
        return [Changed("break_it")]

    def _check_room(self) -> None:
        if len(self._faults) + len(self._breaks) >= _MAX_RULES:
            msg = f"There can be at most {_MAX_RULES} faults and breakpoints: clear some first."
            raise ProtocolError("bad_request", msg)

    def clear_faults(self, key: str | None = None) -> list[Act]:
        """End one fault, or all; messages that were kept back are forwarded.

        Parameters
        ----------
        key : str, optional
            The fault's id; None for all.

        Returns
        -------
        list of Act
            The acts.

        Raises
        ------
        ProtocolError
            ``bad_request`` for an unknown fault.
        """
        going = [fault for fault in self._faults if key in (None, fault.id)]
        if key is not None and not going:
            raise ProtocolError("bad_request", f"Fault {key!r} is not active.")
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

    # -- participants and teachers who leave

    def gone(self, participant: str) -> list[Act]:
        """Drop the messages from and to a participant who has left.

        Parameters
        ----------
        participant : str
            The id of who has left.

        Returns
        -------
        list of Act
            The acts.
        """
        held = [message for message, _at in self._held.values() if message.involves(participant)]
        late = [message for message, _fault in self._late.values() if message.involves(participant)]
        for message in held:
            del self._held[message.id]
        for message in late:
            self._forget(message)
        for fault in self._faults:
            if fault.waiting is not None and fault.waiting.involves(participant):
                fault.waiting = None
        dropped: list[Act] = [Tell("dropped", message) for message in [*held, *late]]
        return [*dropped, Changed("left")] if dropped else []

    def lease_ends(self, by: str, reason: str = "lease") -> list[Act]:
        """Undo what one teacher did, who has left or whose connection has ended, so that nobody's call remains stuck.

        Parameters
        ----------
        by : str
            The teacher's connection.
        reason : str
            For the observers.

        Returns
        -------
        list of Act
            The acts.
        """
        mine = [fault for fault in self._faults if fault.by == by]
        if not mine and by not in self._pausers and all(each.by != by for each in self._breaks):
            return []
        self._breaks = [each for each in self._breaks if each.by != by]
        acts = self._end_faults(mine)
        acts += self._release_all() if self._pausers == {by} else []
        self._pausers.discard(by)
        return [*acts, Changed(reason)]
