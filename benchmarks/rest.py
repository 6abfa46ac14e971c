"""What a widget costs while a call of two goes on and nobody does anything, in a real JupyterLab.

Comm messages per second, both ways and per widget, and the kernel's CPU beside that of the same kernel before.

    python benchmarks/rest.py [SECONDS]
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import psutil
from playwright.async_api import async_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.chromium import Window, launch
from tests.support.lab import Lab
from tests.support.notebook_calls import cell, holds, open_notebook


async def main(seconds: float) -> None:
    lab = await Lab.start()
    async with async_playwright() as playwright:
        browser, _ = await launch(playwright.chromium)
        window = Window(await browser.new_context(permissions=["camera", "microphone"]))
        notebook = await open_notebook(lab, window, cell("Ada"), cell("Bob"))
        kernel = psutil.Process(int(await notebook.execute("import os; print(os.getpid())")))

        async def cpu() -> float:
            before = kernel.cpu_times()
            await asyncio.sleep(seconds)
            after = kernel.cpu_times()
            return (after.user + after.system - before.user - before.system) / seconds

        idle = await cpu()
        await notebook.run_all()
        await holds(notebook, "ada.participants and ada.participants['Bob'].connection_state == 'connected'")
        await notebook.execute(
            "sent = 0\noriginal = type(ada)._send\n"
            "def counted(self, *given, **named):\n    global sent; sent += 1\n    return original(self, *given, **named)\n"
            "type(ada)._send = counted\n"
            "received = 0\ndef heard(*given):\n    global received; received += 1\n"
            "ada.on_msg(heard); bob.on_msg(heard)"
        )
        await asyncio.sleep(3)
        before = await notebook.execute("print(sent + received)")
        calling = await cpu()
        after = await notebook.execute("print(sent + received)")
        messages = (int(after) - int(before)) / seconds / 2
        print(f"comm messages per second and widget, both ways: {messages:.2f}")
        print(
            f"kernel CPU: {calling * 100:.2f} % of a core with two widgets in a call, {idle * 100:.2f} % before:"
            f" {(calling - idle) * 50:.2f} % per widget"
        )
        await browser.close()
    await lab.stop()


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 30))
