"""What recording costs: a call of two browser participants at 720p and 30 frames a second, recorded and not, in turn.

Two notebooks in two windows, each with a kernel of its own; the first one's kernel records both. The machine has to have
the time for such a call in the first place: where it is not at 30 frames a second when nothing is recorded, the figures
say how two programs share what there is.

    python benchmarks/recording.py [ROUNDS] [SECONDS]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.async_api import async_playwright

from tests.support.chromium import Window, launch
from tests.support.lab import Lab
from tests.support.notebook import Notebook
from tests.support.notebook_calls import cell, holds

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

CAMERA = "resolution=(1280, 720)"
FPS = "--use-fake-device-for-media-stream=fps=30"


@asynccontextmanager
async def call() -> AsyncIterator[tuple[Notebook, Notebook, int]]:
    """Hold a call of Ada and Bob, and yield both notebooks with the id of Ada's kernel."""
    lab = await Lab.start()
    async with async_playwright() as playwright:
        browser, _ = await launch(playwright.chromium, devices=False, args=[FPS])
        notebooks = []
        for name in ("Ada", "Bob"):
            window = Window(await browser.new_context(permissions=["camera", "microphone"]))
            notebook = await lab.open(window, lab.notebook([cell(name, "cost", CAMERA)]))
            await notebook.run_all()
            notebooks.append(notebook)
        ada, bob = notebooks
        await holds(ada, "ada.participants['Bob'].connection_state == 'connected'")
        await asyncio.sleep(8)
        yield ada, bob, int(await ada.execute("import os; print(os.getpid())"))
        await browser.close()
    await lab.stop()


async def watch(ada: Notebook, kernel: psutil.Process, seconds: float) -> tuple[float, float]:
    """Return the frames a second that come from Bob, and the share of a core that Ada's kernel uses."""
    began, before = time.monotonic(), sum(kernel.cpu_times()[:2])
    counted = await ada.tab.evaluate(
        """async (seconds) => {
          const videos = [...document.querySelectorAll('.rtcw-tile:nth-of-type(2) video')];
          const count = () => videos.map((video) => video.getVideoPlaybackQuality().totalVideoFrames);
          const before = count(), began = performance.now();
          await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
          return (count()[0] - before[0]) / (performance.now() - began) * 1000;
        }""",
        seconds,
    )
    return counted, (sum(kernel.cpu_times()[:2]) - before) / (time.monotonic() - began)


async def cost(rounds: int, seconds: float) -> None:
    frames: dict[bool, list[float]] = {False: [], True: []}
    shares: dict[bool, list[float]] = {False: [], True: []}
    async with call() as (ada, _bob, pid):
        kernel = psutil.Process(pid)
        for number in range(2 * rounds):
            # off on on off, so that what drifts weighs on both.
            on = number % 4 in (1, 2)
            if on:
                await ada.execute(f"recording = ada.record('cost-{number}')")
            await asyncio.sleep(2)
            fps, share = await watch(ada, kernel, seconds)
            frames[on].append(fps)
            shares[on].append(share)
            if on:
                size = await ada.execute("recording.stop(); print(recording.size, recording.seconds)")
                size, length = map(float, size.split())
                print(f"recorded {length:.0f} s, {size * 8 / length / 1e6:.2f} Mbit/s, both together")
    off, on = (statistics.mean(frames[key]) for key in (False, True))
    print(f"frames a second: {off:.2f} not recording, {on:.2f} recording: {100 * (on / off - 1):+.1f} %")
    off, on = (statistics.mean(shares[key]) for key in (False, True))
    print(
        f"kernel: {off:.4f} of a core not recording, {on:.4f} recording: {100 * (on - off) / 2:+.2f} % a participant"
    )


if __name__ == "__main__":
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    asyncio.run(cost(rounds, float(sys.argv[2]) if len(sys.argv) > 2 else 20.0))
