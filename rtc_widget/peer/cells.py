"""A cell that is run again replaces the peers that it made the last time, instead of adding to them."""

from __future__ import annotations

import threading
import weakref
from typing import Any

_made: dict[str, tuple[str, weakref.WeakSet[Any]]] = {}
_lock = threading.Lock()


def _running_cell() -> tuple[str, str] | None:
    """Return the ids of the cell and of its present execution, where the host says them."""
    try:
        from IPython.core.getipython import get_ipython

        shell: Any = get_ipython()
        parent = shell.kernel.get_parent("shell")
        return str(parent["metadata"]["cellId"]), str(parent["header"]["msg_id"])
    except (AttributeError, KeyError, ImportError, TypeError):
        return None


def replace_earlier(peer: Any) -> None:
    """Close what the present cell's earlier execution made, and remember ``peer`` for the next one."""
    running = _running_cell()
    if running is None:
        return
    cell, execution = running
    earlier: list[Any] = []
    with _lock:
        before = _made.get(cell)
        if before is None or before[0] != execution:
            earlier = list(before[1]) if before is not None else []
            _made[cell] = (execution, weakref.WeakSet())
        _made[cell][1].add(peer)
    for other in earlier:
        other.close()
