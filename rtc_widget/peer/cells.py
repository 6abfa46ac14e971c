"""A cell that is run again replaces the peers that it made the last time, instead of adding to them."""

from __future__ import annotations

import threading
import weakref
from typing import Any

from ..jupyter import executing_cell

_made: dict[str, tuple[str, weakref.WeakSet[Any]]] = {}
_lock = threading.Lock()


def replace_earlier(peer: Any) -> None:
    """Close what the present cell's earlier execution made, and remember ``peer`` for the next one."""
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
        _made[cell][1].add(peer)
    for other in earlier:
        other.close()


def keep(peer: Any) -> None:
    """Let a peer outlive its cell: it belongs to something else."""
    with _lock:
        for _execution, peers in _made.values():
            peers.discard(peer)
