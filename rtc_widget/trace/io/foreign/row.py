"""What every format of dumps comes to: rows, and notes of what was not understood."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

# What a warning lists at most: names are the file's own, and there may be any number of them.
_LISTED, _LONGEST = 12, 40


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a dump. `time` is in seconds since the epoch; `pair` is what getStats() said of the pair in use."""

    connection: str
    time: float
    what: str
    value: Any
    pair: dict[str, Any] | None = None


class Notes:
    """What of a dump was not understood, so that nothing is left out in silence."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def add(self, what: str) -> None:
        """Note something.

        Parameters
        ----------
        what : str
            What it is, in the singular.
        """
        known = what in self._counts or len(self._counts) < _LISTED
        self._counts[what if known else "something else"] += 1

    def __bool__(self) -> bool:
        return bool(self._counts)

    def __str__(self) -> str:
        return ", ".join(f"{count}x {what}" for what, count in self._counts.items())


def shortened(name: object) -> str:
    """Return a name of the file's own as a message may quote it.

    Parameters
    ----------
    name : object
        The name.

    Returns
    -------
    str
        At most 40 characters of it, in quotes.
    """
    return repr(str(name)[:_LONGEST])
