"""Who waits to be let into a room, as Python shows them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, overload

from ..errors import InvalidArgumentError, UnknownParticipantError
from ..runtime.table import columns, table
from ..runtime.text import told_apart
from ..runtime.validation import at_place, nearest

_HEADS: Final = ("name", "kind", "since")


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """Somebody who waits to be let in.

    Attributes
    ----------
    id : str
        Theirs, which they keep when they are let in.
    name : str
        What they call themselves.
    kind : str
        "browser", or what the client calls itself.
    since : float
        Since when they wait, seconds since the epoch on the signaling server's clock.
    """

    id: str = field(repr=False)
    name: str
    kind: str = field(repr=False)
    since: float = field(repr=False)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> WaitingPerson:
        """Make one from what the relay tells.

        Parameters
        ----------
        told : mapping
            An entry of ``waiting``.

        Returns
        -------
        WaitingPerson
            The person.
        """
        return cls(told["socketId"], told["name"], told["kind"], told["since"] / 1000)


class WaitingPeople(tuple[WaitingPerson, ...]):
    """Those who wait to be let into a room, who has waited longest first; also by id or name: ``waiting["Bob"]``.

    Of several with one name, the first has it, and the others are "Bob (2)", "Bob (3)", ….
    """

    __slots__ = ()

    @overload  # type: ignore[override]
    def __getitem__(self, key: int | str) -> WaitingPerson: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[WaitingPerson, ...]: ...
    def __getitem__(self, key: int | str | slice) -> WaitingPerson | tuple[WaitingPerson, ...]:
        if isinstance(key, slice):
            return super().__getitem__(key)
        if not isinstance(key, str):
            return at_place(tuple(self), key, "person who waits", "unknown_participant")
        if (found := self._find(key)) is None:
            raise UnknownParticipantError(self._missing(key))
        return found

    def __contains__(self, key: object) -> bool:
        return self._find(key) is not None if isinstance(key, str) else super().__contains__(key)

    @property
    def labels(self) -> dict[str, WaitingPerson]:
        """Those who wait by what tells them apart: a name, with a number where others have had it before."""
        return dict(zip(told_apart([each.name for each in self]), self, strict=True))

    def find(self, key: str | WaitingPerson) -> WaitingPerson:
        """Find somebody, or raise an error for the user.

        Parameters
        ----------
        key : str or WaitingPerson
            An id, a name, or the person, who is found by the id alone.

        Returns
        -------
        WaitingPerson
            The person.

        Raises
        ------
        InvalidArgumentError
            ``unknown_participant``, with the names of all who wait.
        """
        found = self._find(key.id if isinstance(key, WaitingPerson) else key)
        if found is None:
            raise InvalidArgumentError("unknown_participant", self._missing(key))
        return found

    def _find(self, key: object) -> WaitingPerson | None:
        by_id = next((each for each in self if each.id == key), None)
        return by_id or (self.labels.get(key) if isinstance(key, str) else None)

    def _missing(self, key: object) -> str:
        names = ", ".join(map(repr, self.labels)) or "nobody"
        return f"{key!r} does not wait to be let in. Waiting: {names}.{nearest(str(key), list(self.labels))}"

    def _rows(self) -> Iterable[Sequence[str]]:
        for label, each in self.labels.items():
            yield label, each.kind, time.strftime("%H:%M:%S", time.localtime(each.since))

    def __repr__(self) -> str:
        return columns([_HEADS, *self._rows()]) if self else "nobody waits"

    def _repr_html_(self) -> str:
        return table(_HEADS, self._rows()) if self else "<p>nobody waits</p>"
