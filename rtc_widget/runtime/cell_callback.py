"""A user's function that prints below the cell in which it was handed over, on whatever thread it is called."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from contextvars import Context, copy_context
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class CellCallback:
    """A function with the context of the cell that runs now, in which ipykernel keeps where output belongs.

    A thread without one prints for whatever message the kernel took last. That is often no cell's but a page's, such as the
    one that brings what a callback is called for, and then it is shown nowhere.

    Attributes
    ----------
    function : callable
        The user's; two of the same function are equal.
    """

    function: Callable[..., Any]
    _context: Context = field(default_factory=copy_context, compare=False, repr=False)

    def __call__(self, *args: Any) -> Any:
        """Call the function.

        Parameters
        ----------
        *args : object
            Its arguments.

        Returns
        -------
        object
            What it returns.
        """
        # A copy: a context cannot be entered again, as by a callback that leads to its own call.
        return self._context.copy().run(self.function, *args)

    def print_exc(self) -> None:
        """Print what the function has raised; to be called while that is handled."""
        self._context.copy().run(traceback.print_exc)
