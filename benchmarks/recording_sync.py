"""How well a long recording keeps together: each participant's picture with its sound, participants with each other,
and the memory of kernel and page.

Two browser participants in one JupyterLab send the test picture, whose ball shows the clock, and the test tone, which is
loudest half a second after every even second of the same clock. The recording is then measured at a few places.

    python benchmarks/recording_sync.py [MINUTES]
"""

from __future__ import annotations

import asyncio
import itertools
import math
import statistics
import sys
import zipfile
from pathlib import Path
from typing import IO

import av
import numpy as np
import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.async_api import async_playwright

from rtc_widget import Recording
from tests.support.chromium import Window, launch
from tests.support.lab import Lab
from tests.support.notebook_calls import cell, holds

PERIOD = 4.0
PLACES = 12
MIB = 2**20
SOURCES = 'video="pattern", audio="tone"'


def ball_of(pixels: np.ndarray) -> float | None:
    """Return where the ball of a test picture of 640 by 360 is, from left (0) to right (1); None where there is none."""
    white = pixels[206:300].min(axis=2) > 215
    if white.sum() < 150:
        return None
    return float(np.clip((np.nonzero(white)[1].mean() - 28) / 584, 0, 1))


def clock_of(pixels: np.ndarray, next_pixels: np.ndarray) -> float | None:
    """Return the clock's seconds, modulo 4, that the first of two pictures shows."""
    ball, after = ball_of(pixels), ball_of(next_pixels)
    if ball is None or after is None or min(ball, 1 - ball) < 0.05:
        return None
    # From right to left in two seconds, and back again.
    return 2 * (1 - ball) if after < ball else 2 + 2 * ball


def pictures(file: IO[bytes], at: float) -> list[tuple[float, np.ndarray]]:
    """Return a second of pictures with their times, from about ``at`` seconds on."""
    found: list[tuple[float, np.ndarray]] = []
    with av.open(file) as container:
        container.seek(int(at * av.time_base))
        for frame in container.decode(video=0):
            if frame.time >= at:
                found.append((frame.time, frame.to_ndarray(format="rgb24")))
            if found and frame.time > at + 1:
                return found
    return found


def picture_offset(file: IO[bytes], at: float) -> float:
    """Return the clock minus the file's own time, modulo 4 s, as the pictures have it."""
    seen = pictures(file, at)
    offsets = []
    for (time, pixels), (_, later) in itertools.pairwise(seen):
        shown = clock_of(pixels, later)
        if shown is not None:
            offsets.append((shown - time) % PERIOD)
    return circular_mean(offsets, PERIOD)


def sound_offset(file: IO[bytes], at: float) -> float:
    """Return the clock minus the file's own time, modulo 2 s, as the tone's swelling has it."""
    blocks, times = [], []
    with av.open(file) as container:
        container.seek(int(at * av.time_base))
        for frame in container.decode(audio=0):
            if frame.time < at:
                continue
            samples = frame.to_ndarray().astype(float)
            blocks.append(np.sqrt((samples**2).mean()))
            times.append(frame.time + frame.samples / frame.sample_rate / 2)
            if frame.time > at + 4:
                break
    time, loud = np.array(times), np.array(blocks)
    keep = time < time[0] + PERIOD
    time, loud = time[keep], loud[keep] - loud[keep].mean()
    # loudness = 1 + sin(pi * clock)
    phase = math.atan2((loud * np.cos(math.pi * time)).sum(), (loud * np.sin(math.pi * time)).sum())
    return phase / math.pi % 2


def circular_mean(values: list[float], period: float) -> float:
    turns = np.exp(2j * np.pi * np.array(values) / period)
    return float(np.angle(turns.mean()) / (2 * np.pi) * period % period)


def apart(one: float, other: float, period: float) -> float:
    """Return by how much two times differ, in ms, when only their remainder is known."""
    return (((one - other) + period / 2) % period - period / 2) * 1000


def measure(recording: Recording) -> None:
    media = {recording.person(m.participant).name: m for m in recording.media}
    places = [5 + (recording.seconds - 12) * place / (PLACES - 1) for place in range(PLACES)]
    clocks: dict[str, list[float]] = {}
    for name, medium in media.items():
        together = []
        clocks[name] = []
        for place in places:
            with zipfile.ZipFile(recording.path) as archive:
                seen = picture_offset(archive.open(medium.file), place - medium.begins)
                heard = sound_offset(archive.open(medium.file), place - medium.begins)
            together.append(apart(heard, seen, 2))
            clocks[name].append(seen - medium.begins)
        print(
            f"{name:4} sound before picture, ms: {spread(together)}; drift {together[-1] - together[0]:+.1f}"
        )
    differences = [apart(a, b, PERIOD) for a, b in zip(*clocks.values(), strict=True)]
    print(f"{' and '.join(clocks)} apart, ms: {spread(differences)}")


def spread(values: list[float]) -> str:
    return f"median {statistics.median(values):+.1f}, from {min(values):+.1f} to {max(values):+.1f}"


async def main(minutes: float) -> None:
    lab = await Lab.start()
    async with async_playwright() as playwright:
        browser, _ = await launch(playwright.chromium)
        window = Window(await browser.new_context(viewport={"width": 1100, "height": 1200}))
        cells = [cell("Ada", "sync", SOURCES), cell("Bob", "sync", SOURCES)]
        notebook = await lab.open(window, lab.notebook(cells))
        await notebook.run_all()
        await holds(notebook, "ada.participants['Bob'].connection_state == 'connected'")
        await notebook.execute("recording = ada.record('sync', max_mb=10_000)")
        kernel = psutil.Process(int(await notebook.execute("import os; print(os.getpid())")))
        for minute in range(math.ceil(minutes) + 1):
            heap = await notebook.tab.evaluate("() => performance.memory.usedJSHeapSize")
            print(
                f"minute {minute}: kernel {kernel.memory_info().rss / MIB:.1f} MiB, page {heap / MIB:.1f} MiB",
                flush=True,
            )
            await asyncio.sleep(min(60, 60 * (minutes - minute)) if minute < minutes else 0)
        path = (await notebook.execute("print(recording.stop().path.absolute())")).strip()
        with Recording.open(path) as recording:
            print(recording, recording.problems)
            measure(recording)
        await browser.close()
    await lab.stop()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0))
