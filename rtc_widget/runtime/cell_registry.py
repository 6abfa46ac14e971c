"""Running a cell again replaces what it made before, instead of adding to it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .jupyter import executing_cell


@dataclass
class _Made:
    """What one execution of a cell made: `kept` is owned by something other than the cell."""

    execution: str
    things: weakref.WeakSet[Any] = field(default_factory=weakref.WeakSet)
    kept: weakref.WeakKeyDictionary[Any, weakref.WeakMethod[Callable[[], None]]] = field(
        default_factory=weakref.WeakKeyDictionary
    )


_by_cell: dict[str, _Made] = {}
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
    earlier = _Made(execution)
    with _lock:
        before = _by_cell.get(cell)
        if before is None or before.execution != execution:
            earlier = before or earlier
            _by_cell[cell] = _Made(execution)
        _by_cell[cell].things.add(made)
    for other in list(earlier.things):
        other.close()
    for reference in list(earlier.kept.values()):
        succeed = reference()
        if succeed is not None:
            succeed()


def keep(made: Any, succeed: Callable[[], None] | None = None) -> None:
    """Exclude something from being closed by `replace_earlier`, because it is owned by something other than its cell.

    Parameters
    ----------
    made : object
        What was registered.
    succeed : callable, optional
        A method, called when the cell has made something else. It is referenced weakly.
    """
    with _lock:
        for each in _by_cell.values():
            if made in each.things:
                each.things.discard(made)
                if succeed is not None:
                    each.kept[made] = weakref.WeakMethod(succeed)
