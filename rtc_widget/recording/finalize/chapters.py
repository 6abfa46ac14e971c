"""Automatic chapters: participants who join and leave, colliding offers, and failures."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from ...runtime.text import listed
from ...trace.glare import crossings, sentence
from ...trace.trace import Trace
from ..contents import Chapter

# Events of one kind that are no further apart are one chapter.
_TOGETHER: Final = 0.5
# Of those who had joined before the recording began.
_HERE: Final = "here"
_FAILED: Final = {"name": "connection_state", "value": "failed"}


def chapters_of(trace: Trace, began: float, seconds: float, marks: Iterable[Chapter]) -> tuple[Chapter, ...]:
    """Return all chapters of a recording in order, the automatic ones and those added by hand.

    Parameters
    ----------
    trace : Trace
        What happened.
    began : float
        When the recording began, seconds since the epoch.
    seconds : float
        Its length.
    marks : iterable of Chapter
        The chapters that were added by hand.

    Returns
    -------
    tuple of Chapter
        Sorted by time.
    """
    groups: list[tuple[float, str, list[str]]] = []
    last: dict[str, int] = {}
    for time, kind, what in sorted(_occurrences(trace, began)):
        at = round(min(max(0.0, time - began), seconds), 3)
        index = last.get(kind)
        if index is not None and at - groups[index][0] < _TOGETHER:
            groups[index][2].append(what)
        else:
            last[kind] = len(groups)
            groups.append((at, kind, [what]))
    automatic = [
        Chapter(at, _title(kind, list(dict.fromkeys(what))), "join" if kind == _HERE else kind)
        for at, kind, what in groups
    ]
    return tuple(sorted([*automatic, *marks], key=lambda chapter: chapter.time))


def _occurrences(trace: Trace, began: float) -> Iterator[tuple[float, str, str]]:
    for event in trace:
        name = trace.name_of(event.participant)
        if event.type == "join" and event.time <= began:
            yield event.time, _HERE, name
        elif event.type in ("join", "leave"):
            yield event.time, event.type, name
        elif event.type == "failed":
            yield event.time, "failure", f"{event.data.get('operation', 'An operation')} fails at {name}"
        elif event.type == "state" and _FAILED.items() <= event.data.items():
            ends = sorted([name, trace.name_of(event.peer or "")])
            yield event.time, "failure", f"The connection of {listed(ends)} fails"
    for one, other in crossings(trace.messages()):
        yield min(one.departed, other.departed), "glare", sentence(trace, one, other)


def _title(kind: str, what: list[str]) -> str:
    if kind == _HERE:
        return f"{listed(what)} {'are' if len(what) > 1 else 'is'} here"
    if kind in ("join", "leave"):
        return f"{listed(what)} {kind if len(what) > 1 else kind + 's'}"
    return "; ".join(what)
