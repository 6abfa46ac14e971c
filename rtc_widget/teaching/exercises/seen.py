"""What exercises look at: names and messages that a student gave, and what has happened in the room."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from ...plain_numbers import number
from ...trace.glare import crossings
from ...trace.messages import Message
from ...trace.trace import Trace
from .own_words import is_unsure
from .requirement import Given, NotSo
from .who_is_meant import bearers, has_left, name_in, newest

_UNTOUCHED = (None, ..., "", "?", "…", "...")
_WORDS: Final = re.compile(r"\w+")


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
    # Of a list, every place is to be filled.
    if isinstance(value, list | tuple):
        return bool(value) and all(is_given({"each": each}, "each") for each in value)
    # An array is compared elementwise.
    return not any(value is each or (isinstance(value, str) and value.strip() == each) for each in _UNTOUCHED)


def name_given(room: Any, given: Given) -> str:
    """Return the name that a student answered with: of a participant or a peer, an id, or a text in any case.

    Parameters
    ----------
    room : RoomWidget
        The lesson's room.
    given : Given
        What was handed to `check`.

    Returns
    -------
    str
        As it is written in the room, where there is one in the text and no other.
    """
    answer, trace = given["answer"], room.trace
    text = str(getattr(answer, "name", answer)).strip()
    if text in trace.names:
        return name_in(trace, text)
    named = _names_in(text, dict.fromkeys(name_in(trace, key) for key in trace.names))
    return named[0] if len(named) == 1 and not is_unsure(text) else text


def _names_in(text: str, names: Iterable[str]) -> list[str]:
    """Return the names that a text has, as words of it and in any case."""
    words, *wanted = (f" {' '.join(_WORDS.findall(each.casefold()))} " for each in (text, *names))
    return [name for name, word in zip(names, wanted, strict=True) if word in words]


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
    if len(_names_in(name, names)) > 1:
        return NotSo("That is more than one answer: decide for one.")
    return name in names or NotSo(f"{name!r} is none of these: {', '.join(names)}.")


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
    # Also as a lesson prints it: "1 answer from Bob".
    if isinstance(named, str):
        first = named.casefold().strip().removeprefix("message").replace("#", " ").split()[:1]
        named = int(first[0]) if first and first[0].isdecimal() else named
    counted = number(named)
    if counted is not None:
        return all_of_them[int(counted)] if counted in range(len(all_of_them)) else None
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
        Whether they have, also when they have left again.
    """
    return bool(bearers(room.trace, name))


def judge_presence(room: Any, name: str) -> object:
    """Judge whether somebody is in the room.

    Parameters
    ----------
    room : RoomWidget
        The lesson's room.
    name : str
        Their name.

    Returns
    -------
    object
        As of `Requirement.judge`.
    """
    trace: Trace = room.trace
    if not bearers(trace, name):
        return False
    return not has_left(trace, newest(trace, name)) or NotSo(
        f"{name} has left the room again: run the cell that makes {name} once more."
    )


def messages(room: Any, kind: str, *, sender: str | None = None, to: str | None = None) -> Iterator[Message]:
    """Yield the messages of a kind. Of several with one name, the newest counts: others were tries.

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
    one, other = (name and newest(trace, name) for name in (sender, to))
    for message in trace.messages():
        is_theirs = one in (None, message.sender) and other in (None, message.receiver)
        if message.kind == kind and is_theirs:
            yield message


def between(room: Any, kind: str, who: str) -> list[Message]:
    """Return the messages of a kind from or to somebody; not those of who was there under that name before.

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
    earlier = set(bearers(room.trace, who)) - {newest(room.trace, who)}
    theirs = [*messages(room, kind, sender=who), *messages(room, kind, to=who)]
    return [each for each in theirs if not earlier & {each.sender, each.receiver}]


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
    trace: Trace = room.trace
    key, peer = newest(trace, one), newest(trace, other)
    if has_left(trace, key) or has_left(trace, peer):
        return False
    theirs = trace.between(key, peer)
    # Whoever has left and come back begins anew.
    left = [place for place, event in enumerate(theirs) if event.type == "leave"]
    states = theirs[left[-1] if left else 0 :].by(key).filter("state")
    seen = [event.data["value"] for event in states if event.data["name"] == "connection_state"]
    return bool(seen) and seen[-1] == "connected"


def judge_connected(room: Any, guest: str, *others: str) -> object:
    """Judge whether somebody who has joined is connected to others, as both ends report it.

    Parameters
    ----------
    room : RoomWidget
        The lesson's room.
    guest : str
        Their name.
    *others : str
        Those of the others.

    Returns
    -------
    object
        As of `Requirement.judge`.
    """
    if not bearers(room.trace, guest):
        return False
    for name in (guest, *others):
        present = judge_presence(room, name)
        if present is not True:
            return present
    return all(is_connected(room, guest, each) and is_connected(room, each, guest) for each in others)


def crossing(room: Any, one: str, other: str) -> list[tuple[Message, Message]]:
    """Return the pairs of offers of two participants that crossed. Of several with one name, the newest counts.

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
    theirs = {newest(trace, one), newest(trace, other)}
    return [pair for pair in crossings(trace.messages()) if {message.sender for message in pair} == theirs]
