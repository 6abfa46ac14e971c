"""`room.fault`: faults that a teacher injects into a room's signaling."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, Final, Literal, get_args, overload

from ..errors import InvalidArgumentError
from ..runtime.validation import at_place, check_choice
from .ends import Who, end_of
from .held_messages import KINDS, Fault, SignalKind

CandidateType = Literal["host", "srflx", "prflx", "relay"]

_CANDIDATE_TYPES: Final[tuple[CandidateType, ...]] = get_args(CandidateType)

Request = Callable[..., None]


class FaultInjection(Sequence[Fault]):
    """Injects faults into the signaling of a room, and lists the active ones.

    The relay carries out every fault, so it affects browsers, Python peers and other clients alike. It ends with
    `clear`, when this widget leaves the room, and when its kernel ends. With the same ``seed``, the same messages
    are affected.

    In all methods, ``kind`` is "offer", "answer", "ice_candidate" or "request_offer", None for all; ``sender`` and
    ``to`` are names or ids, also of participants who have not joined yet (a warning names whom a misspelt name may mean);
    ``count`` is the number of messages to
    affect, None for all; ``probability`` is that of each message.

    Parameters
    ----------
    request : Request
        Sends a request to the relay and waits for its acknowledgement.
    active : callable
        Returns the active faults as the relay reports them.
    members : callable
        Returns the names of everybody in the room, by id.
    """

    def __init__(
        self,
        request: Request,
        active: Callable[[], list[dict[str, Any]]],
        members: Callable[[], Mapping[str, str]],
    ) -> None:
        self._request, self._active, self._members = request, active, members

    # -- active faults

    def _list(self) -> list[Fault]:
        return [Fault.of(each) for each in self._active()]

    @overload
    def __getitem__(self, index: int) -> Fault: ...
    @overload
    def __getitem__(self, index: slice) -> list[Fault]: ...
    def __getitem__(self, index: int | slice) -> Fault | list[Fault]:
        faults = self._list()
        return faults[index] if isinstance(index, slice) else at_place(faults, index, "fault")

    def __len__(self) -> int:
        return len(self._active())

    def __iter__(self) -> Iterator[Fault]:
        return iter(self._list())

    def __repr__(self) -> str:
        return "\n".join(map(repr, self)) or "no active faults"

    # -- injecting faults

    def drop(
        self,
        kind: SignalKind | None = None,
        *,
        sender: Who | None = None,
        to: Who | None = None,
        count: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Drop messages.

        Parameters
        ----------
        kind : str, optional
            Which kind of message; None for all.
        sender, to : Who, optional
            Whose messages, by name or id; None for everybody's.
        count : int, optional
            How many messages; None for all.
        probability : float
            Of each message, 0 to 1.
        seed : int
            Of the random numbers.
        """
        self._add("drop", kind, sender, to, count, probability=probability, seed=seed)

    def delay(
        self,
        kind: SignalKind | None = None,
        seconds: float = 1.0,
        *,
        sender: Who | None = None,
        to: Who | None = None,
        count: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Delay each message; others overtake it.

        Parameters
        ----------
        kind : str, optional
            Which kind of message; None for all.
        seconds : float
            At most 60.
        sender, to : Who, optional
            Whose messages, by name or id; None for everybody's.
        count : int, optional
            How many messages; None for all.
        probability : float
            Of each message, 0 to 1.
        seed : int
            Of the random numbers.
        """
        self._add("delay", kind, sender, to, count, probability=probability, seed=seed, seconds=seconds)

    def duplicate(
        self,
        kind: SignalKind | None = None,
        *,
        sender: Who | None = None,
        to: Who | None = None,
        count: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Deliver messages twice.

        Parameters
        ----------
        kind : str, optional
            Which kind of message; None for all.
        sender, to : Who, optional
            Whose messages, by name or id; None for everybody's.
        count : int, optional
            How many messages; None for all.
        probability : float
            Of each message, 0 to 1.
        seed : int
            Of the random numbers.
        """
        self._add("duplicate", kind, sender, to, count, probability=probability, seed=seed)

    def reorder(
        self,
        kind: SignalKind | None = None,
        *,
        sender: Who | None = None,
        to: Who | None = None,
        count: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Swap each message with the next one from the same sender to the same receiver.

        Parameters
        ----------
        kind : str, optional
            Which kind of message; None for all.
        sender, to : Who, optional
            Whose messages, by name or id; None for everybody's.
        count : int, optional
            How many messages; None for all.
        probability : float
            Of each message, 0 to 1.
        seed : int
            Of the random numbers.
        """
        self._add("reorder", kind, sender, to, count, probability=probability, seed=seed)

    def corrupt(
        self,
        kind: SignalKind | None = None,
        *,
        sender: Who | None = None,
        to: Who | None = None,
        count: int | None = None,
        probability: float = 1.0,
        seed: int = 0,
    ) -> None:
        """Corrupt a line of each session description, or the candidate, so that the receiver refuses it.

        Parameters
        ----------
        kind : str, optional
            Which kind of message; None for all.
        sender, to : Who, optional
            Whose messages, by name or id; None for everybody's.
        count : int, optional
            How many messages; None for all.
        probability : float
            Of each message, 0 to 1.
        seed : int
            Of the random numbers.
        """
        self._add("corrupt", kind, sender, to, count, probability=probability, seed=seed)

    def glare(self, one: Who | None = None, other: Who | None = None, *, count: int | None = None) -> None:
        """Make two participants offer at the same moment, whenever one of them offers.

        The first offer waits at the relay until the other side, which is asked for one, has sent its own (at most 2
        s); then both are forwarded.

        Parameters
        ----------
        one, other : Who, optional
            Names or ids; the only two in the room when left out.
        count : int, optional
            How many times; None for always.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` when names are left out and there are not exactly two participants.
        """
        if one is None or other is None:
            here = list(self._members())
            if one is not None or other is not None or len(here) != 2:
                msg = f"Name the two participants who are to offer at the same moment, such as glare('Ada', 'Bob'): {len(here)} are in the room."
                raise InvalidArgumentError("bad_argument", msg)
            one, other = here
        self._add("glare", None, one, other, count)

    def no_candidates(self, *types: CandidateType, sender: Who | None = None, to: Who | None = None) -> None:
        """Remove candidates of some types, also from descriptions.

        Parameters
        ----------
        *types : {"host", "srflx", "prflx", "relay"}
            See RFC 8445, 4.
        sender, to : Who, optional
            Whose candidates, by name or id; None for everybody's.

        Raises
        ------
        InvalidArgumentError
            ``bad_argument`` without a type, or for another one.
        """
        if not types:
            msg = "Name the candidate types to remove, such as no_candidates('host')."
            raise InvalidArgumentError("bad_argument", msg)
        for each in types:
            check_choice("a candidate's type", each, _CANDIDATE_TYPES)
        self._add("no_candidates", None, sender, to, None, types=" ".join(types))

    def turn_only(self) -> None:
        """Remove all candidates except those of TURN servers, as if every direct path were blocked."""
        self.no_candidates("host", "srflx", "prflx")

    def relay_down(self, seconds: float = 5.0) -> None:
        """Disconnect every participant of the room from the relay, and refuse new connections.

        Parameters
        ----------
        seconds : float
            At most 60; `clear` ends it earlier.
        """
        self._request("relay_down", seconds=seconds)

    def clear(self, fault: Fault | str | None = None) -> None:
        """End one fault, or all; messages that were kept back are forwarded.

        What was dropped stays lost. A connection that waits for it does so until `restart_ice` or somebody joins again.

        Parameters
        ----------
        fault : Fault, str, optional
            The fault or its id; all when left out.
        """
        if fault is None:
            self._request("clear")
        else:
            self._request("clear", fault=fault.id if isinstance(fault, Fault) else fault)

    def _add(
        self,
        fault: str,
        kind: SignalKind | None,
        sender: Who | None,
        to: Who | None,
        count: int | None,
        **more: Any,
    ) -> None:
        check_choice("kind", kind, (*KINDS, None))
        here = self._members()
        ends = {"sender": end_of(sender, here), "to": end_of(to, here)}
        self._request("fault", fault=fault, kind=kind, **ends, count=count, **more)
