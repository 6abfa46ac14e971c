"""Waiting for a call to be in some state: from a cell, from a coroutine, on any thread but the observer's."""

from __future__ import annotations

import asyncio
import concurrent.futures
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
Predicate = Callable[[T], object]


class Waiters(Generic[T]):
    """Futures that come true with a predicate of ``subject``.

    Parameters
    ----------
    subject : object
        What the predicates look at; call `wake` after each of its changes.
    """

    def __init__(self, subject: T) -> None:
        self._subject = subject
        self._waiting: list[tuple[Predicate[T], concurrent.futures.Future[None]]] = []
        self._lock = threading.Lock()

    def add(self, predicate: Predicate[T]) -> concurrent.futures.Future[None]:
        """Begin to wait; end it with `wait` or `wait_async`."""
        future: concurrent.futures.Future[None] = concurrent.futures.Future()
        with self._lock:
            self._waiting.append((predicate, future))
        return future

    def wait(self, future: concurrent.futures.Future[None], timeout: float) -> bool:
        """Block until the future settles; tell whether it did in time. Raises what the predicate raised."""
        try:
            future.result(timeout)
        except concurrent.futures.TimeoutError:
            return False
        finally:
            self._forget(future)
        return True

    async def wait_async(self, future: concurrent.futures.Future[None], timeout: float) -> bool:  # noqa: ASYNC109
        """Wait as `wait` does, on the caller's loop."""
        try:
            await asyncio.wait_for(asyncio.wrap_future(future), timeout)
        except TimeoutError:
            return False
        finally:
            self._forget(future)
        return True

    def wake(self, ended: Exception | None = None) -> None:
        """Look at every predicate; with ``ended``, fail those that are still not true."""
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
