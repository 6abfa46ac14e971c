"""Who announced media that a recording should have: of whom nothing arrived, that is said."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Final

from ...trace.io.values import moment
from ..contents import Person

# What somebody records is sent in pieces of half a second: of who was on for less, nothing may have arrived yet.
_LEAST_SECONDS: Final = 3.0
_KINDS: Final = ("audio", "video")


class AnnouncedMedia:
    """How long the camera or microphone of each was on who records themselves, by the relay's events."""

    def __init__(self) -> None:
        self._records: set[str] = set()
        self._seconds: dict[str, float] = {}
        # Since when it is on, of those of whom it is.
        self._on: dict[str, float] = {}

    def apply(self, event: str, payload: dict[str, Any]) -> None:
        """Take note of an event.

        Parameters
        ----------
        event : str
            The event's name on the wire; "snapshot" for who is there.
        payload : dict
            Its payload.
        """
        at = payload.get("time" if event == "snapshot" else "at")
        # Old relays do not tell the time.
        if at is None:
            return
        now = moment(at) / 1000
        if event == "snapshot":
            here = {str(entry["socketId"]): entry for entry in payload["participants"]}
            for key in [key for key in self._on if key not in here]:
                self._set(key, now, {})
            for key, entry in here.items():
                self._meet(key, now, entry)
        elif event == "user_joined":
            self._meet(str(payload["socketId"]), now, payload)
        elif event == "media_state":
            self._set(str(payload["from"]), now, payload)
        elif event == "user_left":
            self._set(str(payload["socketId"]), now, {})

    def _meet(self, key: str, now: float, entry: dict[str, Any]) -> None:
        # Folders of earlier versions do not say who records themselves.
        if entry.get("caps", {}).get("records") is True:
            self._records.add(key)
            self._set(key, now, entry.get("media", {}))

    def _set(self, key: str, now: float, media: dict[str, Any]) -> None:
        since = self._on.pop(key, now)
        self._seconds[key] = self._seconds.get(key, 0.0) + max(0.0, now - since)
        if any(media.get(kind) is True for kind in _KINDS):
            self._on[key] = now

    def problems(self, end: float, people: Collection[Person], arrived: Collection[str]) -> Iterator[str]:
        """Yield a sentence for each of whom nothing arrived, though they had something on.

        Parameters
        ----------
        end : float
            When the recording ended, seconds since the epoch.
        people : collection of Person
            The participants, with the names to use.
        arrived : collection of str
            Ids of those of whom there is something.

        Yields
        ------
        str
            A sentence.
        """
        for person in people:
            if person.id not in self._records or person.declined or person.id in arrived:
                continue
            still = max(0.0, end - self._on[person.id]) if person.id in self._on else 0.0
            seconds = self._seconds.get(person.id, 0.0) + still
            if seconds >= _LEAST_SECONDS:
                yield (
                    f"Neither video nor audio of {person.name} arrived, "
                    f"though their camera or microphone was on for {seconds:.0f} s."
                )
