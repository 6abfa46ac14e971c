"""What each process of a call holds: memory, descriptors, threads, tasks, comms, shared memory, child processes."""

from __future__ import annotations

import contextlib
import json
import os
import signal
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import psutil

from tests.support import chromium
from tests.support.soak.counting.sitecustomize import FOLDER
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from playwright.async_api import CDPSession

    from tests.support.lab import Lab
    from tests.support.notebook import Notebook

COUNTING = Path(__file__).parent / "counting"
MIB = 1 << 20
SHARED = "/dev/shm/rtc_widget-"

# What Chromium keeps of these until it has collected them is asked for after a collection.
_ALIVE = ("RTCPeerConnection", "MediaStreamTrack", "HTMLVideoElement", "WebSocket", "AudioContext")


@dataclass
class Holding:
    """What one process, or a browser's processes together, hold at one time.

    Attributes
    ----------
    memory
        MiB that belong to it alone.
    counts
        How many of each thing it holds.
    """

    memory: float
    counts: dict[str, int] = field(default_factory=dict)


def counting(folder: Path) -> dict[str, str]:
    """Return the environment in which Python processes answer `ask`."""
    return {FOLDER: str(folder), "PYTHONPATH": str(COUNTING)}


async def ask(process: psutil.Process, folder: Path) -> dict[str, int]:
    """Ask a Python process for what only it can know."""
    file = folder / f"{process.pid}.json"
    file.unlink(missing_ok=True)
    os.kill(process.pid, signal.SIGUSR1)
    await wait_for(file.exists, 60, f"what {process.pid} holds")
    counts: dict[str, int] = json.loads(file.read_text())
    return counts


def seen_from_outside(process: psutil.Process) -> Holding:
    """Look at a process without asking it."""
    blocks = {each.path for each in process.memory_maps(grouped=False) if each.path.startswith(SHARED)}
    counts = {
        "descriptors": process.num_fds(),
        "threads": process.num_threads(),
        "shared memory": len(blocks),
        "processes": len(process.children(recursive=True)),
    }
    return Holding(process.memory_full_info().uss / MIB, counts)


class Holdings:
    """Looks at relay, kernel, media process and page of one notebook.

    Parameters
    ----------
    notebook
        Whose kernel has a `Peer`, so that there is a media process.
    mark
        Of the notebook's browser, which is its own.
    folder
        As given to `counting`.
    """

    def __init__(self, notebook: Notebook, mark: str, folder: Path) -> None:
        self._notebook, self._mark, self._folder = notebook, mark, folder
        self._lab: Lab = notebook.lab
        self.processes: dict[str, psutil.Process] = {}
        self._page: CDPSession | None = None

    @classmethod
    async def of(cls, notebook: Notebook, mark: str, folder: Path) -> Self:
        """Find the processes."""
        made = cls(notebook, mark, folder)
        kernel = psutil.Process(int(await notebook.execute("import os; print(os.getpid())")))
        [relay] = [each for each in made._lab.processes() if "rtc_widget.relay" in each.cmdline()]
        [media] = [each for each in kernel.children() if "rtc_widget.peer.process" in each.cmdline()]
        made.processes = {"relay": relay, "kernel": kernel, "media process": media}
        tab: Any = notebook.tab
        made._page = await tab.context.new_cdp_session(tab)
        await made._page.send("Performance.enable")
        return made

    async def look(self) -> dict[str, Holding]:
        """Return what each holds now, after what is garbage has been collected."""
        found = {}
        for name, process in self.processes.items():
            counts = await ask(process, self._folder)
            found[name] = seen_from_outside(process)
            found[name].counts |= {key: value for key, value in counts.items() if key != "Python threads"}
        found["page"] = await self._look_at_page()
        found["browser"] = self._look_at_browser()
        of_the_lab = [each for each in self._lab.processes() if each.is_running()]
        found["kernel"].counts["processes of the server"] = len(of_the_lab)
        return found

    async def _look_at_page(self) -> Holding:
        assert self._page is not None
        for _ in range(2):
            await self._page.send("HeapProfiler.collectGarbage")
        metrics = {
            each["name"]: each["value"]
            for each in (await self._page.send("Performance.getMetrics"))["metrics"]
        }
        counts = {"nodes": int(metrics["Nodes"]), "listeners": int(metrics["JSEventListeners"])}
        for kind in _ALIVE:
            counts[kind] = await self._alive(kind)
        counts["comms"] = int(
            await self._notebook._call("return panel.sessionContext.session.kernel._comms.size;")
        )
        return Holding(metrics["JSHeapUsedSize"] / MIB, counts)

    async def _alive(self, kind: str) -> int:
        assert self._page is not None
        prototype = await self._page.send("Runtime.evaluate", {"expression": f"{kind}.prototype"})
        found = await self._page.send(
            "Runtime.queryObjects", {"prototypeObjectId": prototype["result"]["objectId"]}
        )
        length = await self._page.send(
            "Runtime.callFunctionOn",
            {
                "functionDeclaration": "function () { return this.length; }",
                "objectId": found["objects"]["objectId"],
                "returnByValue": True,
            },
        )
        await self._page.send("Runtime.releaseObject", {"objectId": found["objects"]["objectId"]})
        return int(length["result"]["value"])

    def _look_at_browser(self) -> Holding:
        whole = Holding(0.0, {"descriptors": 0, "threads": 0, "processes": 0})
        for process in chromium.processes(self._mark):
            with contextlib.suppress(psutil.NoSuchProcess):
                whole.memory += process.memory_full_info().uss / MIB
                whole.counts["descriptors"] += process.num_fds()
                whole.counts["threads"] += process.num_threads()
                whole.counts["processes"] += 1
        return whole
