"""From a page's camera to numpy in its kernel and back to the page's screen, by ICE and over the notebook's own connection.

640x360 at 15 frames a second in a real JupyterLab and Chromium; each path in turn, with an idle kernel and with one whose
cell computes. The pictures carry the time of their making, which the page reads from what the Peer sends back: an age is
that of both ways and of the transform between them.

    python benchmarks/media_paths.py [--seconds 8] [--old] [--line 1mbit]

``--old`` takes the ipykernel 6 of ``make setup``, whose comm waits for a running cell. ``--line`` has the server in one network
namespace and the browser in another, with a line between them that carries so much in either direction and lets through
nothing but the notebook; it needs root, and says what became of the picture and of memory as well.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import psutil
from common import HERE, ROOT, percentile
from playwright.async_api import async_playwright

from tests.support.chromium import Window, launch, processes
from tests.support.lab import Lab
from tests.support.network_labs import FarLab, far_lab
from tests.support.notebook import Notebook
from tests.support.notebook_calls import cell, holds, open_notebook, without_sockets

CAMERA = (HERE / "pages" / "stamped_camera.js").read_text()
PATHS = ("ice", "websocket", "comm")
BUSY = "import time\nend = time.monotonic() + {}\nwhile time.monotonic() < end: sum(range(1000))"
# The tile of the participant who sends back what comes.
BOT = "[...document.querySelectorAll('.rtcw-tile')].find((tile) => tile.getAttribute('aria-label').startsWith('Bot'))"
OLD = ROOT / ".stamps" / "ipykernel-6"


def old_kernel(lab: Lab) -> str:
    """Register the older ipykernel, and return its name."""
    folder = lab.root.parent / "data" / "kernels" / "ipykernel-6"
    folder.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "ipykernel 6",
        "language": "python",
        "env": {"PYTHONPATH": str(OLD)},
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
    return folder.name


async def leave_only(path: str, window: Window) -> None:
    """Close the way by jupyter-server-proxy where the comm is meant."""
    if path == "comm":
        await without_sockets(window, r".*/proxy/\d+/$")


async def open_call(lab: Lab, window: Window, path: str, kernel: str, busy: float) -> Notebook:
    """Put a page and a peer that sends back what comes into a call, by a path; the third cell computes for some seconds."""
    room = f"bench {path}"
    wanted = "ice" if path == "ice" else "notebook"
    ada = cell("Ada", room, "audio=False") + f"\nada.media_path = {wanted!r}\nada"
    bot = f"from rtc_widget import Peer\nbot = Peer({room!r}, name='Bot', transform=lambda rgb: rgb)"
    await window.context.add_init_script(CAMERA)
    notebook = await open_notebook(lab, window, ada, bot, BUSY.format(busy), kernel=kernel)
    await notebook.run_cell(0)
    await notebook.run_cell(1)
    protocol = "udp" if path == "ice" else "notebook"
    pair = "(ada.participants['Bot'].selected_candidate_pair or {}).get('protocol')"
    await holds(notebook, f"'Bot' in ada.participants and {pair} == {protocol!r}", 60)
    return notebook


async def ages_of(notebook: Notebook, seconds: float) -> list[float]:
    """Return how old the pictures are that the page is shown for some seconds."""
    found: list[float] = await notebook.tab.evaluate(
        f"(seconds) => Promise.race([measureAges({BOT}.querySelector('video'), seconds),"
        " new Promise((done) => setTimeout(() => done([]), (seconds + 2) * 1000))])",
        seconds,
    )
    return found


def figures_of(ages: list[float]) -> str:
    return f"p50 {percentile(ages, 50):5.0f} ms  p95 {percentile(ages, 95):5.0f} ms" if ages else "nothing"


async def measure(lab: Lab, window: Window, path: str, kernel: str, seconds: float) -> None:
    await leave_only(path, window)
    notebook = await open_call(lab, window, path, kernel, seconds + 3)
    await asyncio.sleep(4)
    for state in ("idle", "busy"):
        running = asyncio.create_task(notebook.run_cell(2)) if state == "busy" else None
        await asyncio.sleep(1)
        ages = await ages_of(notebook, seconds)
        print(f"{path:9} kernel {state}  {len(ages) / seconds:4.1f} fps  {figures_of(ages)}", flush=True)
        if running is not None:
            await running


async def measure_line(far: FarLab, path: str, line: str, seconds: float) -> None:
    await leave_only(path, far.window)
    notebook = await open_call(far.lab, far.window, path, "python3", 0)
    far.networks.homes[1].limit(line)
    # Until the rate has settled, and a page that was just loaded has the memory that it needs.
    await asyncio.sleep(70)
    kernels, pages = far.lab.processes(), processes(far.window.mark)
    before = [memory(kernels), memory(pages)]
    ages = await ages_of(notebook, seconds)
    after = [memory(kernels), memory(pages)]
    there = (await notebook.execute("print(*bot.frame('Ada').shape[1::-1], sep='x')")).strip()
    back = await notebook.tab.evaluate(
        f"() => {BOT}.querySelector('video').videoWidth + 'x' + {BOT}.querySelector('video').videoHeight"
    )
    print(
        f"{path:9} {line}  {len(ages) / seconds:4.1f} fps  {figures_of(ages)}  to numpy {there},"
        f" back {back}  memory in {seconds:g} s: server and kernel {before[0]:.0f} to {after[0]:.0f} MB,"
        f" browser {before[1]:.0f} to {after[1]:.0f} MB",
        flush=True,
    )


def memory(found: Iterable[psutil.Process]) -> float:
    """Return the memory that processes have to themselves, MB."""
    total = 0
    for process in found:
        with contextlib.suppress(psutil.Error):
            total += process.memory_full_info().uss
    return total / 1e6


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=8)
    parser.add_argument("--old", action="store_true")
    parser.add_argument("--line")
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    if options.line:
        for path in ("websocket", "comm"):
            with tempfile.TemporaryDirectory() as folder:
                async with async_playwright() as driver, far_lab(driver.chromium, Path(folder)) as far:
                    await measure_line(far, path, options.line, options.seconds)
        return
    lab = await Lab.start()
    kernel = old_kernel(lab) if options.old else "python3"
    async with async_playwright() as driver:
        browser, _mark = await launch(driver.chromium)
        for path in PATHS:
            window = Window(await browser.new_context(permissions=["camera", "microphone"]))
            await measure(lab, window, path, kernel, options.seconds)
            await window.close()
        await browser.close()
    await lab.stop()


if __name__ == "__main__":
    asyncio.run(main())
