"""Who was in the room while it was recorded, and made-up names for those who declined."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from typing import Any

from ...trace.events import Event
from ...trace.trace import Trace
from ..contents import Person

# The fields that hold prose; all others are ids, states and descriptions, which contain no names.
_IN_WORDS = ("message", "error", "breaks", "faults")


class Masks:
    """Replaces the names of participants who declined with made-up ones.

    Parameters
    ----------
    trace : Trace
        Has everybody's names, including earlier ones.
    declined : collection of str
        Ids of the participants who declined.
    """

    def __init__(self, trace: Trace, declined: Collection[str]) -> None:
        names: dict[str, set[str]] = {}
        for key, name in _names(trace):
            names.setdefault(key, set()).add(name)
        self.declined = frozenset(declined)
        real = {name.casefold() for known in names.values() for name in known}
        free = (name for name in _made_up() if name.casefold() not in real)
        self._plain = dict(_joined(trace))
        # In order of arrival.
        hidden = dict.fromkeys([*(key for key in names if key in self.declined), *declined])
        self._masks = {key: next(free) for key in hidden}
        masked = {name: mask for key, mask in self._masks.items() for name in names.get(key, ())}
        self._masked_names = masked.keys()
        # Longest first: "Ada" is also in "Ada Lovelace".
        longest = sorted(masked, key=len, reverse=True)
        self._by_group = [masked[name] for name in longest]
        words = "|".join(f"({re.escape(name)})" for name in longest)
        self._pattern = re.compile(rf"(?<!\w)(?:{words})(?!\w)", re.IGNORECASE) if words else None

    def name(self, key: str, name: str) -> str:
        """Return the name that a participant has in the recording.

        Parameters
        ----------
        key : str
            The participant's id.
        name : str
            The real name.

        Returns
        -------
        str
            The made-up name of one who declined, else the real one.
        """
        plain = self._plain.get(key, name)
        # "Ada (2)" would say that who declined is called Ada.
        return self._masks.get(key, plain if plain in self._masked_names else name)

    def text(self, text: str) -> str:
        """Replace the names in a text.

        Parameters
        ----------
        text : str
            The text.

        Returns
        -------
        str
            The text without the names of those who declined.
        """
        if self._pattern is None:
            return text
        return self._pattern.sub(lambda found: self._by_group[(found.lastindex or 1) - 1], text)

    def value(self, value: Any) -> Any:
        """Replace the names in a JSON value, keys included.

        Parameters
        ----------
        value : object
            The value.

        Returns
        -------
        object
            A copy without those names.
        """
        if self._pattern is None:
            return value
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.value(each) for each in value]
        if isinstance(value, dict):
            return {self.text(key): self.value(each) for key, each in value.items()}
        return value

    def trace(self, trace: Trace) -> Trace:
        """Replace the names in a trace.

        Parameters
        ----------
        trace : Trace
            The trace.

        Returns
        -------
        Trace
            A trace without those names.
        """
        if self._pattern is None:
            return trace
        names = {key: self.name(key, name) for key, name in trace.names.items()}
        return Trace(map(self._event, trace), names=names, room=trace.room)

    def _event(self, event: Event) -> Event:
        data = dict(event.data)
        if event.type == "join" and "name" in data:
            data["name"] = self.name(event.participant, str(data["name"]))
        for key in _IN_WORDS:
            if key in data:
                data[key] = self.value(data[key])
        return Event(event.time, event.participant, event.type, event.peer, event.message, data, event.error)


def _names(trace: Trace) -> Iterator[tuple[str, str]]:
    yield from _joined(trace)
    yield from trace.names.items()


def _joined(trace: Trace) -> Iterator[tuple[str, str]]:
    for event in trace:
        if event.type == "join" and isinstance(event.data.get("name"), str):
            yield event.participant, event.data["name"]


def _made_up() -> Iterator[str]:
    yield "Somebody"
    number = 1
    while True:
        number += 1
        yield f"Somebody {number}"


def people_of(trace: Trace, began: float, seconds: float, declined: Collection[str]) -> tuple[Person, ...]:
    """Return the participants of a recording.

    Parameters
    ----------
    trace : Trace
        What happened, with the names to use.
    began : float
        When the recording began, seconds since the epoch.
    seconds : float
        Its length.
    declined : collection of str
        Ids of those who declined.

    Returns
    -------
    tuple of Person
        In order of arrival.
    """
    kinds: dict[str, str] = {}
    here: dict[str, list[tuple[float, float | None]]] = {}
    for event in trace:
        time = round(min(max(0.0, event.time - began), seconds), 3)
        spans = here.get(event.participant, [])
        if event.type == "join":
            kinds[event.participant] = str(event.data.get("kind", ""))
            if not spans or spans[-1][1] is not None:
                here.setdefault(event.participant, []).append((time, None))
        elif event.type == "leave" and spans and spans[-1][1] is None:
            spans[-1] = (spans[-1][0], time)
    return tuple(
        Person(key, trace.name_of(key), kinds[key], tuple(spans), declined=key in declined)
        for key, spans in here.items()
    )
