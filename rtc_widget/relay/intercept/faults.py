"""The faults that a teacher injects: which messages are dropped, delayed, duplicated, reordered or corrupted. Without
I/O.

Every fault has a random number generator of its own, so that the same seed affects the same messages.
"""

from __future__ import annotations

import random
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final

from ...errors import ProtocolError
from .signaling_messages import Choice, Message

ACTIONS: Final = ("drop", "delay", "duplicate", "reorder", "corrupt", "glare", "no_candidates")
CANDIDATE_TYPES: Final = ("host", "srflx", "prflx", "relay")
MAX_SECONDS: Final = 60.0
_DELAY_SECONDS: Final = 1.0
# How long a message waits for one that overtakes it, or an offer for one to cross.
MAX_WAIT_SECONDS: Final = 2.0


@dataclass
class Fault:
    """An active fault.

    Attributes
    ----------
    id : str
        The relay's id of the fault.
    action : str
        One of `ACTIONS`.
    by : str
        The connection of the teacher who requested it; the fault ends with it.
    choice : Choice
        Which messages it affects; for "glare" the two who are to offer at the same moment.
    count : int or None
        How many more messages, None for all.
    probability : float
        Of each matching message, 0 to 1.
    seed : int
        Of the fault's random numbers.
    seconds : float
        For "delay".
    types : tuple of str
        For "no_candidates": the types to remove.
    done : int
        How many messages it has affected.
    """

    id: str
    action: str
    by: str
    choice: Choice
    count: int | None = None
    probability: float = 1.0
    seed: int = 0
    seconds: float = _DELAY_SECONDS
    types: tuple[str, ...] = ()
    done: int = 0
    waiting: Message | None = None
    # For "glare": between whom, and until when, one offer may pass, because the side that gave way in the last one tries again.
    _truce: tuple[frozenset[str], float] = frozenset(), 0.0
    random: random.Random = field(default_factory=random.Random, repr=False)

    @classmethod
    def of(cls, key: str, by: str, options: dict[str, Any]) -> Fault:
        """Make a fault from a teacher's options.

        Parameters
        ----------
        key : str
            The fault's id.
        by : str
            The teacher's connection.
        options : dict
            The options of ``control_room``.

        Returns
        -------
        Fault
            The fault.

        Raises
        ------
        ProtocolError
            ``bad_request``, with what is wrong.
        """
        action = options.get("fault")
        if action not in ACTIONS:
            raise ProtocolError(
                "bad_request", f"Unknown fault {str(action)[:32]!r}. The faults are {', '.join(ACTIONS)}."
            )
        seed = int(_number(options, "seed", 0, -(2**53), 2**53))
        count = None if options.get("count") is None else int(_number(options, "count", 1, 1, 2**31))
        if action == "glare" and count is not None:
            count *= 2  # two offers that cross are one glare
        types = tuple(str(options.get("types", "")).split()) if action == "no_candidates" else ()
        if not set(types) <= set(CANDIDATE_TYPES) or (action == "no_candidates" and not types):
            raise ProtocolError("bad_request", f"Candidate types are {', '.join(CANDIDATE_TYPES)}.")
        choice = Choice.of(options)
        if action == "glare" and (choice.sender is None or choice.to is None or choice.sender == choice.to):
            raise ProtocolError(
                "bad_request", "Glare requires the two participants who are to offer at the same moment."
            )
        return cls(
            key,
            str(action),
            by,
            choice,
            count=count,
            probability=_number(options, "probability", 1.0, 0.0, 1.0),
            seed=seed,
            seconds=_number(options, "seconds", _DELAY_SECONDS, 0.0, MAX_SECONDS),
            types=types,
            random=random.Random(seed),  # noqa: S311
        )

    def takes(self, message: Message) -> bool:
        """Decide whether the fault affects a message, and count it.

        Parameters
        ----------
        message : Message
            The message.

        Returns
        -------
        bool
            Whether it does.
        """
        if self.count == 0 or not self._matches(message):
            return False
        if self.probability < 1 and self.random.random() >= self.probability:
            return False
        self.done += 1
        if self.count is not None:
            self.count -= 1
        return True

    def _matches(self, message: Message) -> bool:
        if self.action == "glare":
            return message.kind == "offer" and _is_between(message, self.choice) and not self._passes(message)
        return self.choice.fits(message)

    def settle(self, message: Message) -> None:
        """Let the next offer between the same two pass if it comes soon: if all offers crossed, nobody could ever agree.

        Parameters
        ----------
        message : Message
            One of the two offers that have crossed.
        """
        self._truce = message.ends, time.monotonic() + MAX_WAIT_SECONDS

    def _passes(self, message: Message) -> bool:
        between, until = self._truce
        passes = self.waiting is None and message.ends == between and time.monotonic() < until
        if passes:
            self._truce = frozenset(), 0.0
        return passes

    @property
    def keeps_back(self) -> bool:
        """Whether it delays messages."""
        return self.action in ("delay", "reorder", "glare")

    @property
    def is_over(self) -> bool:
        """Whether it will affect no more messages."""
        return self.count == 0 and self.waiting is None

    def describe(self) -> dict[str, Any]:
        """Describe the fault for observers.

        Returns
        -------
        dict
            An entry of ``faults`` in the control state.
        """
        entry: dict[str, Any] = {"id": self.id, "fault": self.action, **self.choice.describe()}
        entry |= {"count": self.count, "probability": self.probability, "seed": self.seed, "done": self.done}
        if self.action == "delay":
            entry["seconds"] = self.seconds
        if self.types:
            entry["types"] = " ".join(self.types)
        return entry


