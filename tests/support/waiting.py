"""What every kind of test uses: waiting for a condition, and knowing what a test left behind."""

from __future__ import annotations

import asyncio
import contextlib
import inspect
import socket
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

import psutil

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

T = TypeVar("T")

POLL = 0.02

# Within 2 s whoever goes is gone where nothing else is going on: a figure of benchmarks/leave.py. A browser that is told
# nothing takes 15 s to notice, so that this still tells one from the other on a machine that is busy.
GONE_SECONDS = 8.0


async def wait_for(predicate: Callable[[], T | Awaitable[T]], timeout: float = 30, what: str = "") -> T:
    """Call ``predicate`` until it returns something true, and return that.

    An exception of the predicate counts as "not yet": a page that is still loading raises. The error at
    the end names what was waited for and the last value or exception seen.
    """
    what = what or getattr(predicate, "__name__", repr(predicate))
    deadline = time.monotonic() + timeout
    while True:
        try:
            last: Any = predicate()
            if inspect.isawaitable(last):
                last = await last
        except Exception as error:
            last = error
        else:
            if last:
                return last
        if time.monotonic() > deadline:
            message = f"waited {timeout:g} s for {what}; last seen: {last!r}"
            raise TimeoutError(message) from (last if isinstance(last, Exception) else None)
        await asyncio.sleep(POLL)


def wait_until(predicate: Callable[[], T], timeout: float = 30, what: str = "") -> T:
    """`wait_for` for code without a running event loop."""
    return asyncio.run(wait_for(predicate, timeout, what))


def free_port() -> int:
    """Find a port of 127.0.0.1 that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def marked_processes(variable: str, value: str) -> list[psutil.Process]:
    """Find all processes that inherited an environment variable, whoever their parent is by now.

    Children of a killed process are handed to init, and some (a relay, a kernel) are started in a session
    of their own: neither a process tree nor a process group would find them.
    """
    found = []
    for process in psutil.process_iter():
        try:
            if process.environ().get(variable) == value and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def leash(pid: int) -> subprocess.Popen[bytes]:
    """Have a process ended when this one is gone, however it went: a pipe's end closes even on kill -9."""
    program = "import os, signal, sys; sys.stdin.read(); os.kill(int(sys.argv[1]), signal.SIGTERM)"
    return subprocess.Popen(
        [sys.executable, "-c", program, str(pid)],
        stdin=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def unleash(leashed: subprocess.Popen[bytes]) -> None:
    """End what `leash` began, before the process is ended in the usual way."""
    leashed.kill()
    leashed.communicate()


def end_processes(processes: Iterable[psutil.Process], patience: float = 5) -> None:
    """Ask processes to end, and end those which do not."""
    processes = list(processes)
    for process in processes:
        _quietly(process.terminate)
    _, alive = psutil.wait_procs(processes, timeout=patience)
    for process in alive:
        _quietly(process.kill)
    psutil.wait_procs(alive, timeout=patience)


def _quietly(call: Callable[[], object]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        call()


class Baseline:
    """The threads and child processes of a moment, to see later which are new."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._children = set(psutil.Process().children(recursive=True))

    def leaked(self) -> list[str]:
        """Describe what runs now and did not then."""
        # asyncio's default executor keeps its workers until its loop closes, which is after the test.
        threads = [
            f"thread {thread.name}"
            for thread in threading.enumerate()
            if thread not in self._threads and not thread.name.startswith("asyncio_")
        ]
        return threads + [
            description
            for child in psutil.Process().children(recursive=True)
            if child not in self._children and (description := _describe(child))
        ]


def _describe(process: psutil.Process) -> str:
    try:
        if process.status() == psutil.STATUS_ZOMBIE:
            return f"process {process.pid} (ended, but nobody waited for it)"
        return f"process {process.pid}: {' '.join(process.cmdline())[:200]}"
    except psutil.NoSuchProcess:
        return ""
