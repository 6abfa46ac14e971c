"""From pressing join to the first frame of the one who is already there, in two windows of one Chromium.

All contenders take their turns in every round. Ours is the shipped bundle with a heartbeat as the kernel sends it;
the clock starts with the heartbeat, the others' with their start, right before they ask for the camera.

    python benchmarks/join.py [ROUNDS]
"""

from __future__ import annotations

import asyncio
import secrets
import statistics
import sys

from common import FLAGS, arguments, need_node_modules, node_servers, page_server, relay_service, summary
from playwright.async_api import Browser, async_playwright

CONTENDERS = ("rtc_widget", "handwritten", "peerjs", "simplepeer", "trystero")
SETTLE_SECONDS = 0.5


async def once(browser: Browser, url: str, contender: str, make: object) -> float:
    """Let one be there and another join; return the newcomer's time in milliseconds."""
    room = f"room-{secrets.token_hex(4)}"
    contexts = [await browser.new_context(permissions=["camera", "microphone"]) for _ in range(2)]
    try:
        first, second = [await context.new_page() for context in contexts]
        for page in (first, second):
            await page.goto(f"{url}/{contender}.html")
        await first.evaluate("(given) => window.start(given)", make(contender, room, "a", None))  # type: ignore[operator]
        await asyncio.sleep(SETTLE_SECONDS)
        await second.evaluate("(given) => void window.start(given)", make(contender, room, "b", "a"))  # type: ignore[operator]
        async with asyncio.timeout(20):
            return float(await second.evaluate("() => window.firstFrame"))
    finally:
        for context in contexts:
            await context.close()


async def main(rounds: int) -> None:
    need_node_modules()
    times: dict[str, list[float]] = {contender: [] for contender in CONTENDERS}
    async with (
        page_server(CONTENDERS) as url,
        relay_service(url) as (relay, _),
        node_servers() as ports,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)

        def make(contender: str, room: str, mine: str, other: str | None) -> object:
            return arguments(contender, relay, ports, room, mine, other)

        for number in range(rounds + 1):
            for contender in CONTENDERS:
                took = await once(browser, url, contender, make)
                if number > 0:  # the first round warms up
                    times[contender].append(took)
        await browser.close()
    base = statistics.median(times["handwritten"])
    for contender in CONTENDERS:
        ratio = statistics.median(times[contender]) / base
        print(f"{contender:12} {summary(times[contender])} ms   ratio to handwritten {ratio:.2f}")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
