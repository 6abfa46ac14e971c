"""Who is meant by a name: several have it once a cell was run again, and some of them have left."""

from __future__ import annotations

import re
from typing import Any, Final

from ...trace.trace import Trace

# What a trace adds to the name of who comes while another one of that name is there.
_NUMBERED: Final = re.compile(r" \(\d+\)$")


def name_in(trace: Trace, key: str) -> str:
    """Return the name with which a participant joined, without the number that tells two of one name apart.

    Parameters
    ----------
    trace : Trace
        The room's trace.
    key : str
        The participant's id.

    Returns
    -------
    str
        Such as "Ada", also where the trace calls her "Ada (2)".
    """
    return _NUMBERED.sub("", trace.name_of(key))


def bearers(trace: Trace, name: str) -> list[str]:
    """Return the ids of all who have joined under a name, in any case.

    Parameters
    ----------
    trace : Trace
        The room's trace.
    name : str
        The name.

    Returns
    -------
    list of str
        In the order in which they joined.
    """
    return [key for key in trace.names if name_in(trace, key).casefold() == name.casefold()]


def has_left(trace: Trace, key: str) -> bool:
    """Tell whether a participant has left and not come back.

    Parameters
    ----------
    trace : Trace
        The room's trace.
    key : str
        The participant's id.

    Returns
    -------
    bool
        Whether they have.
    """
    about = [event.type for event in trace.filter("join", "leave") if event.participant == key]
    return about[-1:] == ["leave"]


def newest(trace: Trace, name: str) -> str:
    """Return who is meant by a name: of those who are in the room the one who joined last, otherwise the last who was.

    Parameters
    ----------
    trace : Trace
        The room's trace.
    name : str
        The name, in any case.

    Returns
    -------
    str
        An id; the name itself when nobody has it.
    """
    known = bearers(trace, name)
    return next((key for key in reversed(known) if not has_left(trace, key)), [name, *known][-1])


def together(room: Any, one: str, other: str) -> Trace:
    """Return what has happened between two participants. Of several with one name, the newest counts.

    Parameters
    ----------
    room : RoomWidget
        The lesson's room.
    one, other : str
        Their names.

    Returns
    -------
    Trace
        As of `Trace.between`.
    """
    trace: Trace = room.trace
    return trace.between(newest(trace, one), newest(trace, other))
