"""How long until the other side sees that a window was closed, or its browser killed.

Every run has a browser process of its own for the one who leaves. The clock is the machine's, from just before the
close or the SIGKILL to the event in the other page. A contender that has said nothing after the limit is so listed.

    python benchmarks/leave.py [ROUNDS [CONTENDER …]]
"""

from __future__ import annotations

import asyncio
import secrets
import statistics
import sys
import time
from pathlib import Path

from common import arguments, need_node_modules, node_servers, page_server, relay_service
from playwright.async_api import BrowserType, async_playwright

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.support.chromium import MARK, launch
from tests.support.processes import marked_processes

CONTENDERS = ("rtc_widget", "handwritten", "peerjs", "simplepeer", "trystero")
LIMIT_SECONDS = 25


async def once(browsers: BrowserType, url: str, contender: str, make: object, how: str) -> float | None:
    """Return milliseconds until the other side knows, None when it does not within the limit."""
    room = f"room-{secrets.token_hex(4)}"
    stays, _ = await launch(browsers)
    leaves, mark = await launch(browsers)
    try:
        pages = []
        for browser in (stays, leaves):
            context = await browser.new_context(permissions=["camera", "microphone"])
            pages.append(await context.new_page())
            await pages[-1].goto(f"{url}/{contender}.html")
        await pages[0].evaluate("(given) => window.start(given)", make(contender, room, "a", None))  # type: ignore[operator]
        await pages[1].evaluate("(given) => window.start(given)", make(contender, room, "b", "a"))  # type: ignore[operator]
        async with asyncio.timeout(20):
            await asyncio.gather(*(page.evaluate("() => window.firstFrame") for page in pages))
        await asyncio.sleep(0.5)
        seen = asyncio.ensure_future(pages[0].evaluate("() => window.gone"))
        begun = time.time() * 1000
        if how == "close":
            await pages[1].close()
        else:
            for process in marked_processes(MARK, mark):
                process.kill()
        try:
            async with asyncio.timeout(LIMIT_SECONDS):
                return float(await seen) - begun
        except TimeoutError:
            return None
    finally:
        for browser in (stays, leaves):
            await browser.close()


async def main(rounds: int, contenders: list[str]) -> None:
    need_node_modules()
    async with (
        page_server(CONTENDERS) as url,
        relay_service(url) as (relay, _),
        node_servers() as ports,
        async_playwright() as playwright,
    ):

        def make(contender: str, room: str, mine: str, other: str | None) -> object:
            return arguments(contender, relay, ports, room, mine, other)

        for contender in contenders:
            for how in ("close", "kill"):
                # Who needs many seconds, or never says, is not asked so often.
                count = rounds if contender in ("rtc_widget", "handwritten") else 2
                times = [await once(playwright.chromium, url, contender, make, how) for _ in range(count)]
                heard = [took for took in times if took is not None]
                said = (
                    f"median {statistics.median(heard):8.0f} ms, worst {max(heard):8.0f} ms"
                    if heard
                    else "never"
                )
                print(
                    f"{contender:12} {how:5} {said}   ({len(heard)} of {count} within {LIMIT_SECONDS} s)",
                    flush=True,
                )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 7, sys.argv[2:] or list(CONTENDERS)))
