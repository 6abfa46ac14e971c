"""Who in a trace is meant by a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .events import Event


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
        called so; None where nobody is.
    """
    here: dict[str, str] = {}
    for event in events:
        if event.type == "join":
            here[event.participant] = str(event.data.get("name"))
        elif event.type == "leave":
            here.pop(event.participant, None)
    called = [key for key, label in names.items() if label == name]
    present = [key for key in called if key in here] or [key for key, given in here.items() if given == name]
    return next(reversed(present or called), None)
