"""The two threads on which everything of ours runs, so that nothing ever runs on the kernel's main loop.

The *RTC thread* has an asyncio loop for sockets and heartbeats and never runs code of the user's. The *observer
thread* sets traits, in order, and so runs the user's callbacks: one that takes long delays other traits, but no
heartbeat and no signaling. Both start with the first user and end with the last.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import queue
import threading
import traceback
from collections.abc import Callable, Coroutine
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
        """Run a coroutine on the RTC thread; callable from any thread."""
        return asyncio.run_coroutine_threadsafe(coroutine, self.loop)

    def post(self, job: Callable[[], Any]) -> None:
        """Run ``job`` on the observer thread after those posted before; callable from any thread."""
        self._jobs.put(job)

    def on_observer_thread(self) -> bool:
        """Tell whether the caller is a callback of the user's, for whom waiting would wait for itself."""
        return threading.current_thread() is self._observer

    def stop(self) -> None:
        """End both threads, after what was posted; a callback that hangs is left behind (they are daemons)."""
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._jobs.put(None)
        for thread in (self._rtc, self._observer):
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
    """Return the process's threads, started if this is their first user; call `release` when done."""
    global _threads, _users
    with _lock:
        if _threads is None:
            _threads = Threads()
        _users += 1
        return _threads


def release() -> None:
    """Give up what `acquire` returned; the last to do so ends the threads."""
    global _threads, _users
    with _lock:
        _users -= 1
        if _users > 0 or _threads is None:
            return
        threads, _threads = _threads, None
    threads.stop()
