"""What a kernel and its media process hold while 1280x720 comes in at 30 fps and the consumer is slow, or is none.

Resident memory of both, with what they share counted in each, from ten seconds after the connection on.

    python benchmarks/peer_memory.py [MINUTES]
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import time

import psutil
from peer_drive import Stage, kernel, stage

PICTURE = {"width": 1280, "height": 720, "fps": 30}
WARM_SECONDS = 10.0
SAMPLE_SECONDS = 1.0
MIB = 1 << 20


async def watch(scene: Stage, consumer: str, minutes: float) -> None:
    async with kernel("peer_ours") as side:
        await scene.connect("ours", side, PICTURE)
        if consumer == "1 fps":
            await side.do("poll", fps=1)
        elif consumer == "one frame":
            await side.do("first")
        processes = {"kernel": psutil.Process(side.pid), "media process": side.media_process()}
        await asyncio.sleep(WARM_SECONDS)
        samples: dict[str, list[float]] = {name: [] for name in processes}
        times: list[float] = []
        before = (await scene.figures())["sent"]["framesSent"]
        began = time.monotonic()
        while times[-1:] < [60 * minutes]:
            for name, process in processes.items():
                samples[name].append(process.memory_info().rss / MIB)
            times.append(time.monotonic() - began)
            await asyncio.sleep(SAMPLE_SECONDS)
        sent = (await scene.figures())["sent"]
        fps = (sent["framesSent"] - before) / (time.monotonic() - began)
        print(
            f"consumer: {consumer}; {sent['frameWidth']}x{sent['frameHeight']} at {fps:.1f} fps", flush=True
        )
        for name, values in samples.items():
            slope = statistics.linear_regression(times, values).slope * 60
            print(
                f"  {name:13} {values[0]:6.1f} MiB at the start, {values[-1]:6.1f} at the end,"
                f" {max(values):6.1f} at most, {slope:+.2f} MiB per minute",
                flush=True,
            )
        await scene.page.evaluate("() => peer.end()")


async def main(minutes: float) -> None:
    async with stage() as scene:
        for consumer in ("1 fps", "one frame", "none"):
            await watch(scene, consumer, minutes)


if __name__ == "__main__":
    asyncio.run(main(float(sys.argv[1]) if len(sys.argv) > 1 else 2))
