"""Processes that a test has started or left behind."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable


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


# asyncio's default executor keeps its workers until its loop closes, which is after the test; pycares, which aiohttp uses
# where it is installed, has one thread for a whole process.
_OTHERS = ("asyncio_", "(_run_safe_shutdown_loop)")


class Baseline:
    """The threads and child processes of a moment, to see later which are new."""

    def __init__(self) -> None:
        self._threads = set(threading.enumerate())
        self._children = set(psutil.Process().children(recursive=True))

    def leaked(self) -> list[str]:
        """Describe what runs now and did not then."""
        threads = [
            f"thread {thread.name}"
            for thread in threading.enumerate()
            if thread not in self._threads and not any(each in thread.name for each in _OTHERS)
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
