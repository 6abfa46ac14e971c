"""The whole machine sleeps, or is busy."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from tests.support.faults.stage import Ends, Stage

# More than a minute, because that is how long a page waits for a kernel.
ASLEEP_SECONDS = float(os.environ.get("ASLEEP_SECONDS", "65"))
BUSY_SECONDS = float(os.environ.get("BUSY_SECONDS", "60"))


async def test_asleep(stage: Stage, ends: Ends) -> None:
    processes = stage.processes()
    for process in processes:
        process.suspend()
    await asyncio.sleep(ASLEEP_SECONDS)  # the fault
    for process in reversed(processes):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.resume()

    fault = f"laptop asleep for {ASLEEP_SECONDS:g} s"
    await ends(fault, "everybody is back, in the same page", stage.is_whole(), 45)


HOG = "while True: pass"


async def test_all_cores_busy(stage: Stage, ends: Ends) -> None:
    hogs = [subprocess.Popen([sys.executable, "-c", HOG]) for _ in range(os.cpu_count() or 1)]
    fault = f"100 % CPU on every core for {BUSY_SECONDS:g} s"
    try:
        until = time.monotonic() + BUSY_SECONDS
        while time.monotonic() < until:
            for notebook in (stage.ada, stage.bob):
                await stage.moves(notebook)
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()
    await ends(fault, "pictures came all the time; everybody sees everybody", stage.is_whole(), 30)
