"""Causes before effects: clocks are compared, but not equal, and a few milliseconds decide what stands above what."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from .events import RELAY, Event

if TYPE_CHECKING:
    from .trace import Trace

# What has been moved may have sent something, which moves whoever received that.
_PASSES: Final = 4
# What happens one after the other has two times; a second since the epoch has no more digits than these.
_STEP: Final = 2e-6


def in_causal_order(trace: Trace) -> Trace:
    """Let nothing that came of a message happen before the message was sent, nor what it came of after it.

    What a participant reports of a message that it received, and all that it reports after that, happens at the earliest when
    the message left its sender, or when it arrived at the relay, whose clock is the one that counts. That it sent a message, and
    all that it reports before that, happens at the latest when the message arrived at the relay. So whose clock is wrong moves
    only its own events.

    Parameters
    ----------
    trace : Trace
        The trace.

    Returns
    -------
    Trace
        The same one where everything is in order.
    """
    events = list(trace)
    arrivals: dict[str, Event] = {}
    for event in events:
        if event.participant == RELAY and event.type == "arrived" and event.message is not None:
            arrivals.setdefault(event.message, event)
    moved = False
    for _ in range(_PASSES):
        earlier = _earlier(events, arrivals)
        for index, time in earlier.items():
            events[index] = replace(events[index], time=time)
        later = _later(events, arrivals)
        for index, time in later.items():
            events[index] = replace(events[index], time=time)
        if not earlier and not later:
            break
        moved = True
    if not moved:
        return trace
    made = type(trace)(events, names=trace.names, room=trace.room)
    made.before = trace.before
    return made


def _arrival_of_sent(event: Event, arrivals: dict[str, Event]) -> Event | None:
    """Return when the message arrived of which its own sender says that it was sent."""
    arrival = arrivals.get(event.message or "") if event.type == "sent" else None
    return arrival if arrival is not None and event.participant == str(arrival.data.get("from")) else None


def _earlier(events: list[Event], arrivals: dict[str, Event]) -> dict[int, float]:
    """Return the times of the events that come too late, by their place."""
    latest: dict[str, float] = {}
    earlier: dict[int, float] = {}
    for index in range(len(events) - 1, -1, -1):
        event = events[index]
        if event.participant == RELAY:
            continue
        time = min(event.time, latest.get(event.participant, math.inf))
        arrival = _arrival_of_sent(event, arrivals)
        if arrival is not None:
            time = min(time, arrival.time - _STEP)
        if time < event.time:
            earlier[index] = time
            latest[event.participant] = time - _STEP
    return earlier


def _later(events: list[Event], arrivals: dict[str, Event]) -> dict[int, float]:
    """Return the times of the events that come too early, by their place."""
    departed = {key: event.time for key, event in arrivals.items()}
    for event in events:
        arrival = _arrival_of_sent(event, arrivals)
        if arrival is not None:
            departed[arrival.message or ""] = min(arrival.time, event.time)
    earliest: dict[str, float] = {}
    later: dict[int, float] = {}
    for index, event in enumerate(events):
        if event.participant == RELAY:
            continue
        time = max(event.time, earliest.get(event.participant, -math.inf))
        arrival = arrivals.get(event.message or "")
        if arrival is not None and event.type != "sent" and event.participant == str(arrival.data.get("to")):
            time = max(time, departed[event.message or ""] + _STEP)
        if time > event.time:
            later[index] = time
            earliest[event.participant] = time + _STEP
    return later
