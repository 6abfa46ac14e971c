"""Waiting for a condition, and never for a time."""

from __future__ import annotations

import asyncio
import inspect
import time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


T = TypeVar("T")

POLL = 0.02
# Whoever has waited for long can wait a little longer: each look costs a page and a kernel time that what is awaited needs.
MOST_POLL = 0.1

# Within 2 s whoever goes is gone where nothing else is going on: a figure of benchmarks/leave.py. A browser that is told
# nothing takes 15 s to notice, so that this still tells one from the other on a machine that is busy.
GONE_SECONDS = 8.0


async def wait_for(predicate: Callable[[], T | Awaitable[T]], timeout: float = 30, what: str = "") -> T:
    """Call ``predicate`` until it returns something true, and return that.

    An exception of the predicate counts as "not yet": a page that is still loading raises. The error at
    the end names what was waited for and the last value or exception seen.
    """
    what = what or getattr(predicate, "__name__", repr(predicate))
    began = time.monotonic()
    deadline = began + timeout
    while True:
        try:
            last: Any = predicate()
            if inspect.isawaitable(last):
                # What never answers is not waited for longer than that.
                last = await asyncio.wait_for(last, max(deadline - time.monotonic(), 1.0))
        except Exception as error:
            last = error
        else:
            if last:
                return last
        if time.monotonic() > deadline:
            message = f"waited {timeout:g} s for {what}; last seen: {last!r}"
            raise TimeoutError(message) from (last if isinstance(last, Exception) else None)
        await asyncio.sleep(min(POLL + (time.monotonic() - began) / 10, MOST_POLL))


def wait_until(predicate: Callable[[], T], timeout: float = 30, what: str = "") -> T:
    """`wait_for` for code without a running event loop."""
    return asyncio.run(wait_for(predicate, timeout, what))
