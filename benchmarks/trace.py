"""What the trace costs a call: the same call reporting everything to a kernel that writes it down, and saying nothing.

Two windows of one Chromium with the shipped bundle. "silent" pages swallow their own reports before they reach the
socket, and nobody watches the room; "traced" ones report, and this process keeps the trace. They take their turns.

    python benchmarks/trace.py [ROUNDS] [SECONDS]
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import statistics
import sys
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass

import psutil
from common import FLAGS, arguments, page_server, relay_service
from playwright.async_api import Browser, async_playwright

from rtc_widget import Relay
from rtc_widget.signaling.client import RelayClient
from rtc_widget.trace.event_log import EventLog

PORTS = {"peer": 0, "nostr": 0}
SETTLE_SECONDS = 2.0
# Before the widget is loaded: what begins like a report or a question for the time goes nowhere.
SILENCE = """
    const send = WebSocket.prototype.send;
    WebSocket.prototype.send = function (data) {
      if (typeof data === "string" && /^42\\d*\\["(report|clock)"/.test(data)) return;
      send.call(this, data);
    };
"""
COUNT = """() => {
    const video = document.querySelector(".rtcw-tile:nth-child(2) video");
    window.frames = 0;
    const count = () => { window.frames += 1; video.requestVideoFrameCallback(count); };
    video.requestVideoFrameCallback(count);
}"""


@dataclass
class Figures:
    """Of one call: ms to the first frame, frames per second, cores that browser, relay and the trace's writer use."""

    join: float
    fps: float
    browser: float
    relay: float
    kernel: float
    events: int


@contextlib.asynccontextmanager
async def writing(relay: Relay, room: str, log: EventLog, traced: bool) -> AsyncIterator[None]:
    """Watch a room and write it down, if it is to be."""
    if not traced:
        yield
        return
    token = relay.token(room, role="teacher")
    client = await RelayClient.connect(relay.url, room, {"token": token}, log.apply)
    try:
        watched = await client.request("watch_room", {"roomId": room, "trace": True})
        log.snapshot(watched, watched["control"])
        yield
    finally:
        await client.close()


def used(processes: list[psutil.Process]) -> float:
    """Return CPU seconds of processes."""
    times = [process.cpu_times() for process in processes]
    return sum(each.user + each.system for each in times)


def browsers() -> list[psutil.Process]:
    """Return the browser's present processes."""
    return [child for child in psutil.Process().children(recursive=True) if "chrom" in child.name()]


async def once(
    browser: Browser, relay: Relay, relay_pid: int, url: str, traced: bool, seconds: float
) -> Figures:
    """Let two meet, and measure the call."""
    room = f"room-{secrets.token_hex(4)}"
    log = EventLog(room)
    contexts = [await browser.new_context(permissions=["camera", "microphone"]) for _ in range(2)]
    try:
        async with writing(relay, room, log, traced):
            pages = [await context.new_page() for context in contexts]
            for page in pages:
                if not traced:
                    await page.add_init_script(SILENCE)
                await page.goto(f"{url}/rtc_widget.html")
            first, second = pages
            await first.evaluate(
                "(given) => window.start(given)", arguments("rtc_widget", relay, PORTS, room, "a", None)
            )
            await asyncio.sleep(0.5)
            given = arguments("rtc_widget", relay, PORTS, room, "b", "a")
            await second.evaluate("(given) => void window.start(given)", given)
            join = float(await second.evaluate("() => window.firstFrame"))
            await asyncio.sleep(SETTLE_SECONDS)
            await second.evaluate(COUNT)
            pages_now, service = browsers(), [psutil.Process(relay_pid)]
            began = time.monotonic()
            before = used(pages_now), used(service), time.process_time()
            await asyncio.sleep(seconds)
            took = time.monotonic() - began
            frames = await second.evaluate("() => window.frames")
            after = used(pages_now), used(service), time.process_time()
            cores = [(end - start) / took for start, end in zip(before, after, strict=True)]
            return Figures(join, frames / took, *cores, len(log.trace()))
    finally:
        for context in contexts:
            await context.close()


async def main(rounds: int, seconds: float) -> None:
    results: dict[str, list[Figures]] = {"silent": [], "traced": []}
    async with (
        page_server(["rtc_widget"]) as url,
        relay_service(url) as (relay, pid),
        async_playwright() as driver,
    ):
        browser = await driver.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for number in range(rounds + 1):
            # In turns first: the machine may be warmer, or busier with the last one's end, for the second.
            for name, kept in sorted(results.items(), reverse=number % 2 == 1):
                figures = await once(browser, relay, pid, url, name == "traced", seconds if number else 1)
                if number > 0:  # the first round warms up
                    kept.append(figures)
        await browser.close()
    for name, kept in results.items():
        middle = {
            field: statistics.median(getattr(each, field) for each in kept)
            for field in Figures.__annotations__
        }
        low, _, high = statistics.quantiles((each.join for each in kept), n=4)
        print(
            f"{name:7} join {middle['join']:6.1f} ms (quartiles {low:.0f} to {high:.0f})  {middle['fps']:5.2f} fps  cores: browser {middle['browser']:.3f}, "
            f"relay {middle['relay']:.4f}, writer {middle['kernel']:.4f}  {middle['events']:.0f} events  n={rounds}"
        )


if __name__ == "__main__":
    numbers = [float(word) for word in sys.argv[1:]]
    asyncio.run(main(int(numbers[0]) if numbers else 8, numbers[1] if len(numbers) > 1 else 10.0))
