"""What the peers' benchmarks share: a browser with one page, kernels, and their CPU."""

from __future__ import annotations

import asyncio
import contextlib
import json
import secrets
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import psutil
from common import FLAGS, HERE, need_node_modules, page_server, relay_service
from playwright.async_api import Page, async_playwright

from rtc_widget import Relay
from rtc_widget.peer.process import aiortc_internals, sdp_rules

# Without a camera's permission Chromium hides its addresses behind mDNS names, each of which costs plain aiortc a second.
BROWSER_FLAGS = [*FLAGS, "--disable-features=WebRtcHideLocalIpsWithMdns"]


class Kernel:
    """A process that `peer_side.Kernel` runs in."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self.pid = process.pid

    async def do(self, command: str, **options: Any) -> Any:
        """Give a command and return what it says."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([command, options]).encode() + b"\n")
        async with asyncio.timeout(30):
            return json.loads(await self._process.stdout.readline())

    def cpu(self) -> float:
        """Return the seconds of CPU of the kernel and its processes so far, without the kernel's main thread."""
        kernel = psutil.Process(self.pid)
        main = next(thread for thread in kernel.threads() if thread.id == self.pid)
        times = [process.cpu_times() for process in (kernel, *kernel.children(recursive=True))]
        return sum(used.user + used.system for used in times) - main.user_time - main.system_time

    def media_process(self) -> psutil.Process:
        """Return the largest of its processes."""
        return max(psutil.Process(self.pid).children(), key=lambda process: process.memory_info().rss)


@contextlib.asynccontextmanager
async def kernel(program: str, *arguments: str) -> AsyncIterator[Kernel]:
    """Run a kernel and yield it."""
    process = await asyncio.create_subprocess_exec(
        *[sys.executable, HERE / f"{program}.py", *arguments],
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    started = Kernel(process)
    try:
        yield started
        await started.do("close")
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()


@dataclass
class Stage:
    """The page, and the relay to which both it and ours go."""

    page: Page
    relay: Relay

    def room(self) -> dict[str, str]:
        """Return what ours takes to be in a new room."""
        room = f"room-{secrets.token_hex(4)}"
        return {"url": self.relay.url, "token": self.relay.token(room), "room": room}

    async def enter(self, picture: dict[str, Any] | None) -> dict[str, str]:
        """Let the page be in a room, and return what ours takes to be there too."""
        await self.page.evaluate("() => peer.end()")
        place = self.room()
        given = {**place, "relay": place["url"], "name": "Page", "picture": picture}
        await self.page.evaluate("(given) => peer.join(given)", given)
        return place

    async def connect(
        self,
        contender: str,
        side: Kernel,
        picture: dict[str, Any] | None,
        *,
        wait: bool = True,
        **options: Any,
    ) -> None:
        """Bring a contender's kernel and the page together, and wait until they are connected."""
        if contender == "ours":
            await side.do("open", **await self.enter(picture), **options)
        else:
            await self.page.evaluate("() => peer.end()")
            bitrates = (aiortc_internals._START_BITRATE, aiortc_internals._MAX_BITRATE)
            url = await side.do("open", bitrates=bitrates)
            given = {"url": url, "bitrate": sdp_rules._BITRATE, "picture": picture}
            await self.page.evaluate("(given) => peer.offer(given)", given)
        if wait:
            await self.until("connected")

    async def until(self, state: str) -> None:
        """Wait until the page's connection is in this state."""
        deadline = time.monotonic() + 15
        while (now := (await self.figures())["state"]) != state:
            if time.monotonic() > deadline:
                raise TimeoutError(f"the page's connection is {now!r} and not {state!r}")
            await asyncio.sleep(0.1)

    async def figures(self) -> dict[str, Any]:
        """Return what the page has measured."""
        measured: dict[str, Any] = await self.page.evaluate(
            "() => peer.figures().catch((error) => ({ state: String(error) }))"
        )
        return measured

    async def mark(self) -> None:
        """Let the page forget what it has measured."""
        await self.page.evaluate("() => peer.mark()")


@contextlib.asynccontextmanager
async def stage() -> AsyncIterator[Stage]:
    """Open the page, with a relay beside it."""
    need_node_modules()
    async with (
        page_server(["peer"], probed=False) as url,
        relay_service(url) as (relay, _),
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=BROWSER_FLAGS)
        page = await browser.new_page(viewport={"width": 1400, "height": 900})
        page.on("pageerror", lambda error: print(f"page: {error}", file=sys.stderr))
        await page.goto(f"{url}/peer.html")
        try:
            yield Stage(page, relay)
        finally:
            await browser.close()


class Others:
    """How much of the machine programs use that are not this benchmark's, from its making on."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._before = self._all(), self._own()

    @staticmethod
    def _all() -> float:
        used = psutil.cpu_times()
        return used.user + used.nice + used.system + used.irq + used.softirq

    @staticmethod
    def _own() -> float:
        me = psutil.Process()
        total = 0.0
        for process in (me, *me.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                used = process.cpu_times()
                total += used.user + used.system
        return total

    def cores(self) -> float:
        """Return it in cores."""
        everything, own = self._before
        used = self._all() - everything - (self._own() - own)
        return max(0.0, used / (time.monotonic() - self._began))
