"""`room.fault`: what is broken on purpose."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, overload

from ..errors import InvalidArgumentError
from ..room.participants import Participant
from .held_messages import Fault

Who = str | Participant
Ask = Callable[..., None]


class FaultInjection(Sequence[Fault]):
    """Breaks the signaling of a room, and lists what is broken.

    Every fault is the relay's doing, so it meets browsers, Python peers and plain clients alike. It ends with
    `clear`, when this widget leaves the room, and when its kernel ends. With the same ``seed`` the same messages are
    met.

    ``kind`` is "offer", "answer", "ice_candidate" or "request_offer", None for all; ``sender`` and ``to`` are names or
    ids, also of those who are still to come; ``count`` is how many messages are met, None for all; ``probability`` is
    that of each.

    Parameters
    ----------
    ask : callable
        Sends a teacher's wish to the relay and waits for its acknowledgement.
    told : callable
        Returns the faults that the relay tells of.
    everybody : callable
        Returns the ids of those who are in the room.
    """

    def __init__(
        self, ask: Ask, told: Callable[[], list[dict[str, Any]]], everybody: Callable[[], list[str]]
    ) -> None:
        self._ask, self._told, self._everybody = ask, told, everybody

    # -- what is broken now

    def _list(self) -> list[Fault]:
        return [Fault.of(each) for each in self._told()]

    @overload
    def __getitem__(self, index: int) -> Fault: ...
    @overload
    def __getitem__(self, index: slice) -> list[Fault]: ...
    def __getitem__(self, index: int | slice) -> Fault | list[Fault]:
        return self._list()[index]

    def __len__(self) -> int:
        return len(self._told())

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._list())

    def __repr__(self) -> str:
        return "\n".join(map(repr, self)) or "nothing is broken"

    # -- breaking

    def drop(
        self,
        kind: str | None = None,
        *,
        sender: Who | None = None,
        to: Who | None = None,
        count: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Lose messages."""
        self._add("drop", kind, sender, to, count, probability=probability, seed=seed)

    def delay(
        self,
        kind: str | None = None,
        seconds: float = 1.0,
        *,
        sender: Who | None = None,
        to: Who | None = None,
        count: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Keep each message for some seconds, at most 60; others overtake it."""
        self._add("delay", kind, sender, to, count, probability=probability, seed=seed, seconds=seconds)

    def duplicate(
        self,
        kind: str | None = None,
        *,
        sender: Who | None = None,
        to: Who | None = None,
        count: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Send messages twice."""
        self._add("duplicate", kind, sender, to, count, probability=probability, seed=seed)

    def reorder(
        self,
        kind: str | None = None,
        *,
        sender: Who | None = None,
        to: Who | None = None,
        count: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Let each message be overtaken by the next one of the same sender to the same receiver."""
        self._add("reorder", kind, sender, to, count, probability=probability, seed=seed)

    def corrupt(
        self,
        kind: str | None = None,
        *,
        sender: Who | None = None,
        to: Who | None = None,
        count: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Garble a line of each session description, or the candidate, so that the receiver refuses it."""
        self._add("corrupt", kind, sender, to, count, probability=probability, seed=seed)

    def glare(self, one: Who | None = None, other: Who | None = None, *, count: int | None = None) -> None:
        """Let two participants offer at the same moment, each time that one of them offers.

        The first offer waits at the relay until the other side, which is asked for one, has made its own (at most
        2 s); then both go on. Without names it is the two who are in the room.
        """
        if one is None or other is None:
            here = self._everybody()
            if one is not None or other is not None or len(here) != 2:
                msg = f"Say which two are to offer at the same moment: glare('Ada', 'Bob'); {len(here)} are here."
                raise InvalidArgumentError("bad_argument", msg)
            one, other = here
        self._add("glare", None, one, other, count)

    def no_candidates(self, *types: str, sender: Who | None = None, to: Who | None = None) -> None:
        """Hide candidates of some types, "host", "srflx", "prflx" or "relay", also those in descriptions."""
        if not types:
            msg = "Say which candidates nobody is to get: no_candidates('host')."
            raise InvalidArgumentError("bad_argument", msg)
        self._add("no_candidates", None, sender, to, None, types=" ".join(types))

    def turn_only(self) -> None:
        """Hide all candidates but those of TURN servers, as if every direct way were closed."""
        self.no_candidates("host", "srflx", "prflx")

    def relay_down(self, seconds: float = 5.0) -> None:
        """Cut every participant of the room from the relay and let nobody in, for at most 60 s or until `clear`."""
        self._ask("relay_down", seconds=seconds)

    def clear(self, fault: Fault | str | None = None) -> None:
        """Break nothing any more, or one thing less; what was kept back goes on."""
        if fault is None:
            self._ask("clear")
        else:
            self._ask("clear", fault=fault.id if isinstance(fault, Fault) else fault)

    def _add(
        self,
        fault: str,
        kind: str | None,
        sender: Who | None,
        to: Who | None,
        count: int | None,
        **more: Any,
    ) -> None:
        self._ask("fault", fault=fault, kind=kind, sender=_key(sender), to=_key(to), count=count, **more)


def _key(who: Who | None) -> str | None:
    return who.id if isinstance(who, Participant) else who
