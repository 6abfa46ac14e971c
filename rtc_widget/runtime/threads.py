"""The two threads on which this package runs, so that it never blocks the kernel's main loop.

The *RTC thread* has an asyncio loop for sockets and heartbeats and never runs user code. The *observer thread* sets
traits, in order, and so runs the user's callbacks: a slow callback delays other traits, but no heartbeat and no
signaling. Both start with the first user and end with the last.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
import traceback
from collections.abc import Callable, Coroutine
from functools import partial
from typing import Any, TypeVar

T = TypeVar("T")

_STOP_SECONDS = 5.0


class Threads:
    """The RTC thread and the observer thread of one process."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._jobs: queue.SimpleQueue[Callable[[], Any] | None] = queue.SimpleQueue()
        self._rtc = threading.Thread(target=self._run_loop, name="rtc_widget-rtc", daemon=True)
        self._observer = threading.Thread(target=self._run_jobs, name="rtc_widget-observer", daemon=True)
        self._rtc.start()
        self._observer.start()

    def spawn(self, coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
        """Run a coroutine on the RTC thread. Callable from any thread.

        Parameters
        ----------
        coroutine : Coroutine[Any, Any, T]
            The coroutine.

        Returns
        -------
        concurrent.futures.Future[T]
            Its result.
        """
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def post(self, job: Callable[..., Any], *args: object) -> None:
        """Run a function on the observer thread, after those posted before. Callable from any thread.

        Parameters
        ----------
        job : callable
            A function; what it raises is printed.
        *args : object
            Its arguments.
        """
        self._jobs.put(partial(job, *args))

    def on_observer_thread(self) -> bool:
        """Return whether the caller runs on the observer thread, as user callbacks do, where waiting would deadlock.

        Returns
        -------
        bool
            Whether it does.
        """
        return threading.current_thread() is self._observer

    def stop(self) -> None:
        """End both threads once everything posted has run; a callback that hangs is abandoned, as they are daemons."""
        # In this order: what is posted may still spawn.
        for thread, end in (
            (self._observer, lambda: self._jobs.put(None)),
            (self._rtc, lambda: self.loop.call_soon_threadsafe(self.loop.stop)),
        ):
            end()
            if thread is not threading.current_thread():
                thread.join(_STOP_SECONDS)

    def _run_loop(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()
        pending = asyncio.all_tasks(self.loop)
        for task in pending:
            task.cancel()
        self.loop.run_until_complete(asyncio.gather(*pending, return_exceptions=True))
        self.loop.run_until_complete(self.loop.shutdown_asyncgens())
        self.loop.run_until_complete(self.loop.shutdown_default_executor())
        self.loop.close()

    def _run_jobs(self) -> None:
        while (job := self._jobs.get()) is not None:
            try:
                job()
            except Exception:
                traceback.print_exc()


_lock = threading.Lock()
_threads: Threads | None = None
_users = 0


def acquire() -> Threads:
    """Return the process's threads, and start them for their first user.

    Returns
    -------
    Threads
        The threads, in use until `release` is called.
    """
    global _threads, _users
    with _lock:
        if _threads is None:
            _threads = Threads()
        _users += 1
        return _threads


def release() -> None:
    """End one use of what `acquire` returned; the last one stops the threads."""
    global _threads, _users
    with _lock:
        _users -= 1
        if _users > 0 or _threads is None:
            return
        threads, _threads = _threads, None
    threads.stop()
