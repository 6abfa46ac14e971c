"""What a teacher breaks in one room, and, in `holding`, stops and steps: rules without I/O.

Every method returns what is to be done, as a list of acts in order; `interceptor` carries them out.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, Final

from ...errors import ProtocolError
from .acts import Act, Ask, Changed, Forward, Tell, Wake
from .faults import MAX_WAIT_SECONDS, Fault, corrupted, without_candidates
from .holding import Holding
from .shares import Shares
from .signaling_messages import Message

_MAX_RULES: Final = 64


class InterceptRules:
    """The rules of one room.

    Without anything held or broken, a message is forwarded at once.

    Attributes
    ----------
    holding : Holding
        Pauses, held messages and breakpoints.
    """

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        # Messages that a fault keeps back, by the key of their timer, with the faults that have not had them yet.
        self._late: dict[int, tuple[Message, Fault, list[Fault]]] = {}
        self._shares = Shares()
        self._numbers = itertools.count(1)
        self.holding = Holding(self._numbers)

    def describe(self) -> dict[str, Any]:
        """Describe what is held and broken, for observers.

        Returns
        -------
        dict
            The control state.
        """
        return {**self.holding.describe(), "faults": [fault.describe() for fault in self._faults]}

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
        if not self._faults and self.holding.is_idle:
            return [Tell("arrived", message), Tell("forwarded", message), Forward(message)]
        acts = [Tell("arrived", message), *self._apply_faults(message, list(self._faults))]
        self._drop_finished_faults()
        return acts

    def _drop_finished_faults(self) -> None:
        self._faults = [fault for fault in self._faults if not fault.is_over]

    def _apply_faults(self, message: Message, faults: list[Fault]) -> Iterator[Act]:
        """Let the faults have the message, one after the other, and then let it go on or be held."""
        for index, fault in enumerate(faults):
            if fault.keeps_back and not self._shares.has_room(message):
                continue
            if not fault.takes(message):
                continue
            rest = faults[index + 1 :]
            yield Changed("fault")
            if fault.action == "drop":
                yield Tell("dropped", message, fault.id)
                return
            if fault.action == "delay":
                yield from self._keep_back(message, fault, fault.seconds, rest)
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

    def _keep_back(self, message: Message, fault: Fault, seconds: float, rest: list[Fault]) -> Iterator[Act]:
        key = next(self._numbers)
        self._late[key] = (message, fault, rest)
        self._shares.add(message)
        yield Tell("delayed", message, fault.id)
        yield Wake(seconds, key)

    def _cross(self, message: Message, fault: Fault, rest: list[Fault]) -> Iterator[Act]:
        """Keep a message until another has come that it is to cross, or that is to overtake it."""
        other = fault.waiting
        if fault.action == "glare" and other is not None and other.crosses(message):
            fault.waiting = None
            fault.settle(message)
            self._forget(other)
            yield from self.holding.arrive(other)
            return (yield from self._apply_faults(message, rest))
        if other is not None:
            # The same side again, or others of the same names: the later message waits instead.
            fault.waiting = None
            self._forget(other)
            yield from self.holding.arrive(other)
        fault.waiting = message
        yield from self._keep_back(message, fault, MAX_WAIT_SECONDS, rest)
        if fault.action == "glare":
            yield Ask(message.receiver, message.sender)

    def _overtake(self, message: Message) -> Iterator[Act]:
        """Let a message go, and after it those that it was to overtake."""
        yield from self.holding.arrive(message)
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
                yield from self.holding.arrive(waiting)

    def _forget(self, message: Message) -> None:
        key = next((key for key, late in self._late.items() if late[0] is message), None)
        if key is not None:
            self._take(key)

    def _take(self, key: int) -> tuple[Message, Fault, list[Fault]] | None:
        late = self._late.pop(key, None)
        if late is not None:
            self._shares.remove(late[0])
        return late

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
        late = self._take(key)
        if late is None:
            return []
        message, fault, rest = late
        if fault.waiting is message:
            fault.waiting = None
        acts = list(self._apply_faults(message, [each for each in rest if each in self._faults]))
        self._drop_finished_faults()
        return acts

    # -- faults and breakpoints

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
        return self.holding.break_on(by, options)

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
        if len(self._faults) + self.holding.break_count >= _MAX_RULES:
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
        acts: list[Act] = []
        for key, (message, fault, _rest) in list(self._late.items()):
            if fault in going:
                self._take(key)
                fault.waiting = None
                acts += self.holding.arrive(message)
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
        held = self.holding.gone(participant)
        late = [message for message, *_ in self._late.values() if message.involves(participant)]
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
        if not mine and not self.holding.concerns(by):
            return []
        return [*self._end_faults(mine), *self.holding.lease_ends(by), Changed(reason)]
