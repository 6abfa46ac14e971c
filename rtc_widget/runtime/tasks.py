"""Sets of asyncio tasks: asyncio itself only references tasks weakly."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any


class TaskSet:
    """Tasks of one owner. Used on one event loop."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[Any]] = set()

    def spawn(self, coroutine: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Run a coroutine beside the caller.

        Parameters
        ----------
        coroutine : coroutine
            What to run; a failure is asyncio's to show.

        Returns
        -------
        asyncio.Task
            Held until it is done.
        """
        task = asyncio.get_running_loop().create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def wait(self) -> None:
        """Wait until all tasks have ended, except the caller's."""
        await asyncio.gather(*(self._others()), return_exceptions=True)

    async def close(self) -> None:
        """Cancel all tasks except the caller's, and wait until they have ended."""
        tasks = self._others()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _others(self) -> list[asyncio.Task[Any]]:
        return [task for task in self._tasks if task is not asyncio.current_task()]
