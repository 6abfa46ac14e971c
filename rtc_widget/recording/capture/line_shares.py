"""How much of a recording may be lines of what participants say and do: so much of one, and so much of all together."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

_OF_ONE: Final = 8
_OF_ALL: Final = 4


class LineShares:
    """Counts lines by whose they are, so that they end no recording: media alone reach its limit.

    What others do because of somebody, such as answering to offers, counts for them. Hence the limit for all together.

    Parameters
    ----------
    max_bytes : float
        How much the recording may hold.
    add_problem : callable
        Takes a sentence when the lines of somebody are left out from now on.
    """

    def __init__(self, max_bytes: float, add_problem: Callable[[str], None]) -> None:
        self._of_one, self._of_all = max_bytes / _OF_ONE, max_bytes / _OF_ALL
        self._add_problem = add_problem
        self._names: dict[str, str] = {}
        self._sizes: Counter[str] = Counter()
        self._size = 0
        self._excessive: set[str] = set()
        self._full = False

    def introduce(self, participant: str, name: str) -> None:
        """Learn how somebody is called in problems.

        Parameters
        ----------
        participant : str
            The id.
        name : str
            The name, as it may be stored.
        """
        self._names[participant] = name

    def take(self, participant: str | None, size: int) -> bool:
        """Count a line, unless its participant, or all together, have had their share.

        Parameters
        ----------
        participant : str or None
            The id of whose line it is; None for what is of the room or of the recorder itself.
        size : int
            Its bytes.

        Returns
        -------
        bool
            Whether it may be written. Once something of somebody is left out, everything is.
        """
        if self._full or (participant or "") in self._excessive:
            return False
        if self._size + size > self._of_all:
            self._full = True
            self._add_problem(
                "What was noted of all that was said and done took a quarter of the recording's limit: "
                "of the rest there are only media."
            )
            return False
        key = participant or ""
        if self._sizes[key] + size > self._of_one:
            self._excessive.add(key)
            name = self._names.get(key, "a participant") if key else "the room as a whole"
            self._add_problem(
                f"What was noted of {name} took an eighth of the recording's limit: of the rest there are only media."
            )
            return False
        self._sizes[key] += size
        self._size += size
        return True
