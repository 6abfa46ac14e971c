"""Who in a trace is meant by a name, and what to call people of whom several have the same one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import chain, count

from ..runtime.text import told_apart
from .events import RELAY, Event


@dataclass(frozen=True, slots=True)
class Stay:
    """When somebody was in the room, as far as a trace tells.

    Attributes
    ----------
    joined, left : float
        On the relay's clock, s; without an end where the trace has none. Who comes again has been there all the time.
    """

    joined: float = -math.inf
    left: float = math.inf

    def meets(self, other: Stay) -> bool:
        """Tell whether two were in the room at the same time.

        Parameters
        ----------
        other : Stay
            Somebody else's.

        Returns
        -------
        bool
            False where one had left before the other came.
        """
        return self.joined <= other.left and other.joined <= self.left


def stays(events: Iterable[Event]) -> dict[str, Stay]:
    """Return when each of those was in the room of whom a trace tells anything.

    Parameters
    ----------
    events : iterable of Event
        In their order.

    Returns
    -------
    dict
        By id, in order of appearance.
    """
    found: dict[str, Stay] = {}
    for event in events:
        for key in (event.participant, event.peer, event.data.get("from"), event.data.get("to")):
            if isinstance(key, str) and key != RELAY:
                found.setdefault(key, Stay(event.time if event.type == "join" else -math.inf))
        if event.type in ("join", "leave"):
            left = event.time if event.type == "leave" else math.inf
            found[event.participant] = replace(found[event.participant], left=left)
    return found


def labels(names: Mapping[str, str], events: Iterable[Event]) -> dict[str, str]:
    """Return what to call each of those in a trace, so that a name is one person's.

    Parameters
    ----------
    names : mapping
        Participants' ids to what the trace calls them.
    events : iterable of Event
        Of the trace, in their order.

    Returns
    -------
    dict
        As ``names``. Who had left before the last of the same name came, or while another one stays to the end, is called
        "Ada (earlier)", and another such one "Ada (earlier, 2)"; others of one name have numbers.
    """
    if len({*names.values()}) == len(names):
        return dict(names)
    there = {key: stay for key, stay in stays(events).items() if key in names}
    called: dict[str, list[str]] = defaultdict(list)
    for key in there:
        called[names[key]].append(key)
    earlier = [key for keys in called.values() for key in _left_early(keys, there)]
    rest = {key: name for key, name in names.items() if key in there and key not in earlier}
    apart = {**names, **dict(zip(rest, told_apart([*rest.values()]), strict=True))}
    for key in earlier:
        whens = chain(["earlier"], (f"earlier, {number}" for number in count(2)))
        possible = (f"{names[key]} ({when})" for when in whens)
        apart[key] = next(label for label in possible if label not in apart.values())
    return apart


def _left_early(keys: Iterable[str], there: Mapping[str, Stay]) -> list[str]:
    """Return who had left before the last of these came, or whom others of these have outstayed to the end."""
    last = max(there[key].joined for key in keys)
    if any(there[key].left == math.inf for key in keys):
        last = math.inf
    return [key for key in keys if there[key].left < last]


def meant(name: str, names: Mapping[str, str], events: Iterable[Event]) -> str | None:
    """Tell who is meant by a name that several may have had: who is there at the end of the trace comes first.

    Whoever runs a cell again means its new "Ada", whom the trace calls "Ada (2)" if the old one had not quite left.

    Parameters
    ----------
    name : str
        The name.
    names : mapping
        Participants' ids to what the trace calls them.
    events : iterable of Event
        Of the trace, in their order.

    Returns
    -------
    str or None
        An id: of who is called so and is there, else of who has joined by that name and is there, else of the last who is
        called so, else of whom `labels` calls so; None where nobody is.
    """
    here: dict[str, str] = {}
    seen = [*events]
    for event in seen:
        if event.type == "join":
            here[event.participant] = str(event.data.get("name"))
        elif event.type == "leave":
            here.pop(event.participant, None)
    called = [key for key, label in names.items() if label == name]
    present = [key for key in called if key in here] or [key for key, given in here.items() if given == name]
    shown = [] if present or called else [key for key, label in labels(names, seen).items() if label == name]
    return next(reversed(present or called or shown), None)
