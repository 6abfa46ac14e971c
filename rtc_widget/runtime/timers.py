"""Timers by key: setting one again replaces it, and all of them can be ended together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any

from .tasks import TaskSet


class KeyedTimers:
    """Delayed calls, at most one per key. Used on one event loop."""

    def __init__(self) -> None:
        self._timers: dict[Hashable, asyncio.TimerHandle] = {}
        self._tasks = TaskSet()

    def __len__(self) -> int:
        return len(self._timers)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._timers

    def set(self, key: Hashable, after: float, act: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Run a coroutine later; it replaces a pending one with the same key.

        Parameters
        ----------
        key : hashable
            Names it, such as ``("away", participant_id)``.
        after : float
            Seconds.
        act : callable
            Makes the coroutine.
        """
        self.cancel(key)

        def fire() -> None:
            self._timers.pop(key, None)
            self._tasks.spawn(act())

        self._timers[key] = asyncio.get_running_loop().call_later(after, fire)

    def cancel(self, key: Hashable) -> None:
        """Cancel a pending call.

        Parameters
        ----------
        key : Hashable
            Its key; an unknown one is ignored.
        """
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    async def close(self) -> None:
        """Cancel all pending calls, and end those that are running."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        await self._tasks.close()
