"""Glare: offers that cross. The one place that says when they do."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from .messages import Message
from .trace import Trace


def end_of(message: Message) -> float:
    """Return when a message was there, as far as is known; never, for what still waits."""
    known = message.received if message.received is not None else message.forwarded
    return float("inf") if known is None else known


def crossings(messages: Iterable[Message]) -> Iterator[tuple[Message, Message]]:
    """Find offers that were both under way before either was there (RFC 8829, 4.1.8.2; RFC 3264, 4).

    Parameters
    ----------
    messages : iterable of Message
        Of any number of participants.

    Yields
    ------
    (Message, Message)
        Two offers of one pair of participants, the earlier first.
    """
    between: dict[frozenset[str], list[Message]] = defaultdict(list)
    for message in messages:
        if message.kind == "offer" and "dropped" not in message.fate:
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
    """Return what happened, as diagrams and chapters say it.

    Parameters
    ----------
    trace : Trace
        Knows the names.
    one, other : Message
        The offers.
    """
    return f"Glare: {trace.name_of(one.sender)} and {trace.name_of(other.sender)} both sent an offer"
