"""A long trace: how fast it is read, drawn in Python, and drawn and scrolled in Chromium.

python benchmarks/trace_diagram.py [ROUNDS]
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from common import FLAGS, ROOT, percentile, summary
from playwright.async_api import async_playwright

sys.path.insert(0, str(ROOT))

from rtc_widget.trace import Trace
from tests.support.traces import ADA, BOB, Script, answer, candidate, connect, make_offer, trickle

EVENTS = 10_000
LIVE = 150
DRAWN = (
    "() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done(performance.now()), 0)))"
)
SCROLL = """async () => {
  const box = document.querySelector(".rtcd-scroll");
  const gaps = [];
  let before = await new Promise(requestAnimationFrame);
  for (let top = 0; top < box.scrollHeight; top += Math.max(40, box.scrollHeight / 200)) {
    box.scrollTop = top;
    const now = await new Promise(requestAnimationFrame);
    gaps.push(now - before);
    before = now;
  }
  return gaps;
}"""


def long_call(events: int, *, unusual: bool) -> Trace:
    """Return a call that negotiates again and again; when unusual, each time a candidate is lost."""
    script = Script()
    script.join(ADA)
    script.join(BOB)
    number = 0
    while len(script.events) < events:
        number += 1
        offer = make_offer(script, ADA, BOB, f"u{number}", number)
        key = script.pass_on(ADA, BOB, "offer", offer)
        trickle(script, ADA, BOB, early=True)
        answer(script, BOB, ADA, key, f"v{number}")
        trickle(script, BOB, ADA)
        connect(script, ADA, BOB)
        if unusual:
            lost = script.send(ADA, BOB, "ice_candidate", {"candidate": candidate()})
            script.at_relay("dropped", lost, ADA, BOB, "ice_candidate")
        script.wait(3000)
    return script.trace


def milliseconds(rounds: int, work: Callable[[], object]) -> list[float]:
    """Time some work."""
    times = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        times.append((time.perf_counter() - start) * 1000)
    return times


async def in_chromium(rounds: int, page: Path) -> tuple[list[float], list[float], list[float]]:
    """Return the times to the first frame after loading, what of them the page has worked, and the gaps while scrolling."""
    drawn, worked, gaps = [], [], []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path="/usr/bin/chromium", args=FLAGS)
        for _ in range(rounds):
            tab = await browser.new_page(viewport={"width": 1200, "height": 900})
            session = await tab.context.new_cdp_session(tab)
            await session.send("Performance.enable")
            await tab.goto(page.as_uri())
            drawn.append(await tab.evaluate(DRAWN))
            metrics = (await session.send("Performance.getMetrics"))["metrics"]
            worked.append(next(1000 * each["value"] for each in metrics if each["name"] == "TaskDuration"))
            gaps.extend(await tab.evaluate(SCROLL))
            await tab.close()
        await browser.close()
    return drawn, worked, gaps


async def main(rounds: int) -> None:
    print(f"load of the machine: {os.getloadavg()[0]:.1f}")
    with tempfile.TemporaryDirectory() as folder:
        path = long_call(100_000, unusual=False).save(Path(folder) / "long.jsonl")
        print(
            f"load 100,000 events, ms:                  {summary(milliseconds(rounds, lambda: Trace.load(path)))}"
        )
        for unusual in (False, True):
            trace = long_call(EVENTS, unusual=unusual)
            live = trace[-LIVE:]
            name = "each negotiation with a fault" if unusual else "ordinary"
            print(f"{EVENTS} events, {name}, ms:")
            print(
                f"  SVG of the last {LIVE} events in Python:     {summary(milliseconds(rounds * 5, lambda t=live: t.diagram().svg))}"
            )
            print(
                f"  SVG in Python:                          {summary(milliseconds(rounds, lambda t=trace: t.diagram().svg))}"
            )
            print(
                f"  HTML in Python:                         {summary(milliseconds(rounds, lambda t=trace: t.diagram().html))}"
            )
            page = trace.diagram().save(Path(folder) / "long.html")
            drawn, worked, gaps = await in_chromium(rounds, page)
            print(f"  {page.stat().st_size / 1024:.0f} KiB drawn in Chromium:              {summary(drawn)}")
            print(f"  of which the page's main thread works:  {summary(worked)}")
            print(
                f"  between frames while scrolling:         median {percentile(gaps, 50):.1f}, 99 % {percentile(gaps, 99):.1f}, worst {max(gaps):.1f}"
            )


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10))
