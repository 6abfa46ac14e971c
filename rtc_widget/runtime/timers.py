"""Timers by key: setting one again replaces it, and all of them end together."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable
from typing import Any

from .tasks import TaskSet


class KeyedTimers:
    """What is to happen later, at most one thing for each key. Used on one event loop."""

    def __init__(self) -> None:
        self._timers: dict[Hashable, asyncio.TimerHandle] = {}
        self._tasks = TaskSet()

    def __len__(self) -> int:
        return len(self._timers)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._timers

    def set(self, key: Hashable, after: float, act: Callable[[], Coroutine[Any, Any, Any]]) -> None:
        """Run a coroutine later, in place of what the key stood for.

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
        """Forget what a key stands for, if it is still to come."""
        timer = self._timers.pop(key, None)
        if timer is not None:
            timer.cancel()

    async def close(self) -> None:
        """Forget everything that is to come, and end what has begun."""
        for timer in self._timers.values():
            timer.cancel()
        self._timers.clear()
        await self._tasks.close()
