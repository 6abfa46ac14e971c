"""From `Peer(...)` to `frame()` having returned a picture, with a browser already in the room and showing something.

Cold is the first peer of a kernel, whose media process has yet to start; warm is one beside another. Importing this
package is not counted. Beside it, as a floor, bare aiortc with a process of its own: from starting that to the first
picture in the kernel, the browser's offer in one request (`peer_bare`).

    python benchmarks/peer_first.py [ROUNDS]
"""

from __future__ import annotations

import asyncio
import sys

from common import summary
from peer_drive import Stage, kernel, stage

PICTURE = {"width": 640, "height": 480, "fps": 30}
PAUSE_SECONDS = 0.5


async def ours(scene: Stage, *, warm: bool) -> float:
    async with kernel("peer_ours") as side:
        if warm:
            await side.do("warm", **scene.room())
        place = await scene.enter(PICTURE)
        await asyncio.sleep(PAUSE_SECONDS)
        await side.do("open", **place)
        return float(await side.do("first"))


async def bare(scene: Stage) -> float:
    async with kernel("peer_bare", "memory") as side:
        await scene.connect("bare", side, PICTURE, wait=False)
        return float(await side.do("first"))


async def main(rounds: int) -> None:
    times: dict[str, list[float]] = {"cold": [], "warm": [], "bare": []}
    async with stage() as scene:
        for number in range(rounds + 1):
            took = {
                "cold": await ours(scene, warm=False),
                "warm": await ours(scene, warm=True),
                "bare": await bare(scene),
            }
            for name, milliseconds in took.items():
                if number > 0:  # the first round warms up
                    times[name].append(milliseconds)
    for name, values in times.items():
        print(f"{name:5} {summary(values)} ms")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]) if len(sys.argv) > 1 else 15))
