"""Finds glare, offers that crossed, in traces: the one rule that lessons, diagrams and explanations share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from .messages import Message
from .trace import Trace


def end_of(message: Message) -> float:
    """Return when a message arrived, as far as is known.

    Parameters
    ----------
    message : Message
        The message.

    Returns
    -------
    float
        Seconds since the epoch; infinity for a message that is still held.
    """
    known = message.received if message.received is not None else message.forwarded
    return float("inf") if known is None else known


def crossings(messages: Iterable[Message]) -> Iterator[tuple[Message, Message]]:
    """Find offers that were both under way before either arrived (RFC 8829, 4.1.10.2; RFC 3264, 4).

    Parameters
    ----------
    messages : iterable of Message
        Between any number of participants.

    Yields
    ------
    (Message, Message)
        Two offers of one pair of participants, the earlier first.
    """
    between: dict[frozenset[str], list[Message]] = defaultdict(list)
    for message in messages:
        # A copy was made at the server: its sender has offered once.
        if message.kind == "offer" and not {"dropped", "duplicated"} & set(message.fate):
            between[frozenset((message.sender, message.receiver))].append(message)
    for offers in between.values():
        offers.sort(key=lambda offer: offer.departed)
        for index, one in enumerate(offers):
            for other in offers[index + 1 :]:
                if other.departed >= end_of(one):
                    break
                if other.sender != one.sender:
                    yield one, other


def sentence(trace: Trace, one: Message, other: Message) -> str:
    """Describe a glare for diagrams and chapters.

    Parameters
    ----------
    trace : Trace
        Has the names.
    one, other : Message
        The two offers.

    Returns
    -------
    str
        A sentence.
    """
    return f"Glare: {trace.name_of(one.sender)} and {trace.name_of(other.sender)} both sent an offer"
