"""Compares this process's clock with the relay's: the twin of ``js/src/signaling/clock-sync.ts``.

It allows the reports of several participants to be put in one order (F. Cristian, "Probabilistic clock
synchronization", 1989).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from ..errors import ProtocolError
from ..protocol.limits import seconds
from .client import RelayClient

_SAMPLES: Final = 5
# Some time after joining, so as not to delay the first offers.
_FIRST_SECONDS: Final = seconds("clock_first")
_EVERY_SECONDS: Final = seconds("clock_every")


@dataclass(frozen=True, slots=True)
class Offset:
    """The difference between two clocks.

    Attributes
    ----------
    offset : float
        The relay's clock minus ours, ms.
    error : float
        By how much that may be off, ms: half the round trip.
    """

    offset: float
    error: float


def now() -> float:
    """Return the time as reports have it.

    Returns
    -------
    float
        Milliseconds since the epoch.
    """
    return time.time() * 1000


async def measure_offset(client: RelayClient) -> Offset:
    """Ask the relay for its time several times; the fastest answer was delayed least.

    Parameters
    ----------
    client : RelayClient
        A connected client.

    Returns
    -------
    Offset
        The most exact measurement.

    Raises
    ------
    ProtocolError
        ``timeout``; ``unknown_event`` from an old relay without a clock.
    """
    offsets = []
    for _sample in range(_SAMPLES):
        began = now()
        answer = await client.request("clock", {})
        error = (now() - began) / 2
        offsets.append(Offset(answer["time"] - began - error, error))
    return min(offsets, key=lambda measured: measured.error)


async def keep_time(client: RelayClient, report: Callable[[Offset], None]) -> None:
    """Measure the offset soon, and then every 30 s while the client is connected; a failed measurement is skipped.

    Parameters
    ----------
    client : RelayClient
        A connected client.
    report : callable
        Takes each measurement.
    """
    pause = _FIRST_SECONDS
    while not client.gone.is_set():
        try:
            async with asyncio.timeout(pause):
                await client.gone.wait()
        except TimeoutError:
            pause = _EVERY_SECONDS
            try:
                report(await measure_offset(client))
            except ProtocolError as error:
                if error.code == "unknown_event":
                    return
