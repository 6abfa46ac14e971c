"""From pressing join to the first frame of the one who is already there, in two windows of one Chromium.

All contenders take their turns in every round. Ours is the shipped bundle with a heartbeat as the kernel sends it;
the clock starts with the heartbeat, the others' with their start, right before they ask for the camera.

    python benchmarks/join.py [ROUNDS] [--busy]

``--busy`` keeps every core busy with something else meanwhile. CPU is what all processes of the browser take from the
newcomer's start to that frame.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import statistics
import sys

import psutil
from common import (
    FLAGS,
    ROOT,
    arguments,
    need_node_modules,
    node_servers,
    occupied,
    page_server,
    relay_service,
    summary,
)
from playwright.async_api import Browser, async_playwright

sys.path.insert(0, str(ROOT))

from tests.support.chromium import program

CONTENDERS = ("rtc_widget", "handwritten", "peerjs", "simplepeer", "trystero")
SETTLE_SECONDS = 0.5


def cpu_ms() -> float:
    """Return what the browser's processes have taken so far."""
    children = psutil.Process().children(recursive=True)
    times = [each.cpu_times() for each in children if "chrom" in each.name()]
    return 1000 * sum(each.user + each.system for each in times)


async def once(browser: Browser, url: str, contender: str, make: object) -> tuple[float, float]:
    """Let one be there and another join; return the newcomer's time, and the browser's CPU until then, in milliseconds."""
    room = f"room-{secrets.token_hex(4)}"
    contexts = [await browser.new_context(permissions=["camera", "microphone"]) for _ in range(2)]
    try:
        first, second = [await context.new_page() for context in contexts]
        for page in (first, second):
            await page.goto(f"{url}/{contender}.html")
        await first.evaluate("(given) => window.start(given)", make(contender, room, "a", None))  # type: ignore[operator]
        await asyncio.sleep(SETTLE_SECONDS)
        before = cpu_ms()
        await second.evaluate("(given) => void window.start(given)", make(contender, room, "b", "a"))  # type: ignore[operator]
        async with asyncio.timeout(20):
            took = float(await second.evaluate("() => window.firstFrame"))
        return took, cpu_ms() - before
    finally:
        for context in contexts:
            await context.close()


async def main(rounds: int) -> None:
    need_node_modules()
    found: dict[str, list[tuple[float, float]]] = {contender: [] for contender in CONTENDERS}
    async with (
        page_server(CONTENDERS) as url,
        relay_service(url) as (relay, _),
        node_servers() as ports,
        async_playwright() as playwright,
    ):
        # A window's frame is a page of the browser's own, made while contenders join.
        browser = await playwright.chromium.launch(executable_path=program(whole=False), args=FLAGS)

        def make(contender: str, room: str, mine: str, other: str | None) -> object:
            return arguments(contender, relay, ports, room, mine, other)

        for number in range(rounds + 1):
            for contender in CONTENDERS:
                one = await once(browser, url, contender, make)
                if number > 0:  # the first round warms up
                    found[contender].append(one)
        await browser.close()
    print(f"load {os.getloadavg()[0]:.1f}")
    for place, what in enumerate(("first frame", "CPU")):
        base = statistics.median(each[place] for each in found["handwritten"])
        for contender in CONTENDERS:
            values = [each[place] for each in found[contender]]
            ratio = statistics.median(values) / base
            print(f"{what:12} {contender:12} {summary(values)} ms   ratio to handwritten {ratio:.2f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("rounds", type=int, nargs="?", default=30)
    parser.add_argument("--busy", action="store_true")
    given = parser.parse_args()
    with occupied(busy=given.busy):
        asyncio.run(main(given.rounds))
