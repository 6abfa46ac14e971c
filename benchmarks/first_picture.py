"""From *Run* to one's own picture in a kernel that has just started, and from *Run* of a second cell to both pictures.

In a real JupyterLab and Chromium, with a relay that is already there. What is measured is seen by the page: from the
moment at which the cell is run until its tiles' videos move. Another checkout (``--beside``), whose front end is built,
takes its turns in the same run: its package is put before ours in its kernel's path.

    python benchmarks/first_picture.py [--rounds 5] [--beside ../before] [--busy]

``--busy`` keeps both cores busy with something else meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from common import ROOT, occupied, summary
from playwright.async_api import async_playwright

from tests.support.chromium import Window, launch
from tests.support.lab import Lab

# As many of the page's videos move: more than one frame of each has been shown.
MOVING = """
    const moving = () => [...document.querySelectorAll(".rtcw video")].filter(
        (video) => video.videoWidth && video.getVideoPlaybackQuality().totalVideoFrames > 1
    ).length;
"""
# Runs a cell, and returns the milliseconds until so many videos move.
RUN = f"""
    {MOVING}
    panel.content.deselectAll();
    panel.content.activeCellIndex = index;
    const began = performance.now();
    void app.commands.execute("notebook:run-cell");
    while (moving() < count) {{
        if (performance.now() - began > 60_000) throw new Error(`only ${{moving()}} of ${{count}} videos move`);
        await new Promise(requestAnimationFrame);
    }}
    return performance.now() - began;
"""


def kernel_of(lab: Lab, name: str, checkout: Path) -> str:
    """Register a kernel that imports this package from a checkout, and return its name."""
    folder = lab.root.parent / "data" / "kernels" / name
    folder.mkdir(parents=True, exist_ok=True)
    spec = {
        "argv": [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": name,
        "language": "python",
        "env": {"PYTHONPATH": str(checkout)},
    }
    (folder / "kernel.json").write_text(json.dumps(spec))
    return name


async def measure(lab: Lab, window: Window, kernel: str) -> tuple[float, float]:
    """Return the milliseconds of the first cell, in a new kernel, and of the second."""
    cells = [
        f"from rtc_widget import RoomWidget\nRoomWidget('first', name={name!r}, video='pattern', audio=False)"
        for name in ("Ada", "Bob")
    ]
    notebook = await lab.open(window, lab.notebook(cells, kernel=kernel))
    first = await notebook._call(RUN, index=0, count=1)
    await asyncio.sleep(1.5)  # joined, and at rest
    second = await notebook._call(RUN, index=1, count=4)
    await notebook.tab.close()
    await lab.shutdown_kernels()
    return float(first), float(second)


async def main(rounds: int, beside: Path | None) -> None:
    """Measure, in turn, and print the table."""
    lab = await Lab.start()
    checkouts = {"this checkout": ROOT, **({str(beside.name): beside} if beside else {})}
    kernels = {name: kernel_of(lab, f"kernel-{n}", path) for n, (name, path) in enumerate(checkouts.items())}
    found: dict[str, list[tuple[float, float]]] = {name: [] for name in checkouts}
    try:
        async with async_playwright() as playwright:
            browser, _ = await launch(playwright.chromium, whole=False)
            for number in range(rounds + 1):
                for name, kernel in kernels.items():
                    window = Window(await browser.new_context(permissions=["camera", "microphone"]))
                    measured = await measure(lab, window, kernel)
                    await window.close()
                    # The first round starts the relay and fills caches.
                    if number:
                        found[name].append(measured)
            await browser.close()
    finally:
        await lab.stop()
    print(f"load {os.getloadavg()[0]:.1f}")
    for name, pairs in found.items():
        for what, values in zip(
            ("own picture, first cell", "both pictures, second cell"), zip(*pairs, strict=True), strict=True
        ):
            print(f"{name:16} {what:28} {summary(values)}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--beside", type=lambda path: Path(path).resolve())
    parser.add_argument("--busy", action="store_true")
    given = parser.parse_args()
    with occupied(busy=given.busy):
        asyncio.run(main(given.rounds, given.beside))
