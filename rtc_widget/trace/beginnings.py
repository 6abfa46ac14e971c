"""How things were when a part of a trace begins: what its diagram starts from."""

from __future__ import annotations

from collections.abc import Iterable

from .events import Event, word

_DESCRIBED = ("setLocalDescription", "setRemoteDescription")


def standing(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return what still holds of a past: the last state of each state machine, and the last description of each end.

    Parameters
    ----------
    events : iterable of Event
        In their order.

    Returns
    -------
    tuple of Event
        At most one for each machine and each call of each end of a connection.
    """
    kept: dict[tuple[str | None, ...], Event] = {}
    for event in events:
        if event.type == "state" or event.type in _DESCRIBED:
            kept[event.participant, event.peer, event.type, word(event.data.get("name"))] = event
        elif event.type in ("join", "leave"):
            # Whoever comes again begins anew.
            theirs = [key for key in kept if event.participant in key[:2]]
            for key in theirs:
                del kept[key]
    return tuple(kept.values())
