"""What a teacher holds of one room's signaling, and lets go on message by message: rules without I/O.

Every method returns what is to be done, as a list of acts in order.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from ...errors import ProtocolError
from .acts import Act, Changed, Forward, Tell
from .shares import Shares
from .signaling_messages import Break, Choice, Message


class Holding:
    """Pauses, held messages and breakpoints.

    Parameters
    ----------
    numbers : iterator of int
        For ids.
    """

    def __init__(self, numbers: Iterator[int]) -> None:
        # Connections of the teachers who requested the pause, which lasts while one of them is connected.
        self._pausers: set[str] = set()
        self._held: dict[str, tuple[Message, float]] = {}
        self._shares = Shares()
        self._breaks: list[Break] = []
        self._numbers = numbers

    @property
    def paused(self) -> bool:
        """Whether messages are held."""
        return bool(self._pausers)

    @property
    def is_idle(self) -> bool:
        """Whether every message goes on at once."""
        return not (self._pausers or self._breaks)

    @property
    def break_count(self) -> int:
        """How many breakpoints there are."""
        return len(self._breaks)

    def describe(self) -> dict[str, Any]:
        """Describe what is held, for observers.

        Returns
        -------
        dict
            A part of the control state.
        """
        return {
            "paused": self.paused,
            "held": [message.describe(at) for message, at in self._held.values()],
            "breaks": [{"id": each.id, **each.choice.describe()} for each in self._breaks],
        }

    def arrive(self, message: Message) -> Iterator[Act]:
        """Hold a message, or let it go on.

        Parameters
        ----------
        message : Message
            The message, which no fault keeps back any more.

        Yields
        ------
        Act
            The acts.
        """
        hit = next((each for each in self._breaks if each.choice.fits(message)), None)
        if hit is not None:
            self._breaks.remove(hit)
            self._pausers.add(hit.by)
        if not self._pausers:
            yield from (Tell("forwarded", message), Forward(message))
            return
        if not self._shares.has_room(message):
            yield Tell("dropped", message)
            return
        self._shares.add(message)
        self._held[message.id] = (message, time.time() * 1000)
        yield from (Tell("held", message), Changed("break" if hit else "held"))

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
        message = self._take(key)
        return [Tell("released", message), Tell("forwarded", message), Forward(message), Changed("step")]

    def drop(self, key: str) -> list[Act]:
        """Let a held message go nowhere.

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
        message = self._take(key)
        return [Tell("dropped", message), Changed("step")]

    def duplicate(self, key: str) -> list[Act]:
        """Hold a copy of a held message, right behind it.

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
            ``nothing_held``; ``rate_limited`` where its sender has too many messages that are held.
        """
        again = self._held_message(key).again(f"c{next(self._numbers)}")
        if not self._shares.has_room(again):
            raise ProtocolError(
                "rate_limited",
                f"{again.sender.name} has as many messages here as are held: let some go first.",
            )
        self._shares.add(again)
        held: dict[str, tuple[Message, float]] = {}
        for each, entry in self._held.items():
            held[each] = entry
            if each == key:
                held[again.id] = (again, time.time() * 1000)
        self._held = held
        return [Tell("arrived", again), Tell("duplicated", again), Tell("held", again), Changed("step")]

    def _held_message(self, key: str) -> Message:
        if key not in self._held:
            raise ProtocolError("nothing_held", "That message is not held, or no longer: see room.held.")
        return self._held[key][0]

    def _take(self, key: str) -> Message:
        message = self._held_message(key)
        del self._held[key]
        self._shares.remove(message)
        return message

    def resume(self) -> list[Act]:
        """Stop holding, remove all breakpoints, and release what was held, in order.

        Returns
        -------
        list of Act
            The acts.
        """
        self._pausers = set()
        self._breaks = []
        return [*self._release_all(), Changed("resume")]

    def _release_all(self) -> list[Act]:
        held, self._held = self._held, {}
        self._shares = Shares()
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
        self._breaks.append(Break(f"b{next(self._numbers)}", by, Choice.of(options)))
        return [Changed("break_on")]

    def clear_breaks(self, key: str | None = None) -> list[Act]:
        """Remove one breakpoint, or all.

        Parameters
        ----------
        key : str, optional
            The breakpoint's id; None for all.

        Returns
        -------
        list of Act
            The acts.

        Raises
        ------
        ProtocolError
            ``bad_request`` for an unknown breakpoint.
        """
        left = [each for each in self._breaks if key not in (None, each.id)]
        if key is not None and len(left) == len(self._breaks):
            raise ProtocolError(
                "bad_request", f"There is no breakpoint {key!r}, or a message has reached it."
            )
        self._breaks = left
        return [Changed("clear")]

    # -- participants and teachers who leave

    def gone(self, participant: str) -> list[Message]:
        """Let go of the messages from and to a participant who has left.

        Parameters
        ----------
        participant : str
            The id of who has left.

        Returns
        -------
        list of Message
            The messages.
        """
        held = [message for message, _at in self._held.values() if message.involves(participant)]
        for message in held:
            self._take(message.id)
        return held

    def concerns(self, by: str) -> bool:
        """Tell whether a teacher holds anything, or waits for something.

        Parameters
        ----------
        by : str
            The teacher's connection.

        Returns
        -------
        bool
            Whether it is so.
        """
        return by in self._pausers or any(each.by == by for each in self._breaks)

    def lease_ends(self, by: str) -> list[Act]:
        """Undo what one teacher did.

        Parameters
        ----------
        by : str
            The teacher's connection.

        Returns
        -------
        list of Act
            The acts.
        """
        self._breaks = [each for each in self._breaks if each.by != by]
        acts = self._release_all() if self._pausers == {by} else []
        self._pausers.discard(by)
        return acts
