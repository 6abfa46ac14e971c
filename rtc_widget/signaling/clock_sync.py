"""How far this process's clock is from the relay's: the twin of ``js/src/signaling/clock-sync.ts``.

So that what several participants report can be put in one order (F. Cristian, "Probabilistic clock synchronization",
1989).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..errors import ProtocolError
from .client import RelayClient

_QUESTIONS: Final = 5
# After joining, so that it takes nothing from the first offers.
_FIRST_SECONDS: Final = 0.3
_EVERY_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Offset:
    """The difference between two clocks.

    Attributes
    ----------
    offset : float
        The relay's clock minus ours, in milliseconds.
    error : float
        By how much that may be off: half of what the question took.
    """

    offset: float
    error: float


def now() -> float:
    """Return milliseconds since the epoch, as reports have them."""
    return time.time() * 1000


async def measure_offset(client: RelayClient) -> Offset:
    """Ask the relay a few times; the quickest answer was held up least.

    Raises
    ------
    ProtocolError
        ``unknown_event`` from a relay of before there was a clock, ``timeout``.
    """
    offsets = []
    for _question in range(_QUESTIONS):
        began = now()
        answer = await client.request("clock", {})
        error = (now() - began) / 2
        offsets.append(Offset(answer["time"] - began - error, error))
    return min(offsets, key=lambda measured: measured.error)


async def keep_time(client: RelayClient, tell: Callable[[Offset], None]) -> None:
    """Measure soon, and then now and again for as long as the client is connected; what fails is tried the next time."""
    pause = _FIRST_SECONDS
    while not client.gone.is_set():
        try:
            async with asyncio.timeout(pause):
                await client.gone.wait()
        except TimeoutError:
            pause = _EVERY_SECONDS
            try:
                tell(await measure_offset(client))
            except ProtocolError as error:
                if error.code == "unknown_event":
                    return
