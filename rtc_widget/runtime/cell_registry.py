"""A cell that is run again replaces what it made the last time, instead of adding to it."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from .jupyter import executing_cell

_made: dict[str, tuple[str, weakref.WeakSet[Any]]] = {}
_lock = threading.Lock()


def replace_earlier(made: Any) -> None:
    """Close what the present cell's earlier execution made, and remember ``made`` for the next one."""
    running = executing_cell()
    if running is None:
        return
    cell, execution = running
    earlier: list[Any] = []
    with _lock:
        before = _made.get(cell)
        if before is None or before[0] != execution:
            earlier = list(before[1]) if before is not None else []
            _made[cell] = (execution, weakref.WeakSet())
        _made[cell][1].add(made)
    for other in earlier:
        other.close()


def keep(made: Any) -> None:
    """Let something outlive its cell: it belongs to something else, such as the place where it is shown."""
    with _lock:
        for _execution, things in _made.values():
            things.discard(made)
