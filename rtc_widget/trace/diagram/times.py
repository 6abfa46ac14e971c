"""Time spans in words."""

from __future__ import annotations


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