def _is_between(message: Message, choice: Choice) -> bool:
    one, other = choice.sender, choice.to
    return (message.sender.is_called(one) and message.receiver.is_called(other)) or (
        message.sender.is_called(other) and message.receiver.is_called(one)
    )


def _number(options: dict[str, Any], key: str, default: float, low: float, high: float) -> float:
    value = options.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise ProtocolError("bad_request", f"{key} must be a number from {low:g} to {high:g}, not {value!r}.")
    return value


def corrupted(message: Message, chance: random.Random) -> Message:
    """Corrupt a message, so that its receiver cannot use it: an m-line of its SDP, or the candidate.

    Parameters
    ----------
    message : Message
        The message.
    chance : Random
        Chooses the m-line.

    Returns
    -------
    Message
        The corrupted message.
    """
    if message.content is None:
        return message
    if message.event == "ice_candidate":
        return message.with_candidate("candidate:garbled by a teacher")
    lines = message.content["sdp"].split("\r\n")
    sections = [index for index, line in enumerate(lines) if line.startswith("m=")] or [0]
    garbled = chance.choice(sections)
    lines[garbled] = "m=garbled"
    # The beginning remains valid, so that the receiver's browser refuses it rather than the relay.
    return message.with_sdp("\r\n".join(lines if garbled else [*lines, "m=garbled", ""]))


def without_candidates(message: Message, types: Iterable[str]) -> Message | None:
    """Remove candidates of some types from a message (RFC 8839, section 5.1).

    Parameters
    ----------
    message : Message
        The message.
    types : iterable of str
        The types.

    Returns
    -------
    Message or None
        None when nothing is left of it; the same message when nothing was removed.
    """
    of_types = re.compile(rf" typ ({'|'.join(types)})(\s|$)")
    if message.event == "ice_candidate":
        text = (message.content or {}).get("candidate", "")
        return None if of_types.search(text) else message
    if message.content is None:
        return message
    sdp = message.content["sdp"]
    lines = sdp.splitlines(keepends=True)
    kept = "".join(line for line in lines if not (line.startswith("a=candidate:") and of_types.search(line)))
    return message if kept == sdp else message.with_sdp(kept)
