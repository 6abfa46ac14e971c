"""Whose messages a fault or a breakpoint is for."""

from __future__ import annotations

from collections.abc import Mapping

from ..room.participants import Participant
from ..runtime.validation import nearest
from ..tracebacks import warn

Who = str | Participant


def end_of(who: Who | None, here: Mapping[str, str]) -> str | None:
    """Return what the relay knows a sender or a receiver by.

    A name that nobody has yet is no mistake: somebody of that name may join. Where it is nearly that of somebody who is
    there, a warning says so.

    Parameters
    ----------
    who : Who, optional
        The participant, by name or id.
    here : mapping
        Names of everybody in the room, by id.

    Returns
    -------
    str or None
        A name or an id; None for everybody.
    """
    if isinstance(who, Participant):
        return who.id
    if not isinstance(who, str):
        return who
    names = list(here.values())
    meant = "" if who in here or who in names else nearest(who, names)
    if meant:
        msg = (
            f"Nobody in the room is called {who!r}: nothing happens until somebody of that name joins.{meant}"
        )
        warn(msg)
    return who
