"""Checks whether the kernel can find or start its relay, how fast it answers, and how the clocks differ."""

from __future__ import annotations

import asyncio
import time

from ..errors import RtcWidgetError
from ..relay.address import Relay
from ..signaling.client import RelayClient
from ..signaling.clock_sync import Offset, measure_offset
from .finding import Finding

# Refusals that only a relay sends.
_REACHED = frozenset({"bad_token", "token_expired", "wrong_room"})
_CLOCKS_MS = 5_000.0


async def find(given: Relay | None) -> Relay:
    """Return the relay that calls would use; the user's own is started if necessary.

    Parameters
    ----------
    given : Relay or None
        The relay to check, None for the user's own.

    Returns
    -------
    Relay
        The relay.
    """
    return given if given is not None else await asyncio.to_thread(Relay.local)


async def check(given: Relay | None, room: str) -> list[Finding]:
    """Check the connection to the relay, and the clocks.

    Parameters
    ----------
    given : Relay or None
        The relay to check, None for the user's own.
    room : str
        A room's name, for a token.

    Returns
    -------
    list of Finding
        The findings about the relay and the clock.
    """
    began = time.perf_counter()
    try:
        relay = await find(given)
        found = (time.perf_counter() - began) * 1000
        offset = await _measure(relay, room)
    except RtcWidgetError as error:
        return [_failed(given, error)]
    if given is None:
        text = f"This machine's own was found after {found:.0f} ms"
    else:
        text = "The given relay can be reached"
    if offset is None:
        return [
            Finding("Relay", "good", f"{text}; further checks require its secret or a token."),
            Finding("Clock", "not checked", "The relay only tells its time to clients with a token."),
        ]
    return [
        Finding("Relay", "good", f"{text}, and answers the kernel in {offset.error * 2:.1f} ms."),
        _clock(offset),
    ]


async def _measure(relay: Relay, room: str) -> Offset | None:
    """Return how the clocks differ, None where the relay wants a token that we cannot make."""
    auth = {"token": relay.token(room, role="observer", expires=60)} if relay.can_sign else {}
    try:
        client = await RelayClient.connect(relay.url, room, auth, lambda _event, _payload: None)
    except RtcWidgetError as error:
        if error.code in _REACHED and not relay.can_sign:
            return None
        raise
    try:
        return await measure_offset(client)
    finally:
        await client.close()


def _failed(given: Relay | None, error: RtcWidgetError) -> Finding:
    # Error messages may contain the relay's address, which must not be saved in notebooks.
    if error.code in _REACHED:
        return Finding(
            "Relay",
            "problem",
            "The relay can be reached, but refuses tokens that are signed with this secret.",
            "Ask its owner for the secret, or omit relay= to use this machine's own.",
        )
    if given is None:
        return Finding(
            "Relay",
            "problem",
            f"This machine's own relay does not start ({error.code}).",
            "See rtc_widget-relay-*.log in the folder that `jupyter --runtime-dir` names.",
        )
    return Finding(
        "Relay",
        "problem",
        f"The given relay does not answer the kernel ({error.code}).",
        "Check its address and that it runs, or omit relay= to use this machine's own.",
    )


def _clock(offset: Offset) -> Finding:
    text = f"The relay's clock is {_signed(offset.offset)} ms from the kernel's (± {offset.error:.1f} ms)."
    if abs(offset.offset) - offset.error < _CLOCKS_MS:
        return Finding("Clock", "good", text)
    return Finding("Clock", "warning", text, "Synchronize the clocks of both machines (NTP).")


def _signed(ms: float) -> str:
    return f"{round(ms):+d}" if round(ms) else "0"
