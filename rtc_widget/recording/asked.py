"""Checks of what users ask of a recording, and what is said of it in words."""

from __future__ import annotations

import importlib.util
import math
from pathlib import Path
from typing import Final

from ..errors import InvalidArgumentError, RtcWidgetError
from .contents import PART, SUFFIX, Span

MB: Final = 1_000_000
"""Bytes."""


def place_of(path: str | Path) -> Path:
    """Return where a recording is that is called so."""
    if not isinstance(path, str | Path):
        raise InvalidArgumentError("bad_argument", f"A recording's path is a text or a Path, not {path!r}.")
    given = Path(path)
    named = given if given.name.endswith((SUFFIX, SUFFIX + PART)) else given.with_name(given.name + SUFFIX)
    for candidate in (named, given, named.with_name(named.name + PART)):
        if candidate.is_file() or (candidate.is_dir() and candidate.name.endswith(PART)):
            return candidate
    msg = f"There is no recording {str(given)!r}: neither a file {named.name!r} nor a folder {named.name + PART!r}."
    raise InvalidArgumentError("bad_recording", msg)


def check_installed(what: str) -> None:
    """Say what to install where what media need is missing.

    Raises
    ------
    RtcWidgetError
        ``peer_missing``.
    """
    names = " and ".join(name for name in ("av", "numpy") if importlib.util.find_spec(name) is None)
    if names:
        msg = f'{what} needs {names}, not installed here: pip install "rtc-widget[peer]"'
        raise RtcWidgetError("peer_missing", msg)


def number(what: str, value: object) -> float:
    """Return a number that is one."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidArgumentError("bad_argument", f"{what} is a number, not {value!r}.")
    return float(value)


def bytes_of(max_mb: float | None) -> int | None:
    """Return how many bytes a page may have; None for all there is."""
    if max_mb is None:
        return None
    value = number("max_mb", max_mb)
    if value <= 0:
        msg = f"max_mb is a number of million bytes above 0, or None for all there is, not {max_mb!r}."
        raise InvalidArgumentError("bad_argument", msg)
    return int(value * MB)


def spoken(spans: tuple[Span, ...], begins: float) -> str:
    """Return when something is, in words."""
    said = [f"from {begins + start:.1f} to {begins + end:.1f} s" for start, end in spans]
    return " and ".join(part for part in (", ".join(said[:-1]), *said[-1:]) if part) or "never"
