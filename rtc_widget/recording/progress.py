"""Something long that a cell waits for: how far it is, said under the cell, and that it can be interrupted."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_EXCEPTION, Executor, Future, wait
from typing import Final, Self, TypeVar

from ..runtime.jupyter import executing_session, show

_T = TypeVar("_T")
# What is over sooner needs no words.
_QUIET: Final = 2.0
_EVERY: Final = 1.0
# So soon an interrupt is noticed also where waiting cannot be interrupted.
_LOOK: Final = 0.2


class _StoppedError(Exception):
    """Nobody waits any more."""


class Patience:
    """Waits for what threads do; in a notebook it says meanwhile how far they are.

    Only the thread that waits shows something: a kernel finds the cell by the thread.

    Parameters
    ----------
    doing : str
        What takes so long, such as "Making tea".
    """

    def __init__(self, doing: str) -> None:
        self._doing = doing
        self._how = ""
        self._all = 0.0
        self._done = 0.0
        self._lock = threading.Lock()
        self._stopped = False
        self._id = f"rtcw-{secrets.token_hex(8)}"
        self._began = time.monotonic()
        self._said: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if self._said is not None:
            ended = "was interrupted" if kind is KeyboardInterrupt else "failed"
            how = "took" if kind is None else f"{ended} after"
            self._show(f"{self._doing} {how} {time.monotonic() - self._began:.0f} s.")

    def results(
        self, pool: Executor, tasks: Iterable[Callable[[], _T]], amount: float, how: str = ""
    ) -> list[_T]:
        """Return what tasks return; when waiting for them ends early, theirs ends at their next `went_on`.

        Parameters
        ----------
        pool : Executor
            Whose threads do it.
        tasks : iterable of callable
            What is to be done.
        amount : float
            Of all of it, as `went_on` counts.
        how : str
            What to say before the percentage.
        """
        self._how, self._all, self._done = how, amount, 0.0
        futures: list[Future[_T]] = []
        waiting = True
        try:
            futures.extend(pool.submit(task) for task in tasks)
            while waiting:
                done, waiting_for = wait(futures, _LOOK, FIRST_EXCEPTION)
                for future in done:
                    future.result()
                waiting = bool(waiting_for)
                self._say()
        except BaseException:
            self._stopped = True
            for future in futures:
                future.cancel()
            raise
        return [future.result() for future in futures]

    def went_on(self, amount: float) -> None:
        """Count what a thread has done, and end what it does when nobody waits for it any more."""
        if self._stopped:
            raise _StoppedError
        with self._lock:
            self._done += amount

    def _say(self) -> None:
        now = time.monotonic()
        if now - self._began < _QUIET or (self._said is not None and now - self._said < _EVERY):
            return
        if executing_session() is None:
            return
        part = min(1.0, self._done / self._all) if self._all else 0.0
        self._show(f"{self._doing}: {self._how}{part * 100:.0f} %")
        self._said = now

    def _show(self, text: str) -> None:
        show({"text/plain": text}, self._id, again=self._said is not None)
