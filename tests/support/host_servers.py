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
    from collections.abc import AsyncIterator, Mapping, Sequence
    from pathlib import Path

MARK = "RTC_WIDGET_TEST_HOST"


class HostServer:
    """A running server.

    Attributes
    ----------
    url : str
        Where it answers.
    log : Path
        What it has said.
    """

    def __init__(self, url: str, log: Path) -> None:
        self.url, self.log = url, log


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
async def serving(
    home: Path,
    command: Sequence[str],
    port: int,
    *,
    path: str = "/",
    environment: Mapping[str, str] | None = None,
) -> AsyncIterator[HostServer]:
    """Run a server, from its first answer below 500 until the end of the block; then everything that it started ends."""
    mark = uuid.uuid4().hex
    (home / "runtime").mkdir(mode=0o700, exist_ok=True)
    server = HostServer(f"http://127.0.0.1:{port}", home / "server.log")
    with server.log.open("wb") as log:
        process = subprocess.Popen(
            list(command),
            cwd=home,
            env={**own_folders(home), **(environment or {}), MARK: mark},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    leashed = leash(process.pid)
    try:
        await wait_for(lambda: answers(process, server, path), 90, f"{command[0]}'s answer")
        yield server
    except BaseException:
        print(f"--- {server.log.name}:\n{server.log.read_text(errors='replace')[-4000:]}")
        raise
    finally:
        unleash(leashed)
        process.terminate()
        await asyncio.to_thread(end_processes, marked_processes(MARK, mark))
        await asyncio.to_thread(process.wait)


async def answers(process: subprocess.Popen[bytes], server: HostServer, path: str) -> bool:
    """Tell whether a server answers."""
    if process.poll() is not None:
        message = "the server has ended"
        raise RuntimeError(message)
    async with aiohttp.ClientSession() as session, session.get(server.url + path) as response:
        return response.status < 500
