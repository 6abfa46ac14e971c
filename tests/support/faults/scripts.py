"""Python programs that run as somebody else, or see other disks than everybody else."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
import textwrap
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.support.processes import end_processes, marked_processes

ROOT = Path(__file__).parents[3]
MARK = "RTC_WIDGET_TEST_SCRIPT"
# Any that nobody has.
STRANGERS = (61_001, 61_002)

needs_root = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root may be other users and mount disks"
)


def as_user(uid: int) -> list[str]:
    """Return the beginning of a command that runs as another user, who may run this interpreter wherever it is."""
    command = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--clear-groups"]
    interpreter = Path(sys.base_prefix).resolve()
    closed = [each for each in reversed(interpreter.parents) if not each.stat().st_mode & stat.S_IXOTH]
    if not closed:
        return command
    inside = f"/mnt/{interpreter.relative_to(closed[0])}"
    show = (
        f"mount -t tmpfs -o mode=755 tmpfs /mnt && mkdir -p {inside} && mount --bind {interpreter} {inside}"
        f' && mount --rbind /mnt {closed[0]} && exec "$@"'
    )
    return ["unshare", "--mount", "sh", "-c", show, "sh", *command]


def with_disk(folder: Path, size: str) -> list[str]:
    """Return the beginning of a command that sees a small disk at a folder, which nobody else does."""
    mount = f'mount -t tmpfs -o size={size} tmpfs "{folder}" && exec "$@"'
    return ["unshare", "--mount", "sh", "-c", mount, "sh"]


class Script:
    """A program that runs, and the JSON that it prints, line by line."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def says(self, timeout: float = 60) -> Any:
        """Return the next line."""
        assert self._process.stdout is not None
        line = await asyncio.wait_for(self._process.stdout.readline(), timeout)
        assert line, f"the program has ended: {(await self._errors())[-2000:]}"
        return json.loads(line)

    async def _errors(self) -> str:
        assert self._process.stderr is not None
        return (await self._process.stderr.read()).decode()

    def go_on(self) -> None:
        """Let it go on from where it reads a line."""
        assert self._process.stdin is not None
        self._process.stdin.write(b"\n")


BEGIN = """
import json, os, sys, time
from pathlib import Path
def say(*values):
    print(json.dumps(values), flush=True)
def pause():
    sys.stdin.readline()
"""


@asynccontextmanager
async def running(
    program: str, folder: Path, begin: Sequence[str] = (), **environment: str
) -> AsyncIterator[Script]:
    """Run a program with a home folder of its own; end it, and whatever it started, afterwards."""
    mark = folder.name
    process = await asyncio.create_subprocess_exec(
        *[*begin, sys.executable, "-c", BEGIN + textwrap.dedent(program)],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=ROOT,
        env={
            **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "XDG"))},
            "HOME": str(folder),
            "PYTHONDONTWRITEBYTECODE": "1",
            MARK: mark,
            **environment,
        },
    )
    try:
        yield Script(process)
    finally:
        if process.returncode is None:
            process.kill()
        await process.communicate()
        await asyncio.to_thread(end_processes, marked_processes(MARK, mark))


def relay_of(folder: Path) -> psutil.Process:
    """Return the relay that a program has started."""
    [relay] = [each for each in marked_processes(MARK, folder.name) if "rtc_widget.relay" in each.cmdline()]
    return relay
