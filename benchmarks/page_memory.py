"""Memory of a page in a call with a Peer of its kernel, by each path, in a Chromium that nobody watches meanwhile.

    python benchmarks/page_memory.py [--seconds 60]

Chromium is told what to do over its DevTools protocol until the call is there, and is then left alone: a browser that Playwright has
started keeps a copy of the page's icon for each of JupyterLab's changes of it, which are two for every message on the comm.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import socket
import subprocess
import tempfile

import psutil
from media_paths import PATHS, memory, open_call
from playwright.async_api import async_playwright

from tests.support.chromium import FAKE_PROMPT, FLAGS, Window, program
from tests.support.lab import Lab
from tests.support.processes import free_port
from tests.support.waiting import wait_for


def pages(browser: subprocess.Popen[bytes]) -> list[psutil.Process]:
    """Return the browser's processes that show pages."""
    return [
        each
        for each in psutil.Process(browser.pid).children(recursive=True)
        if "--type=renderer" in each.cmdline()
    ]


def start(options: list[str]) -> subprocess.Popen[bytes]:
    """Start a browser."""
    quiet = subprocess.DEVNULL
    return subprocess.Popen([program(), "--headless", *options, "about:blank"], stdout=quiet, stderr=quiet)


def listens(port: int) -> bool:
    """Tell whether somebody listens at a port of this machine."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


async def measure(lab: Lab, path: str, seconds: float) -> None:
    """Print how much memory the pages of a browser take before and after some time of a call."""
    with tempfile.TemporaryDirectory() as folder:
        options = [*FLAGS, FAKE_PROMPT, "--disable-background-timer-throttling", f"--user-data-dir={folder}"]
        port = free_port()
        browser = start([*options, f"--remote-debugging-port={port}"])
        try:
            await wait_for(lambda: listens(port), 20, "the browser")
            async with async_playwright() as driver:
                watched = await driver.chromium.connect_over_cdp(f"http://127.0.0.1:{port}")
                await open_call(lab, Window(watched.contexts[0]), path, "python3", 0)
                await asyncio.sleep(20)  # until the rate has settled
            taken = [memory(pages(browser))]
            for _ in range(3):
                await asyncio.sleep(seconds / 3)
                taken.append(memory(pages(browser)))
        finally:
            browser.terminate()
            browser.wait(20)
    print(f"{path:9} in {seconds:g} s: {', '.join(f'{each:.0f}' for each in taken)} MB", flush=True)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f}")
    for path in PATHS:
        # Without the server's extension there is no way but the comm.
        without = (
            ["--ServerApp.jpserver_extensions={'jupyter_server_proxy': False}"] if path == "comm" else []
        )
        lab = await Lab.start(options=without)
        await measure(lab, path, options.seconds)
        await lab.stop()


if __name__ == "__main__":
    asyncio.run(main())
