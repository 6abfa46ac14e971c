"""How things were when a part of a trace begins: what its diagram starts from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Final, Generic, TypeVar

from .events import Event, word

T = TypeVar("T")

_DESCRIBED: Final = ("setLocalDescription", "setRemoteDescription")


class Standing(Generic[T]):
    """What still holds of a past: the last state of each state machine, and the last description of each end.

    Iterating yields at most one item for each machine and each call of each end of a connection, the oldest first.

    Parameters
    ----------
    event_of : callable
        Returns the event that an item tells of; its time is not needed.
    """

    def __init__(self, event_of: Callable[[T], Event]) -> None:
        self._event_of = event_of
        self._kept: dict[tuple[str, str | None, str, str], T] = {}

    def __iter__(self) -> Iterator[T]:
        """Iterate over what holds.

        Returns
        -------
        iterator of Item
            The items.
        """
        return iter(self._kept.values())

    def apply(self, item: T) -> None:
        """Let something pass.

        Parameters
        ----------
        item : T
            What happened after all that has passed before.
        """
        event = self._event_of(item)
        if event.type == "state" or event.type in _DESCRIBED:
            key = event.participant, event.peer, event.type, word(event.data.get("name"))
            self._kept.pop(key, None)
            self._kept[key] = item
        elif event.type in ("join", "leave"):
            # Whoever comes again begins anew.
            for key in [key for key in self._kept if event.participant in key[:2]]:
                del self._kept[key]


def standing(events: Iterable[Event]) -> tuple[Event, ...]:
    """Return what still holds of a past.

    Parameters
    ----------
    events : iterable of Event
        In their order.

    Returns
    -------
    tuple of Event
        As `Standing` keeps them.
    """
    past = Standing[Event](lambda event: event)
    for event in events:
        past.apply(event)
    return tuple(past)
