"""Running a cell again replaces what it made before, instead of adding to it."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from .jupyter import executing_cell

_by_cell: dict[str, tuple[str, weakref.WeakSet[Any]]] = {}
_lock = threading.Lock()


def replace_earlier(made: Any) -> None:
    """Close what an earlier execution of the current cell made, and register ``made`` for the next one.

    Parameters
    ----------
    made : object
        Something with a ``close`` method. It is referenced weakly.
    """
    current = executing_cell()
    if current is None:
        return
    cell, execution = current
    earlier: list[Any] = []
    with _lock:
        before = _by_cell.get(cell)
        if before is None or before[0] != execution:
            earlier = list(before[1]) if before is not None else []
            _by_cell[cell] = (execution, weakref.WeakSet())
        _by_cell[cell][1].add(made)
    for other in earlier:
        other.close()


def keep(made: Any) -> None:
    """Exclude something from `replace_earlier`, because it is owned by something other than its cell.

    Parameters
    ----------
    made : object
        What was registered.
    """
    with _lock:
        for _execution, things in _by_cell.values():
            things.discard(made)
