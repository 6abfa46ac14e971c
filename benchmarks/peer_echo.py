"""A browser's picture and back, its negative, beside streamlit-webrtc and fastrtc: round trip, rate, CPU.

All get the same pictures of the same browser; it is told the same bitrates, and the encoders in Python have the same
limits. Ours and fastrtc are connected to by the benchmark's page, streamlit-webrtc by its own front end, whose camera
and connection the page's script has replaced. Ours runs twice: with the transform in the kernel, where it may use
whatever is there, and in the peer's process. The others have but one process. CPU is that of all of Python.

The first run installs the others into an environment of their own beside this file.

    python benchmarks/peer_echo.py [--seconds 8] [--rounds 2] [--size 640x480]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import secrets
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import psutil
from common import HERE, _bundle, percentile
from peer_drive import Others, Stage, kernel, stage
from playwright.async_api import Frame, Page

from rtc_widget.peer.process import aiortc_internals, sdp_rules

ENVIRONMENT = HERE / ".venv"
PACKAGES = ["streamlit-webrtc==0.79.0", "fastrtc==0.0.34"]
BITRATES = [str(aiortc_internals._START_BITRATE), str(aiortc_internals._MAX_BITRATE)]
SETTLE_SECONDS = 3.0
CONTENDERS = ("ours, in the peer", "ours, in the kernel", "streamlit-webrtc", "fastrtc")


@dataclass
class Result:
    """One run's figures."""

    rate: float
    latencies: list[float]
    cpu: float
    size: str
    others: float


def install() -> None:
    """Install the contenders, once."""
    if not ENVIRONMENT.is_dir():
        subprocess.run([sys.executable, "-m", "venv", ENVIRONMENT], check=True)
        subprocess.run([ENVIRONMENT / "bin" / "pip", "install", "-q", *PACKAGES], check=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextlib.asynccontextmanager
async def server(port: int, *command: str) -> AsyncIterator[Callable[[], float]]:
    """Run a program of the other environment until it listens; yield what tells its CPU."""
    process = await asyncio.create_subprocess_exec(
        *[ENVIRONMENT / "bin" / "python", *command],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=HERE,
    )
    try:
        deadline = time.monotonic() + 30
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                break
            except OSError:
                if time.monotonic() > deadline:
                    raise
                await asyncio.sleep(0.1)

        def cpu() -> float:
            root = psutil.Process(process.pid)
            times = [one.cpu_times() for one in (root, *root.children(recursive=True))]
            return sum(used.user + used.system for used in times)

        yield cpu
    finally:
        process.terminate()
        await process.wait()


async def measure(page: Page | Frame, cpu: Callable[[], float], seconds: float) -> Result:
    deadline = time.monotonic() + 20
    while (await page.evaluate("() => peer.figures().then(({ shown }) => shown, () => 0)")) < 10:
        if time.monotonic() > deadline:
            raise TimeoutError("no picture came back")
        await asyncio.sleep(0.1)
    await asyncio.sleep(SETTLE_SECONDS)
    await page.evaluate("() => peer.mark()")
    others, before = Others(), cpu()
    await asyncio.sleep(seconds)
    used, disturbed = cpu() - before, others.cores()
    figures: dict[str, Any] = await page.evaluate("() => peer.figures()")
    shown, received = figures["shown"], figures["received"]
    size = f"{received['frameWidth']}x{received['frameHeight']}"
    return Result(shown / seconds, figures["latencies"], 1000 * used / max(1, shown), size, disturbed)


async def once(scene: Stage, contender: str, picture: dict[str, int], seconds: float) -> Result:
    given: dict[str, Any] = {"bitrate": sdp_rules._BITRATE, "picture": picture}
    port = free_port()
    if contender.startswith("ours"):
        run = contender.removeprefix("ours, in the ")
        async with kernel("peer_ours") as side:
            await scene.connect("ours", side, given["picture"], transform="negative", run=run)
            result = await measure(scene.page, side.cpu, seconds)
            await scene.page.evaluate("() => peer.end()")
            return result
    if contender == "fastrtc":
        async with server(port, "peer_echo_fastrtc.py", str(port), *BITRATES) as cpu:
            await scene.page.evaluate("() => peer.end()")
            more = {"webrtc_id": secrets.token_hex(4)}
            url = f"http://127.0.0.1:{port}/webrtc/offer"
            await scene.page.evaluate(
                "(given) => peer.offer(given)", {**given, "url": url, "more": more, "channel": "text"}
            )
            result = await measure(scene.page, cpu, seconds)
            await scene.page.evaluate("() => peer.end()")
            return result
    options = ["--server.headless=true", "--browser.gatherUsageStats=false", f"--server.port={port}"]
    command = ["-m", "streamlit", "run", "peer_echo_streamlit.py", "--server.address=127.0.0.1", *options]
    async with server(port, *command, "--", *BITRATES) as cpu:
        browser = scene.page.context.browser
        assert browser is not None
        page = await browser.new_page(permissions=["camera"])
        try:
            script = _bundle("peer")
            await page.add_init_script(f"{script}; window.top !== window && peer.adopt({json.dumps(given)});")
            await page.goto(f"http://127.0.0.1:{port}/")
            deadline = time.monotonic() + 20
            while not (frames := [frame for frame in page.frames if "streamlit_webrtc" in frame.url]):
                if time.monotonic() > deadline:
                    raise TimeoutError("streamlit-webrtc's frame did not appear")
                await asyncio.sleep(0.1)
            return await measure(frames[0], cpu, seconds)
        finally:
            await page.close()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=8.0)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--size", default="640x480")
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=CONTENDERS)
    given = parser.parse_args()
    install()
    width, height = map(int, given.size.split("x"))
    picture = {"width": width, "height": height, "fps": 30}
    results: dict[str, list[Result]] = {name: [] for name in given.contenders}
    async with stage() as scene:
        for _, name in itertools.product(range(given.rounds), given.contenders):
            results[name].append(await once(scene, name, picture, given.seconds))
    for name, runs in results.items():
        rate, cpu, others = (
            statistics.median(getattr(run, figure) for run in runs) for figure in ("rate", "cpu", "others")
        )
        p50, p95 = (
            statistics.median(percentile(run.latencies or [0.0], percent) for run in runs)
            for percent in (50, 95)
        )
        sizes = "/".join(sorted({run.size for run in runs}))
        print(
            f"{name:20} {rate:5.1f} fps  round trip p50 {p50:6.1f} ms  p95 {p95:6.1f} ms"
            f"  {cpu:5.2f} ms CPU per frame  {sizes}  (others used {others:.2f} cores)"
        )


if __name__ == "__main__":
    asyncio.run(main())
