"""Every lesson shows what it promises, time after time, on a machine that is busy with something else."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.support.lessons import DEMO, NOTEBOOKS, VIEWPORT, faults_of, run_lesson

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.support.browser_fixtures import OwnWindow
    from tests.support.lab import Lab

LESSON_RUNS = int(os.environ.get("LESSON_RUNS", "20"))
HOGS = int(os.environ.get("HOGS", "4"))


@pytest.fixture(scope="module")
def hogs() -> Iterator[None]:
    """Processes that take all the time that they get."""
    processes = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(HOGS)]
    yield
    for process in processes:
        process.kill()
        process.wait()


@pytest.mark.usefixtures("hogs")
@pytest.mark.parametrize("name", [*NOTEBOOKS, DEMO])
async def test_a_lesson_shows_what_it_promises_each_time(
    lab: Lab, own_window: OwnWindow, name: str, table: list[str]
) -> None:
    wrong = []
    for number in range(1, LESSON_RUNS + 1):
        window = await own_window(devices=False, viewport=VIEWPORT)
        began = time.monotonic()
        faults = await faults_of(await run_lesson(lab, window, name))
        print(
            f"{name}, run {number} of {LESSON_RUNS}: {time.monotonic() - began:.0f} s, {faults or 'as promised'}"
        )
        wrong += [f"run {number}: {fault}" for fault in faults]
        await window.close()
        await lab.shutdown_kernels()
    table.append(f"| {name} | {LESSON_RUNS} runs, {HOGS} busy processes | {len(wrong)} wrong outputs |")
    assert wrong == []
