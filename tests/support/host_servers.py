"""Servers that show notebooks and are not JupyterLab, each a process with folders and a port of its own."""

from __future__ import annotations

import asyncio
import os
import subprocess
import uuid
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import aiohttp

from tests.support.processes import end_processes, leash, marked_processes, unleash
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence
    from pathlib import Path

MARK = "RTC_WIDGET_TEST_HOST"


class Running:
    """A server's process, and what it has said."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        self._process, self.log = process, log

    @property
    def is_alive(self) -> bool:
        """Whether it has not ended."""
        return self._process.poll() is None


def own_folders(home: Path) -> dict[str, str]:
    """Return an environment in which Jupyter's and IPython's files, and the user's relay, are below a folder."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("JUPYTER")},
        "HOME": str(home),
        "JUPYTER_RUNTIME_DIR": str(home / "runtime"),
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "IPYTHONDIR": str(home / "ipython"),
    }


@asynccontextmanager
async def running(home: Path, command: Sequence[str]) -> AsyncIterator[Running]:
    """Run a server until the end of the block; then everything that it started ends as well."""
    mark = uuid.uuid4().hex
    (home / "runtime").mkdir(mode=0o700, exist_ok=True)
    path = home / f"{mark[:8]}.log"
    with path.open("wb") as log:
        process = subprocess.Popen(
            list(command),
            cwd=home,
            env={**own_folders(home), MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    leashed = leash(process.pid)
    try:
        yield Running(process, path)
    except BaseException:
        print(f"--- {' '.join(command)}:\n{path.read_text(errors='replace')[-6000:]}")
        raise
    finally:
        unleash(leashed)
        process.terminate()
        await asyncio.to_thread(end_processes, marked_processes(MARK, mark))
        await asyncio.to_thread(process.wait)


@asynccontextmanager
async def serving(home: Path, command: Sequence[str], url: str) -> AsyncIterator[None]:
    """Run a server, from its first answer at an address until the end of the block."""
    async with running(home, command) as server:

        async def answers() -> bool:
            assert server.is_alive, "the server has ended"
            async with aiohttp.ClientSession() as session, session.get(url) as response:
                return response.ok

        await wait_for(answers, 90, url)
        yield
