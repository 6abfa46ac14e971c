"""What the live panel costs: a call of two in JupyterLab with the panel shut, and open while the room is busy.

In the busy part every message is duplicated and one participant comes and goes, so that there is always something new to
draw; in the quiet part nothing happens but the call.

    python benchmarks/panel.py [SECONDS]
"""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parents[1]))

from playwright.async_api import async_playwright

from tests.support.chromium import Window, launch
from tests.support.lab import Lab
from tests.support.notebook import Notebook
from tests.support.notebook_calls import cell, holds

BUSY = """
import threading
from rtc_widget import Peer
over = threading.Event()
def come_and_go():
    while not over.is_set():
        with Peer("panel", name="Guest", source="pattern") as guest:
            guest.wait_for("connected")
            over.wait(1)
threading.Thread(target=come_and_go, daemon=True).start()
"""


def processes() -> dict[str, list[psutil.Process]]:
    """Return the kernel, and the browser's processes."""
    children = psutil.Process().children(recursive=True)
    kernel = [child for child in children if "ipykernel_launcher" in " ".join(child.cmdline())]
    return {"kernel": kernel, "browser": [child for child in children if "chrom" in child.name()]}


def used(of: list[psutil.Process]) -> float:
    """Return CPU seconds."""
    return sum(sum(process.cpu_times()[:2]) for process in of)


async def cores(seconds: float) -> dict[str, float]:
    """Return how many cores the kernel and the browser use."""
    watched, began = processes(), time.monotonic()
    before = {name: used(of) for name, of in watched.items()}
    await asyncio.sleep(seconds)
    took = time.monotonic() - began
    return {name: (used(of) - before[name]) / took for name, of in watched.items()}


async def press(notebook: Notebook) -> None:
    """Open or shut the panel of the first widget."""
    await notebook.tab.locator(".rtcw").first.get_by_role("button", name="Diagram").click()


async def main(seconds: float) -> None:
    lab = await Lab.start()
    async with async_playwright() as playwright:
        browser, _ = await launch(playwright.chromium)
        window = Window(await browser.new_context(viewport={"width": 1100, "height": 1200}))
        notebook = await lab.open(window, lab.notebook([cell("Ada", "panel"), cell("Bob", "panel")]))
        await notebook.run_all()
        await holds(notebook, "any(p.connection_state == 'connected' for p in ada.participants)")
        await asyncio.sleep(3)
        for what, before in (("quiet", ""), ("busy", BUSY)):
            await notebook.execute(before)
            await asyncio.sleep(2)
            shut = await cores(seconds)
            await press(notebook)
            await asyncio.sleep(2)
            opened = await cores(seconds)
            await press(notebook)
            for name in shut:
                print(
                    f"{what:5} {name:8} shut {shut[name]:.3f}  open {opened[name]:.3f}  "
                    f"the panel {100 * (opened[name] - shut[name]):+.1f} % of a core"
                )
        await notebook.execute("over.set()")
        await browser.close()
    await lab.stop()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 15.0))
