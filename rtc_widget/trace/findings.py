"""Lists of findings that display as text in a terminal and as a table in a notebook."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable
from typing import ClassVar, Generic, TypeVar

from ..runtime.table import table
from .citations import cited

Finding = TypeVar("Finding")


class Findings(tuple[Finding, ...], Generic[Finding]):
    """A tuple of findings: as text one or more lines each, in a notebook a table with a row each."""

    __slots__ = ()
    _heads: ClassVar[tuple[str, ...]]

    @abstractmethod
    def _row(self, finding: Finding) -> tuple[str, ...]:
        """Return the cells of a finding."""

    def _displayed(self) -> Iterable[Finding]:
        """Return the findings as they are displayed."""
        return self

    def __str__(self) -> str:
        return "\n".join(map(str, self._displayed()))

    def __repr__(self) -> str:
        return str(self)

    def _repr_html_(self) -> str:
        return table(self._heads, map(self._row, self._displayed()), cited)
