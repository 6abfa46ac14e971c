"""A `Peer` beside bare aiortc with as many processes, in turn in every round: what a frame costs, and how late it is.

One Chromium page and a kernel: frames from the page to a numpy array in the kernel ("in"), and from a numpy array in
the kernel to the page's screen ("out"), with the kernel's main thread asleep or in a pure-Python loop. A frame carries
the time of its making, so a latency is that of the whole way on one clock. CPU is that of both Python processes, without
the kernel's main thread.

Bare aiortc gets what is ours to give: browsers are told the same bitrates, and its encoder's limits are the same, so
that both carry the same pictures. All else in `peer_bare` is plain.

    python benchmarks/peer.py [--seconds 6] [--rounds 1] [--contenders ours bare pipe] [--sizes 640x480 1280x720]
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import statistics
from dataclasses import dataclass

from common import percentile
from peer_drive import Others, Stage, kernel, stage

FPS = 30
SETTLE_SECONDS = 2.0
# A run during which other programs used more than so much of a core is done again, so often.
QUIET_CORES = 0.2
REPEATS = 3
PROGRAMS = {"ours": ["peer_ours"], "bare": ["peer_bare", "memory"], "pipe": ["peer_bare", "pipe"]}


@dataclass
class Result:
    """One run's figures."""

    fps: float
    latencies: list[float]
    cpu: float
    size: str
    unread: int
    others: float
    bitrate: float


async def once(
    scene: Stage, contender: str, way: str, size: tuple[int, int], busy: bool, seconds: float
) -> Result:
    picture = {"width": size[0], "height": size[1], "fps": FPS}
    async with kernel(*PROGRAMS[contender]) as side:
        await scene.connect(contender, side, picture if way == "in" else None)
        if way == "in":
            await side.do("receive")
        else:
            await side.do("send", size=size, fps=FPS)
        await side.do("busy", on=busy)
        await asyncio.sleep(SETTLE_SECONDS)
        await side.do("mark")
        await scene.mark()
        kind = "sent" if way == "in" else "received"
        bytes_before = (await scene.figures())[kind]["bytes"]
        others, before = Others(), side.cpu()
        await asyncio.sleep(seconds)
        cpu, disturbed = side.cpu() - before, others.cores()
        page = await scene.figures()
        await side.do("busy", on=False)
        figures = page if way == "out" else await side.do("figures")
        await scene.page.evaluate("() => peer.end()")
    if way == "out":
        shown = page["received"]["frameWidth"], page["received"]["frameHeight"]
    else:
        shown = tuple(figures["size"])
    frames = figures["shown"]
    return Result(
        frames / seconds,
        figures["latencies"] or [0.0],
        1000 * cpu / max(1, frames),
        "x".join(map(str, shown)),
        figures["unread"],
        disturbed,
        (page[kind]["bytes"] - bytes_before) * 8 / seconds / 1e6,
    )


async def undisturbed(
    scene: Stage, contender: str, way: str, size: tuple[int, int], busy: bool, seconds: float
) -> Result:
    """Return a run that other programs have left alone, or the one that they disturbed least."""
    runs: list[Result] = []
    while len(runs) < REPEATS and (not runs or runs[-1].others > QUIET_CORES):
        runs.append(await once(scene, contender, way, size, busy, seconds))
    return min(runs, key=lambda run: run.others)


def line(name: str, results: list[Result], base: list[Result] | None) -> str:
    """Return the median of the rounds, and its ratio to another contender's."""

    def middle(given: list[Result]) -> list[float]:
        return [
            statistics.median(result.fps for result in given),
            statistics.median(percentile(result.latencies, 50) for result in given),
            statistics.median(percentile(result.latencies, 95) for result in given),
            statistics.median(result.cpu for result in given),
        ]

    fps, p50, p95, cpu = middle(results)
    text = f"{name:5} {fps:5.1f} fps  p50 {p50:6.1f} ms  p95 {p95:6.1f} ms  {cpu:5.2f} ms CPU per frame"
    text += f"  {'/'.join(sorted({result.size for result in results}))}"
    text += f"  {statistics.median(result.bitrate for result in results):.1f} Mbit/s"
    unread = sum(result.unread for result in results)
    text += f"  ({unread} unreadable)" if unread else ""
    others = max(result.others for result in results)
    text += f"  (others used {others:.2f} cores)" if others > QUIET_CORES else ""
    if base is not None:
        _, base_p50, base_p95, base_cpu = middle(base)
        text += f"   ours to it: p50 {base_p50 / p50:.2f}, p95 {base_p95 / p95:.2f}, CPU {base_cpu / cpu:.2f}"
    return text


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=6.0, help="of measuring, per run")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--contenders", nargs="+", choices=PROGRAMS, default=["ours", "bare"])
    parser.add_argument("--sizes", nargs="+", default=["640x480", "1280x720"])
    parser.add_argument("--ways", nargs="+", choices=("in", "out"), default=["in", "out"])
    parser.add_argument("--states", nargs="+", choices=("idle", "busy"), default=["idle", "busy"])
    given = parser.parse_args()
    async with stage() as scene:
        for way, size, state in itertools.product(given.ways, given.sizes, given.states):
            width, height = map(int, size.split("x"))
            results: dict[str, list[Result]] = {name: [] for name in given.contenders}
            for _, name in itertools.product(range(given.rounds), given.contenders):
                result = await undisturbed(scene, name, way, (width, height), state == "busy", given.seconds)
                results[name].append(result)
            print(f"{way}, {size}, kernel {state}", flush=True)
            for name in given.contenders:
                base = results.get("ours") if name != "ours" else None
                print(f"  {line(name, results[name], base)}", flush=True)


if __name__ == "__main__":
    asyncio.run(main())
