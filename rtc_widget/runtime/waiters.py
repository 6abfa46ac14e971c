"""Waiting for a condition: from a cell or a coroutine, on any thread except the observer thread."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
Predicate = Callable[[T], object]


class Waiters(Generic[T]):
    """Futures that resolve once a predicate of ``subject`` is true.

    Parameters
    ----------
    subject : object
        Passed to the predicates; call `notify` after each of its changes.
    """

    def __init__(self, subject: T) -> None:
        self._subject = subject
        self._waiting: list[tuple[Predicate[T], concurrent.futures.Future[None]]] = []
        self._lock = threading.Lock()

    def add(self, predicate: Predicate[T]) -> concurrent.futures.Future[None]:
        """Begin to wait; end it with `wait` or `wait_async`.

        Parameters
        ----------
        predicate : Predicate[T]
            Takes the subject, and returns something true when the condition holds.

        Returns
        -------
        concurrent.futures.Future[None]
            Resolves when it does.
        """
        future: concurrent.futures.Future[None] = concurrent.futures.Future()
        with self._lock:
            self._waiting.append((predicate, future))
        return future

    def wait(self, future: concurrent.futures.Future[None], timeout: float) -> bool:
        """Block until a future resolves. Raises what the predicate raised.

        Parameters
        ----------
        future : concurrent.futures.Future[None]
            As of `add`.
        timeout : float
            Seconds.

        Returns
        -------
        bool
            Whether it resolved in time.
        """
        try:
            future.result(timeout)
        except concurrent.futures.TimeoutError:
            return False
        finally:
            self._forget(future)
        return True

    async def wait_async(self, future: concurrent.futures.Future[None], timeout: float) -> bool:  # noqa: ASYNC109
        """Wait as `wait` does, on the caller's loop.

        Parameters
        ----------
        future : concurrent.futures.Future[None]
            As of `add`.
        timeout : float
            Seconds.

        Returns
        -------
        bool
            Whether it resolved in time.
        """
        try:
            await asyncio.wait_for(asyncio.wrap_future(future), timeout)
        except TimeoutError:
            return False
        finally:
            self._forget(future)
        return True

    def notify(self, ended: Exception | None = None) -> None:
        """Check all predicates.

        Parameters
        ----------
        ended : Exception, optional
            What to raise in those that are still waiting; None lets them wait on.
        """
        with self._lock:
            waiting = list(self._waiting)
        for predicate, future in waiting:
            try:
                if predicate(self._subject):
                    _settle(future, None)
                elif ended is not None:
                    _settle(future, ended)
            except Exception as error:
                _settle(future, error)

    def _forget(self, future: concurrent.futures.Future[None]) -> None:
        future.cancel()
        with self._lock:
            self._waiting[:] = [waiter for waiter in self._waiting if waiter[1] is not future]


def _settle(future: concurrent.futures.Future[None], error: Exception | None) -> None:
    try:
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)
    except concurrent.futures.InvalidStateError:
        pass  # it was settled before, or its waiter gave up in this moment
