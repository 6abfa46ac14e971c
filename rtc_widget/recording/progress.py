"""Shows the progress of long work under the cell that waits for it, which can be interrupted."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, wait
from typing import Final, Self, TypeVar

from ..runtime.jupyter import executing_session, show

_T = TypeVar("_T")
# Shorter work shows nothing.
_QUIET_SECONDS: Final = 2.0
_UPDATE_SECONDS: Final = 1.0
# How soon an interrupt is noticed where waiting itself cannot be interrupted.
_POLL_SECONDS: Final = 0.2


class _StoppedError(Exception):
    """The waiting thread has given up."""


class ProgressDisplay:
    """Waits for work in other threads, and shows in a notebook how far it is.

    Only the waiting thread displays anything, because a kernel attributes output to a cell by its thread.

    Parameters
    ----------
    doing : str
        What takes so long, such as "Making tea".
    """

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._detail = ""
        self._total = 0.0
        self._done = 0.0
        self._lock = threading.Lock()
        self._stopped = False
        self._id = f"rtcw-{secrets.token_hex(8)}"
        self._began = time.monotonic()
        self._last_shown: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._last_shown is not None:
            ended = "was interrupted" if kind is KeyboardInterrupt else "failed"
            verb = "took" if kind is None else f"{ended} after"
            self._show(f"{self._doing} {verb} {time.monotonic() - self._began:.0f} s.")

    def results(
        self, pool: Executor, tasks: Iterable[Callable[[], _T]], amount: float, detail: str = ""
    ) -> list[_T]:
        """Run tasks and return their results.

        When waiting ends early, by an interrupt or a task that fails, the other tasks end at their next `advance`.

        Parameters
        ----------
        pool : Executor
            Runs the tasks.
        tasks : iterable of callable
            Functions without arguments.
        amount : float
            The total of what the tasks pass to `advance`.
        detail : str
            Shown before the percentage.

        Returns
        -------
        list of _T
            What the tasks returned, in their order.

        Raises
        ------
        BaseException
            Whatever a task or an interrupt raised.
        """
        self._detail, self._total, self._done = detail, amount, 0.0
        futures: list[Future[_T]] = []
        waiting = True
        try:
            futures.extend(pool.submit(task) for task in tasks)
            while waiting:
                done, waiting_for = wait(futures, _POLL_SECONDS, FIRST_EXCEPTION)
                for future in done:
                    future.result()
                waiting = bool(waiting_for)
                self._show_share()
        except BaseException:
            self._stopped = True
            for future in futures:
                future.cancel()
            raise
        return [future.result() for future in futures]

    def advance(self, amount: float) -> None:
        """Count finished work. Called by the tasks, on any thread; it raises when nobody waits for them any more.

        Parameters
        ----------
        amount : float
            The work that was done since the last call, in the unit of `results`.

        Raises
        ------
        _StoppedError
            When waiting has ended, so that the task ends too.
        """
        if self._stopped:
            raise _StoppedError
        with self._lock:
            self._done += amount

    def _show_share(self) -> None:
        now = time.monotonic()
        if now - self._began < _QUIET_SECONDS or (
            self._last_shown is not None and now - self._last_shown < _UPDATE_SECONDS
        ):
            return
        if executing_session() is None:
            return
        part = min(1.0, self._done / self._total) if self._total else 0.0
        self._show(f"{self._doing}: {self._detail}{part * 100:.0f} %")
        self._last_shown = now

    def _show(self, text: str) -> None:
        show({"text/plain": text}, self._id, again=self._last_shown is not None)
