"""Divides a trace into its connections: each is a diagram of its own."""

from __future__ import annotations

from collections.abc import Mapping
from math import inf

from ..events import RELAY, Event
from ..naming import stays
from ..trace import Trace


def pairs_of(trace: Trace) -> dict[tuple[str, ...], Trace]:
    """Return the connections of a trace, each with the events that concern it.

    Parameters
    ----------
    trace : Trace
        Of any number of participants.

    Returns
    -------
    dict
        Traces by the ids of one or two participants, in the order in which the connections begin. Who is in no
        connection is in a pair with the next one of whom that is true, so that nobody is left out.
    """
    # What is told of somebody who had gone before the trace began is about nobody who is in it.
    people = {*trace.names, *trace.participants}
    known = [event for event in trace if event.peer is None or event.peer in people]
    ways = _ways(trace)
    order = {key: index for index, key in enumerate(trace.participants)}
    pairs: dict[tuple[str, ...], list[Event]] = {}
    for event in known:
        pair = _pair_of(event, ways, order)
        if pair is not None:
            pairs.setdefault(pair, [])
    alone = [key for key in order if not any(key in pair for pair in pairs)]
    for index in range(0, len(alone), 2):
        pairs[tuple(alone[index : index + 2])] = []
    of_one = {key: [pairs[pair] for pair in pairs if key in pair] for key in order}
    for event in known:
        pair = _pair_of(event, ways, order)
        if pair is not None:
            pairs[pair].append(event)
        elif event.participant in of_one and event.peer is None:
            for events in of_one[event.participant]:
                events.append(event)
        elif event.type == "control":
            for events in pairs.values():
                events.append(event)
    return {pair: Trace(events, names=trace.names, room=trace.room) for pair, events in pairs.items()}


def most_spoken(trace: Trace, pairs: Mapping[tuple[str, ...], Trace]) -> int:
    """Return which connection there is most to see of.

    Parameters
    ----------
    trace : Trace
        The whole trace.
    pairs : mapping
        Its connections, as `pairs_of` has them.

    Returns
    -------
    int
        The place of the connection with most messages between two who are there at the end, and of the first where
        there is none.
    """
    gone = {key for key, stay in stays(trace).items() if stay.left < inf}
    counts = [
        0 if gone & {*pair} else len({event.message for event in part} - {None})
        for pair, part in pairs.items()
    ]
    return counts.index(max(counts)) if counts else 0


def _ways(trace: Trace) -> dict[str, tuple[str, str]]:
    """Return the ends of each message: not everything that the relay says of one names them."""
    return {
        event.message: (str(event.data["from"]), str(event.data["to"]))
        for event in trace
        if event.type == "arrived" and event.message is not None and {"from", "to"} <= event.data.keys()
    }


def _pair_of(
    event: Event, ways: Mapping[str, tuple[str, str]], order: Mapping[str, int]
) -> tuple[str, ...] | None:
    ends: tuple[str, str]
    if event.participant == RELAY:
        if event.message is None or event.message not in ways:
            return None
        ends = ways[event.message]
    elif event.peer is None:
        return None
    else:
        ends = event.participant, event.peer
    one, other = ends
    if one == other:
        return None
    # Whoever was there first stands on the left.
    last = len(order)
    return (one, other) if (order.get(one, last), one) <= (order.get(other, last), other) else (other, one)
