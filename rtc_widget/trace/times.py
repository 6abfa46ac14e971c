"""Time spans in words."""

from __future__ import annotations

import math


def duration(seconds: float) -> str:
    """Format a time span.

    Parameters
    ----------
    seconds : float
        The time span.

    Returns
    -------
    str
        Such as "3.2 ms" or "1.5 s".
    """
    if seconds < 0.00095:
        return f"{seconds * 1000:.2f} ms"
    if seconds < 0.00995:
        return f"{seconds * 1000:.1f} ms"
    return f"{seconds * 1000:.0f} ms" if seconds < 0.9995 else f"{seconds:.1f} s"


def transit(seconds: float, error: float) -> str:
    """Format how long something was on its way from one clock to another.

    Parameters
    ----------
    seconds : float
        By the two clocks.
    error : float
        How far that may be off, seconds; infinite where the clocks were never compared.

    Returns
    -------
    str
        Such as "3.2 ms"; "≤10 ms" where it was less than can be told.
    """
    return within(seconds, error) or duration(seconds)


def within(seconds: float, error: float) -> str:
    """Format a time that is shorter than its error.

    Parameters
    ----------
    seconds, error : float
        As for `transit`.

    Returns
    -------
    str
        Such as "≤10 ms"; empty for any other time.
    """
    if seconds >= error or math.isinf(error):
        return ""
    return f"≤{math.ceil((seconds + error) * 1000)} ms"


def span(least: float, most: float) -> str:
    """Format the time spans of several things.

    Parameters
    ----------
    least, most : float
        The shortest and the longest, in seconds.

    Returns
    -------
    str
        Such as "3.1 s", or two numbers with a dash.
    """
    one, other = duration(least), duration(most)
    if one == other:
        return one
    number, unit = one.split(" ")
    return f"{number if other.split(' ')[1] == unit else one}\N{EN DASH}{other}"


def moment(seconds: float) -> str:
    """Format a time since the first signaling event.

    Parameters
    ----------
    seconds : float
        The time.

    Returns
    -------
    str
        Such as "118 ms" or "3.74 s"; negative before the first signaling event.
    """
    if abs(seconds) < 0.9995:
        return f"{seconds * 1000:.0f} ms".replace("-0 ms", "0 ms")
    return f"{seconds:.2f} s"
