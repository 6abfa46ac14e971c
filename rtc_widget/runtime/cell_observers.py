"""What is observed prints below the cell that observes it; see `cell_callback`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from traitlets import All, HasTraits, ObserveHandler

from .cell_callback import CellCallback


class CellObservers(HasTraits):
    """Traits whose observers print below the cells that have added them."""

    def observe(self, handler: Callable[..., Any], names: Any = All, type: Any = "change") -> None:  # noqa: A002
        """Call a function when traits change, on the observer thread; what it prints is below the cell that runs now.

        Parameters
        ----------
        handler : callable
            Called as ``handler(change)``; `change.new` is the value.
        names : str or list of str
            The traits; all when left out.
        type : str
            The kind of notification.
        """
        is_decorated = isinstance(handler, ObserveHandler)
        super().observe(handler if is_decorated else CellCallback(handler), names, type)

    def unobserve(self, handler: Callable[..., Any], names: Any = All, type: Any = "change") -> None:  # noqa: A002
        """Call a function no more.

        Parameters
        ----------
        handler : callable
            The function that observes.
        names : str or list of str
            As it was given to `observe`.
        type : str
            As it was given to `observe`.
        """
        super().unobserve(CellCallback(handler), names, type)
