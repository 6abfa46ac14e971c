"""What the relay holds and breaks for a teacher, as Python objects."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, get_args

from ..protocol.panel import HeldRow

SignalKind = Literal["offer", "answer", "ice_candidate", "request_offer"]

_NAMES: Final[Mapping[str, str]] = {
    "offer": "offer",
    "answer": "answer",
    "ice_candidate": "ICE candidate",
    "request_offer": "request for an offer",
}
KINDS: Final[tuple[SignalKind, ...]] = get_args(SignalKind)
"""The kinds of signaling messages."""


def words_of(kind: str) -> str:
    """Return a kind of message as people call it.

    Parameters
    ----------
    kind : str
        One of `KINDS`.

    Returns
    -------
    str
        Such as "ICE candidate".
    """
    return _NAMES[kind]


@dataclass(frozen=True, slots=True)
class HeldMessage:
    """A signaling message that the relay is holding.

    Attributes
    ----------
    id : str
        The relay's id of the message.
    kind : str
        "offer", "answer", "ice_candidate" or "request_offer".
    sender, to : str
        Names.
    since : float
        Since when it is held, seconds since the epoch on the signaling server's clock.
    carries : str
        The media of an offer or answer ("audio, video, data"), the type and protocol of a candidate ("host udp").
    """

    id: str
    kind: str
    sender: str
    to: str
    since: float
    carries: str = ""

    @classmethod
    def of(cls, told: Mapping[str, Any], names: Mapping[str, str]) -> HeldMessage:
        """Make one from a relay's control state.

        Parameters
        ----------
        told : mapping
            An entry of ``held``.
        names : mapping
            Names by id.

        Returns
        -------
        HeldMessage
            The message.
        """
        sender, to = (names.get(told[key], told[key]) for key in ("from", "to"))
        return cls(told["id"], told["kind"], sender, to, told["at"] / 1000, told.get("carries", ""))

    def __repr__(self) -> str:
        return f"<{_NAMES[self.kind]} of {self.sender} to {self.to}>"


class HeldMessages(tuple[HeldMessage, ...]):
    """The held messages, the oldest first."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "\n".join(map(repr, self)) or "no held messages"


def rows(held: Iterable[HeldMessage], now: float) -> list[HeldRow]:
    """Return held messages as the trace panel lists them: candidates in a row, of one to another, are one entry.

    Parameters
    ----------
    held : iterable of HeldMessage
        The oldest first.
    now : float
        The time, seconds since the epoch.

    Returns
    -------
    list of HeldRow
        The entries, in the same order.
    """

    def group(message: HeldMessage) -> object:
        is_candidate = message.kind == "ice_candidate"
        return (message.sender, message.to) if is_candidate else message.id

    made: list[HeldRow] = []
    for _key, group_of in itertools.groupby(held, group):
        messages = list(group_of)
        carried = dict.fromkeys(message.carries for message in messages if message.carries)
        made.append(
            {
                "ids": [message.id for message in messages],
                "text": repr(messages[0]).strip("<>"),
                "carries": ", ".join(carried),
                "seconds": max(0.0, now - messages[0].since),
            }
        )
    return made


@dataclass(frozen=True, slots=True)
class Fault:
    """An active fault.

    Attributes
    ----------
    id : str
        The relay's id of the fault, for `FaultInjection.clear`.
    action : str
        "drop", "delay", "duplicate", "reorder", "corrupt", "glare" or "no_candidates".
    kind : str or None
        The kind of message that it affects; None for all.
    sender, to : str or None
        Names or ids; None for anybody.
    count : int or None
        How many more messages it will affect; None for all.
    probability : float
        Of each message.
    seed : int
        Of the random numbers.
    done : int
        How many messages it has affected.
    """

    id: str
    action: str
    kind: str | None
    sender: str | None
    to: str | None
    count: int | None
    probability: float
    seed: int
    done: int
    detail: str = ""

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Fault:
        """Make one from a relay's control state.

        Parameters
        ----------
        told : mapping
            An entry of ``faults``.

        Returns
        -------
        Fault
            The fault.
        """
        detail = told.get("types") or (f"{told['seconds']:g} s" if "seconds" in told else "")
        same = ("id", "kind", "sender", "to", "count", "probability", "seed", "done")
        return cls(action=told["fault"], detail=detail, **{key: told[key] for key in same})

    def __repr__(self) -> str:
        if self.action == "glare":
            words = [f"glare of {self.sender} and {self.to}"]
        else:
            words = [self.action.replace("_", " "), *filter(None, [self.detail, self.kind])]
            words += [f"of {self.sender}"] if self.sender else []
            words += [f"to {self.to}"] if self.to else []
        words += [f"{self.count} more"] if self.count is not None else []
        words += [f"with probability {self.probability:g}, seed {self.seed}"] if self.probability < 1 else []
        return f"<{' '.join(words)}; {self.done} so far>"


@dataclass(frozen=True, slots=True)
class Break:
    """A breakpoint: the next message of this kind pauses the room.

    Attributes
    ----------
    id : str
        The relay's id of the breakpoint.
    kind, sender, to : str or None
        Which messages it stops at; None for all, and for anybody.
    """

    id: str
    kind: str | None
    sender: str | None
    to: str | None

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Break:
        """Make one from a relay's control state.

        Parameters
        ----------
        told : mapping
            An entry of ``breaks``.

        Returns
        -------
        Break
            The breakpoint.
        """
        return cls(**{key: told[key] for key in ("id", "kind", "sender", "to")})

    def __repr__(self) -> str:
        words = ["break on", _NAMES.get(self.kind or "", "any message")]
        words += [f"of {self.sender}"] if self.sender else []
        words += [f"to {self.to}"] if self.to else []
        return f"<{' '.join(words)}>"
