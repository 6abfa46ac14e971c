"""The kernel's checks, run concurrently with a time limit."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any, Final

from ..relay.address import Relay
from . import packages, places, stun, udp_path
from .finding import Finding

# Starting a relay takes about a second, several on a busy machine; failing to start one, twenty.
SECONDS: Final = 10.0

_QUICK: Final[tuple[tuple[str, Callable[[], Finding]], ...]] = (
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
    """Run all of the kernel's checks. Takes at most `SECONDS`, and never raises.

    Parameters
    ----------
    relay : Relay or None
        The relay to check, None for the user's own.
    ice_servers : sequence of mapping
        ``RTCIceServer`` dictionaries.
    room : str
        A room's name, for a token.

    Returns
    -------
    tuple of Finding
        The findings.
    """
    found = [_run_check(name, check) for name, check in _QUICK]
    slow = [_within("Relay", _relay(relay, room))]
    urls = stun.urls_of(ice_servers)
    if urls:
        slow.append(_within("UDP path", udp_path.check(urls)))
    for url in urls:
        slow.append(_within(url, _stun(url, *stun.credentials(ice_servers, url))))
    for findings in await asyncio.gather(*slow):
        found += findings
    return (*found, *stun.concluded(found))


async def _relay(relay: Relay | None, room: str) -> list[Finding]:
    from . import (
        relay_check as checks,  # needs aiohttp and python-socketio; if they are missing, that is a finding
    )

    return await checks.check(relay, room)


async def _stun(url: str, username: str, credential: str) -> list[Finding]:
    return [await stun.check(url, username, credential)]


def _run_check(name: str, check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # one failing check must not cost the others
        return _check_failed(name, error)


async def _within(name: str, check: Coroutine[Any, Any, list[Finding]]) -> list[Finding]:
    try:
        async with asyncio.timeout(SECONDS):
            return await check
    except TimeoutError:
        text = f"The check timed out after {SECONDS:.0f} s."
        return [Finding(name, "problem", text, "Run it again; if it times out again, restart the kernel.")]
    except ImportError as error:
        advice = "pip install --upgrade rtc-widget, then restart the kernel."
        return [Finding(name, "problem", f"{error.name} is not installed.", advice)]
    except Exception as error:
        return [_check_failed(name, error)]


def _check_failed(name: str, error: Exception) -> Finding:
    # Only the kind: an error's text may hold addresses.
    return Finding(name, "not checked", f"The check itself failed ({type(error).__name__}).")
