"""How much passes towards a server: packets that leave at once arrive as fast as the narrowest line on their way lets them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .finding import Finding

PACKETS: Final = 32
"""Packets of a train."""
PACKET_BYTES: Final = 1200
"""Size of each, as those of a call (without the headers of UDP and IP)."""
TRAINS: Final = 3
"""How many are sent at most."""

# Answers to less of a train tell nothing: a server may refuse what comes at once, or what is large.
_FEWEST: Final = 24
# Chromium sends 640 by 360 pixels with up to 1.7 Mbit/s, and sound and other pages want their share.
_NARROW: Final = 3e6
# A faster line takes less time for a train than a busy process takes to look.
_FASTEST: Final = 20e6


def rate_of(train: Sequence[float]) -> float | None:
    """Compute what has passed per second while a train came.

    Parameters
    ----------
    train : sequence of float
        When each of its packets was answered, seconds.

    Returns
    -------
    float or None
        Bits per second; None where too few were answered.
    """
    if len(train) < _FEWEST:
        return None
    # A line's shaper lets the first packets after a pause through as they are: what follows is as fast as the line.
    second = sorted(train)[len(train) // 2 :]
    return (len(second) - 1) * PACKET_BYTES * 8 / max(second[-1] - second[0], 1e-6)


def is_enough(train: Sequence[float]) -> bool:
    """Tell whether a train says all there is to say, so that no other has to be sent.

    Parameters
    ----------
    train : sequence of float
        As for `rate_of`.

    Returns
    -------
    bool
        False where it was slow: something else may have been in its way.
    """
    rate = rate_of(train)
    return rate is None or rate >= _NARROW


def conclude(url: str, trains: Sequence[Sequence[float]]) -> list[Finding]:
    """Say what trains to a server mean.

    Parameters
    ----------
    url : str
        The server's address.
    trains : sequence of sequence of float
        As for `rate_of`.

    Returns
    -------
    list of Finding
        One, or nothing where no train says anything.
    """
    rates = [rate for train in trains if (rate := rate_of(train)) is not None]
    if not rates:
        return []
    # What is in the way of a train makes it slower; what makes it look faster, a process that looks late, is no warning.
    rate = max(rates)
    if rate >= _FASTEST:
        return [Finding("UDP rate", "good", f"More than {_FASTEST / 1e6:.0f} Mbit/s pass to {url}.")]
    text = f"About {rate / 1e6:.1f} Mbit/s pass to {url}."
    if rate >= _NARROW:
        return [Finding("UDP rate", "good", text)]
    return [
        Finding(
            "UDP rate",
            "warning",
            text,
            "A camera takes up to 1.7 Mbit/s to each of the others, and gets coarser where less passes: have fewer people"
            " in the room, or mute the video.",
        )
    ]
