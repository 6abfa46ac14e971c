"""The signaling messages of a trace, which show themselves as a table: when, from whom, to whom, and what became of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, SupportsIndex, overload

from ..runtime.table import columns, table
from ..runtime.validation import at_place
from .messages import Message

# Half from the beginning and half from the end.
_MAX_ROWS: Final = 40
_HEADS: Final = ("ms", "from", "to", "kind", "way", "then")


class Messages(tuple[Message, ...]):
    """Messages in the order in which they arrived at the relay; a part of them is shown as a table, too."""

    _name_of: Callable[[str], str]
    _began: float

    def __new__(cls, messages: Iterable[Message], name_of: Callable[[str], str], began: float) -> Messages:
        """Make a tuple of messages.

        Parameters
        ----------
        messages : iterable of Message
            The messages.
        name_of : callable
            Returns a participant's name.
        began : float
            What the table's times count from, seconds since the epoch.

        Returns
        -------
        Messages
            The tuple.
        """
        made = super().__new__(cls, messages)
        made._name_of, made._began = name_of, began
        return made

    @overload
    def __getitem__(self, index: SupportsIndex) -> Message: ...
    @overload
    def __getitem__(self, index: slice) -> Messages: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Message | Messages:
        if isinstance(index, slice):
            return Messages(super().__getitem__(index), self._name_of, self._began)
        return at_place(tuple(self), index, "message")

    def __repr__(self) -> str:
        return columns([_HEADS, *self._rows()]) if self else "no messages"

    def _repr_html_(self) -> str:
        return table(_HEADS, self._rows()) if self else "<p>no messages</p>"

    def _rows(self) -> Iterable[Sequence[str]]:
        if len(self) <= _MAX_ROWS:
            return map(self._row, self)
        gap = ("…", f"{len(self) - _MAX_ROWS} more", "", "", "", "")
        half = _MAX_ROWS // 2
        return [*map(self._row, self[:half]), gap, *map(self._row, self[-half:])]

    def _row(self, message: Message) -> tuple[str, ...]:
        return (
            f"{(message.departed - self._began) * 1000:.1f}",
            self._name_of(message.sender),
            self._name_of(message.receiver),
            message.kind,
            message.way,
            ", ".join(dict.fromkeys(event.type for event in message.effects)),
        )
