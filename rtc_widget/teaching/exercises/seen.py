"""What exercises look at: names and numbers that a student gave, and what has happened in the room."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ...plain_numbers import number
from ...trace.glare import crossings
from ...trace.messages import Message
from ...trace.trace import Trace
from .requirement import Given, NotSo

_UNTOUCHED = (None, ..., "", "?", "…", "...")


def is_given(given: Given, key: str = "answer") -> bool:
    """Tell whether a student has given something else than the lesson's own placeholder.

    Parameters
    ----------
    given : Given
        What was handed to `check`.
    key : str
        Which argument.

    Returns
    -------
    bool
        Whether it is.
    """
    value = given.get(key)
    if isinstance(value, list | tuple):
        return any(is_given({"each": each}, "each") for each in value)
    # An array is compared elementwise.
    return not any(value is each or (isinstance(value, str) and value.strip() == each) for each in _UNTOUCHED)


def name_given(room: Any, given: Given) -> str:
    """Return the name that a student answered with: of a participant or a peer, or a text in any case.

    Parameters
    ----------
    room : RoomWidget
        The lesson's room.
    given : Given
        What was handed to `check`.

    Returns
    -------
    str
        As it is written in the room, where it is in the room.
    """
    answer = given["answer"]
    text = str(getattr(answer, "name", answer)).strip()
    names = room.trace.names.values()
    return next((name for name in names if name.casefold() == text.casefold()), text)


def judge_name(room: Any, given: Given, *names: str) -> object:
    """Judge whether a name was given, and one of those that are asked about.

    Parameters
    ----------
    room : RoomWidget
        The lesson's room.
    given : Given
        What was handed to `check`.
    *names : str
        Those that are asked about.

    Returns
    -------
    object
        As of `Requirement.judge`.
    """
    if not is_given(given):
        return False
    name = name_given(room, given)
    return name in names or NotSo(f"{name!r} is none of these: {', '.join(names)}.")


def number_given(given: Given, key: str = "answer") -> float | None:
    """Return the number that a student answered with, whatever library it is from.

    Parameters
    ----------
    given : Given
        What was handed to `check`.
    key : str
        Which argument.

    Returns
    -------
    float or None
        None when it is not a number. A text with nothing but a number in it is one: the lessons' own "?" is a text.
    """
    value: Any = given[key]
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    return number(value)


def message_given(trace: Trace, given: Given) -> Message | None:
    """Return the message that a student named: itself, by its id, or by its place among the trace's messages.

    Parameters
    ----------
    trace : Trace
        The trace.
    given : Given
        What was handed to `check`.

    Returns
    -------
    Message or None
        None when it is no message of the trace.
    """
    named, all_of_them = given.get("message"), trace.messages()
    if isinstance(named, str) and named.strip().isdecimal():
        named = int(named)
    if isinstance(named, int) and not isinstance(named, bool):
        return all_of_them[named] if 0 <= named < len(all_of_them) else None
    key = getattr(named, "id", named)
    return next((message for message in all_of_them if message.id == key), None)


def is_here(room: Any, name: str) -> bool:
    """Tell whether somebody has joined.

    Parameters
    ----------
    room : RoomWidget
        The lesson's room.
    name : str
        Their name.

    Returns
    -------
    bool
        Whether they have.
    """
    return name in room.trace.names.values()


def messages(room: Any, kind: str, *, sender: str | None = None, to: str | None = None) -> Iterator[Message]:
    """Yield the messages of a kind. Of several with one name, the one who joined last counts: others were tries.

    Parameters
    ----------
    room : RoomWidget
        The lesson's room.
    kind : str
        "offer", "answer", …
    sender, to : str, optional
        Names; anybody when left out.

    Yields
    ------
    Message
        The messages, the earliest first.
    """
    trace: Trace = room.trace
    newest = {name: key for key, name in trace.names.items()}
    for message in trace.messages():
        is_theirs = (sender is None or message.sender == newest.get(sender)) and (
            to is None or message.receiver == newest.get(to)
        )
        if message.kind == kind and is_theirs:
            yield message


def between(room: Any, kind: str, who: str) -> list[Message]:
    """Return the messages of a kind from or to somebody.

    Parameters
    ----------
    room : RoomWidget
        The lesson's room.
    kind : str
        "offer", "answer", …
    who : str
        Their name.

    Returns
    -------
    list of Message
        The messages.
    """
    return [*messages(room, kind, sender=who), *messages(room, kind, to=who)]


def is_connected(room: Any, one: str, other: str) -> bool:
    """Tell whether somebody's newest connection to somebody else is connected, as they report it, and neither has left.

    Parameters
    ----------
    room : RoomWidget
        The lesson's room.
    one, other : str
        Names.

    Returns
    -------
    bool
        Whether it is.
    """
    theirs = room.trace.between(one, other)
    if theirs.filter("leave"):
        return False
    states = theirs.by(one).filter("state")
    seen = [event.data["value"] for event in states if event.data["name"] == "connection_state"]
    return bool(seen) and seen[-1] == "connected"


def crossing(room: Any, one: str, other: str) -> list[tuple[Message, Message]]:
    """Return the pairs of offers of two participants that crossed.

    Parameters
    ----------
    room : RoomWidget
        The lesson's room.
    one, other : str
        Their names.

    Returns
    -------
    list of (Message, Message)
        The pairs.
    """
    trace: Trace = room.trace
    return [
        pair
        for pair in crossings(trace.messages())
        if {trace.name_of(message.sender) for message in pair} == {one, other}
    ]
