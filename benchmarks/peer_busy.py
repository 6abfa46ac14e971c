"""A kernel in a pure-Python loop for a minute, beside the same kernel asleep: the call between a browser and its peer.

The page's pictures go through a transform in the peer's process (``run="peer"``) and come back; the page measures rate
and round trip, and writes down every state of its connection. The loop also takes one of the machine's cores away, so
the same loop in a process that has nothing to do with the call is measured beside it, in turn in every round.

    python benchmarks/peer_busy.py [--seconds 60] [--rounds 1] [--size 640x480]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import statistics
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass

from common import percentile
from peer_drive import Others, Stage, kernel, stage

SETTLE_SECONDS = 4.0
STATES = ("kernel idle", "kernel busy", "another program busy")


@dataclass
class Result:
    """One state's figures."""

    rate: float
    p50: float
    p95: float
    states: list[str]
    others: float


@contextlib.asynccontextmanager
async def busy_program() -> AsyncIterator[None]:
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", "while True: pass")
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def once(scene: Stage, state: str, picture: dict[str, int], seconds: float) -> Result:
    async with contextlib.AsyncExitStack() as stack:
        side = await stack.enter_async_context(kernel("peer_ours"))
        await scene.connect("ours", side, picture, transform="same", run="peer")
        await side.do("busy", on=state == "kernel busy")
        if state == "another program busy":
            await stack.enter_async_context(busy_program())
        await asyncio.sleep(SETTLE_SECONDS)
        await scene.mark()
        others = Others()
        await asyncio.sleep(seconds)
        disturbed = others.cores()
        figures = await scene.figures()
        await side.do("busy", on=False)
        await scene.page.evaluate("() => peer.end()")
    times = figures["latencies"]
    return Result(
        figures["shown"] / seconds,
        percentile(times, 50),
        percentile(times, 95),
        figures["states"],
        disturbed,
    )


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--size", default="640x480")
    given = parser.parse_args()
    width, height = map(int, given.size.split("x"))
    picture = {"width": width, "height": height, "fps": 30}
    results: dict[str, list[Result]] = {state: [] for state in STATES}
    async with stage() as scene:
        for _, state in itertools.product(range(given.rounds), STATES):
            results[state].append(await once(scene, state, picture, given.seconds))

    def middle(state: str, figure: str) -> float:
        return statistics.median(getattr(result, figure) for result in results[state])

    for state in STATES:
        rate, p50, p95 = (middle(state, figure) for figure in ("rate", "p50", "p95"))
        seen = sorted({name for result in results[state] for name in result.states})
        print(
            f"{state:20} {rate:5.1f} fps  round trip p50 {p50:6.1f} ms  p95 {p95:6.1f} ms"
            f"   of idle: rate {rate / middle(STATES[0], 'rate'):.2f}, p95 {p95 / middle(STATES[0], 'p95'):.2f}"
            f"   states seen: {', '.join(seen)}   (others used {middle(state, 'others'):.2f} cores)"
        )


if __name__ == "__main__":
    asyncio.run(main())
