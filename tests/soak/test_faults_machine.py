"""The whole machine sleeps, is busy, or has its clock set."""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest
import pytest_asyncio

from tests.support.faults.clock import Clock, library
from tests.support.faults.stage import set_up
from tests.support.lab import Lab
from tests.support.notebook_calls import holds
from tests.support.waiting import wait_for

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from tests.support.browser_fixtures import OwnWindow
    from tests.support.faults.stage import Ends, Stage

# More than a minute, because that is how long a page waits for a kernel.
ASLEEP_SECONDS = float(os.environ.get("ASLEEP_SECONDS", "65"))
BUSY_SECONDS = float(os.environ.get("BUSY_SECONDS", "60"))
HOUR = 3600


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


async def test_all_cores_busy(stage: Stage, ends: Ends, own_window: OwnWindow) -> None:
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


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    if library() is None:
        pytest.skip("setting a clock for some processes needs libfaketime: apt install libfaketime")
    return Clock(tmp_path)


@pytest_asyncio.fixture(loop_scope="session")
async def timed_stage(clock: Clock, own_window: OwnWindow) -> AsyncIterator[Stage]:
    """A call whose server, kernels, relay and media process have the test's clock."""
    lab = await Lab.start(environment=clock.environment())
    yield await set_up(lab, own_window)
    await lab.stop()


@pytest.mark.parametrize(("seconds", "way"), [(HOUR, "forward"), (-HOUR, "back")])
async def test_clock_set(
    timed_stage: Stage, clock: Clock, ends: Ends, own_window: OwnWindow, seconds: int, way: str
) -> None:
    stage = timed_stage
    before = float(await stage.ada.execute("import time; print(time.time())"))
    recording = "recording = eve.record('lesson', replace=True)"
    await stage.ada.execute(recording)
    began = time.monotonic()
    await holds(stage.ada, "recording.size > 30_000 and recording.seconds > 5", 60)
    clock.set_by(seconds)
    set_clock = f"() => {{ const now = Date.now; Date.now = () => now() + {seconds * 1000}; }}"
    for notebook in (stage.ada, stage.bob):
        await notebook.tab.evaluate(set_clock)
    await wait_for(lambda: is_set(stage, before, seconds), 30, "the clock to be set")

    fault = f"clock set {way} by an hour"
    await ends(fault, "the call goes on", stage.is_whole(), 20)
    stage.relay().kill()
    await ends(f"{fault}, and a new relay", "everybody is back", stage.is_whole(), 30)
    newcomer = stage.newcomer(await own_window())
    await ends(f"{fault}, and a newcomer", "who is in the room", newcomer, 60)
    await holds(stage.ada, "recording.seconds > 15", 60)
    await stage.ada.execute("recording.stop()")
    lengths = (
        "print(round(recording.seconds), *(round(medium.seconds) for medium in recording._contents().media))"
    )
    whole, *media = map(int, (await stage.ada.execute(lengths)).split())
    took = round(time.monotonic() - began)
    fault = f"{fault} while it is recorded"
    ends.note(fault, f"the recording is {whole} s long, its media {media}; it took {took} s")
    assert abs(whole - took) < 10
    assert media
    assert all(0 < length < took + 10 for length in media)


async def is_set(stage: Stage, before: float, seconds: int) -> bool:
    now = float(await stage.ada.execute("import time; print(time.time())"))
    return abs(now - before - seconds) < HOUR / 2
