"""How things were when a trace begins in the middle of a call, of which those who were there tell first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..events import word

if TYPE_CHECKING:
    from ..trace import Trace


def was_here(data: Mapping[str, Any]) -> bool:
    """Tell whether who joined, by a "join" event's data, was there before the trace begins.

    Parameters
    ----------
    data : mapping
        The event's data.

    Returns
    -------
    bool
        False for who came while the trace was made.
    """
    return data.get("here") is True


def without_beforehand(trace: Trace) -> Trace:
    """Take out what participants who were there tell of how things are, before they do anything.

    Parameters
    ----------
    trace : Trace
        The trace.

    Returns
    -------
    Trace
        The trace without the first state of each machine of the connections between them, and without their first candidate
        pairs, which are in its `before`; the same one where nobody was there.
    """
    here = {event.participant for event in trace if event.type == "join" and was_here(event.data)}
    if not here:
        return trace
    quiet = set(here)
    told: set[tuple[str, ...]] = set()
    before, rest = [], []
    for event in trace:
        what = (event.participant, event.peer or "", event.type, word(event.data.get("name")))
        is_telling = event.participant in quiet and event.peer in here and event.type in ("state", "pair")
        if is_telling and what not in told:
            told.add(what)
            before.append(event)
            continue
        if event.type not in ("join", "stats", "state", "pair", "media"):
            quiet.discard(event.participant)
        rest.append(event)
    made = type(trace)(rest, names=trace.names, room=trace.room)
    made.before = (*trace.before, *before)
    return made
