"""Standard output and errors as ipykernel gives them to cells: a context says to which."""

from __future__ import annotations

import contextlib
import io
from contextvars import ContextVar, copy_context
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")


class CellOutputs(io.TextIOBase):
    """What is printed, by cell: below "nowhere" what a thread prints that has no cell's context."""

    def __init__(self) -> None:
        self._cell: ContextVar[str] = ContextVar("cell", default="nowhere")
        self.texts: dict[str, str] = {}

    def write(self, text: str) -> int:
        """Take a text for the cell of the context."""
        cell = self._cell.get()
        self.texts[cell] = self.texts.get(cell, "") + text
        return len(text)

    def run(self, cell: str, function: Callable[[], T]) -> T:
        """Run a function as a cell."""

        def run() -> T:
            self._cell.set(cell)
            return function()

        return copy_context().run(run)


@contextlib.contextmanager
def cell_outputs() -> Iterator[CellOutputs]:
    """Take what is printed meanwhile, as a kernel does."""
    cells = CellOutputs()
    with contextlib.redirect_stdout(cells), contextlib.redirect_stderr(cells):
        yield cells
