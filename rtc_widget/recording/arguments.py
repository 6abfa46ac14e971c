"""Checks of what users ask of a recording, and what is said of it in words."""

from __future__ import annotations

import contextlib
import importlib.util
import math
import os
from pathlib import Path
from typing import Final

from ..errors import InvalidArgumentError, RtcWidgetError
from ..runtime.text import listed
from .contents import PART, SUFFIX, Span

MB: Final = 1_000_000
"""Bytes."""

# Of what file systems take for a name, something is left for what is added while a file is made.
_LONGEST_NAME: Final = 200
# Anything above is all there is.
_MOST_MB: Final = 1e9
_SAID: Final = 60
_LONGEST_TITLE: Final = 200


def place_of(path: str | Path) -> Path:
    """Return where a recording is that is called so."""
    given = path_of("A recording's path", path)
    named = given if given.name.endswith((SUFFIX, SUFFIX + PART)) else given.with_name(given.name + SUFFIX)
    with contextlib.suppress(OSError):
        for candidate in (named, given, named.with_name(named.name + PART)):
            if candidate.is_file() or (candidate.is_dir() and candidate.name.endswith(PART)):
                return candidate
    msg = f"There is no recording {str(given)!r}: neither a file {named.name!r} nor a folder {named.name + PART!r}."
    raise InvalidArgumentError("bad_recording", msg)


def path_of(what: str, path: str | Path) -> Path:
    """Return a path that can be that of a file, from the root on.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    if not isinstance(path, str | Path):
        raise InvalidArgumentError("bad_argument", f"{what} is a text or a Path, not {path!r}.")
    given = Path(path)
    try:
        is_long = len(os.fsencode(given.name)) > _LONGEST_NAME
    except ValueError:
        is_long = True
    if given.name in ("", "..") or is_long or "\0" in str(given):
        said = str(path) if len(str(path)) <= _SAID else f"{str(path)[:_SAID]}…"
        raise InvalidArgumentError("bad_argument", f"{what} ends with the name of a file, not {said!r}.")
    return given.absolute()


def flag(what: str, value: object) -> bool:
    """Return a flag that is one: "no" is true."""
    if not isinstance(value, bool):
        raise InvalidArgumentError("bad_argument", f"{what} is True or False, not {value!r}.")
    return value


def title_of(value: object) -> str:
    """Return a chapter's title, 200 characters of it.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    if not isinstance(value, str) or not value.strip():
        raise InvalidArgumentError("bad_argument", f"A chapter's title is a text, not {value!r}.")
    return value[:_LONGEST_TITLE]


def reason_of(error: BaseException) -> str:
    """Return why something failed, in a few words."""
    return str(getattr(error, "strerror", None) or error).rstrip(".") or type(error).__name__


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
    try:
        if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
            return float(value)
    except OverflowError:
        raise InvalidArgumentError("bad_argument", f"{what} is a smaller number.") from None
    raise InvalidArgumentError("bad_argument", f"{what} is a number, not {value!r}.")


def bytes_of(max_mb: float | None) -> int | None:
    """Return how many bytes a page may have; None for all there is."""
    if max_mb is None:
        return None
    value = number("max_mb", max_mb)
    if value <= 0:
        msg = f"max_mb is a number of million bytes above 0, or None for all there is, not {max_mb!r}."
        raise InvalidArgumentError("bad_argument", msg)
    return int(min(value, _MOST_MB) * MB)


def spoken(spans: tuple[Span, ...], begins: float) -> str:
    """Return when something is, in words."""
    said = [f"from {begins + start:.1f} to {begins + end:.1f} s" for start, end in spans]
    return listed(said) or "never"
