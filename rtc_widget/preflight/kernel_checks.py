"""The kernel's part: all of its checks, side by side, none of them for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

from ..relay.address import Relay
from . import packages, places, stun
from .finding import Finding

# A relay that is started takes about a second, several on a machine that is busy; one that does not come up, twenty.
SECONDS: Final = 10.0

_AT_ONCE: Final[tuple[tuple[str, Callable[[], Finding]], ...]] = (
    ("Host", places.host),
    ("Python", packages.python),
    ("Widgets", packages.widgets),
    ("Front end", places.front_end),
    ("Peer in Python", packages.peer),
    ("Busy cells", packages.ipykernel),
)


async def examine(
    relay: Relay | None, ice_servers: Sequence[Mapping[str, Any]], room: str
) -> tuple[Finding, ...]:
    """Return the kernel's findings; takes `SECONDS` at most, and never raises."""
    found = [_look(name, check) for name, check in _AT_ONCE]
    slow = [_within("Relay", _relay(relay, room))]
    slow += [_within(url, _stun(url)) for url in stun.urls_of(ice_servers)]
    for findings in await asyncio.gather(*slow):
        found += findings
    return tuple(found)


async def _relay(relay: Relay | None, room: str) -> list[Finding]:
    from . import relay_check as checks  # needs aiohttp and python-socketio, whose lack is a finding

    return await checks.check(relay, room)


async def _stun(url: str) -> list[Finding]:
    return [await stun.check(url)]


def _look(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # a doctor who faints is of no use
        return _broken(name, error)


async def _within(name: str, check: Coroutine[Any, Any, list[Finding]]) -> list[Finding]:
    try:
        async with asyncio.timeout(SECONDS):
            return await check
    except TimeoutError:
        text = f"It did not come to an end in {SECONDS:.0f} s."
        return [Finding(name, "problem", text, "Run it once more; if it stays so, restart the kernel.")]
    except ImportError as error:
        advice = "pip install --upgrade rtc-widget, then restart the kernel."
        return [Finding(name, "problem", f"{error.name} is not installed.", advice)]
    except Exception as error:
        return [_broken(name, error)]


def _broken(name: str, error: Exception) -> Finding:
    # Only the kind: an error's text may hold addresses.
    return Finding(name, "not checked", f"The check itself failed ({type(error).__name__}).")
