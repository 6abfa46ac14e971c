"""Checks of the arguments of recordings, and texts about them."""

from __future__ import annotations

import contextlib
import importlib.util
import os
from pathlib import Path
from typing import Final

from ..errors import InvalidArgumentError, RtcWidgetError
from ..runtime import validation
from ..runtime.text import listed
from .contents import PART, SUFFIX, Span

MB: Final = 1_000_000
"""Bytes in a megabyte, as the sizes of recordings are given."""

# Bytes; leaves room, below the limit of file systems, for suffixes of temporary files.
_LONGEST_NAME: Final = 200
# Larger values mean no limit.
_MOST_MB: Final = 1e9
_LONGEST_QUOTE: Final = 60
_LONGEST_TITLE: Final = 200


def existing_path(path: str | Path) -> Path:
    """Find the file or folder of a recording.

    Parameters
    ----------
    path : str or Path
        "lesson3" or "lesson3.rtcw.zip", or the folder of an unfinished recording.

    Returns
    -------
    Path
        The file, else the staging folder of an unfinished recording.

    Raises
    ------
    InvalidArgumentError
        ``bad_recording`` when there is none; ``bad_argument`` for what cannot be a path.
    """
    given = check_path("A recording's path", path)
    named = given if given.name.endswith((SUFFIX, SUFFIX + PART)) else given.with_name(given.name + SUFFIX)
    with contextlib.suppress(OSError):
        for candidate in (named, given, named.with_name(named.name + PART)):
            if candidate.is_file() or (candidate.is_dir() and candidate.name.endswith(PART)):
                return candidate
    msg = f"There is no recording {str(given)!r}: found neither the file {named.name!r} nor the folder {named.name + PART!r}."
    raise InvalidArgumentError("bad_recording", msg)


def check_path(what: str, path: str | Path) -> Path:
    """Check that a path can be that of a file, and make it absolute.

    Parameters
    ----------
    what : str
        What the path is of, for the error message.
    path : str or Path
        The path to check.

    Returns
    -------
    Path
        The absolute path.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for another type, and for a path without a usable file name.
    """
    if not isinstance(path, str | Path):
        raise InvalidArgumentError("bad_argument", f"{what} must be a str or a Path, not {path!r}.")
    given = Path(path)
    try:
        is_long = len(os.fsencode(given.name)) > _LONGEST_NAME
    except ValueError:
        is_long = True
    if given.name in ("", "..") or is_long or "\0" in str(given):
        quoted = str(path) if len(str(path)) <= _LONGEST_QUOTE else f"{str(path)[:_LONGEST_QUOTE]}…"
        raise InvalidArgumentError("bad_argument", f"{what} must end with a file name, not {quoted!r}.")
    return given.absolute()


def check_flag(what: str, value: object) -> bool:
    """Check that a value is True or False: other values, such as "no", would count as true.

    Parameters
    ----------
    what : str
        The argument's name, for the error message.
    value : object
        The value to check.

    Returns
    -------
    bool
        The value.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    if not isinstance(value, bool):
        raise InvalidArgumentError("bad_argument", f"{what} must be True or False, not {value!r}.")
    return value


def check_title(value: object) -> str:
    """Check a chapter's title, and cut it to 200 characters.

    Parameters
    ----------
    value : object
        The title.

    Returns
    -------
    str
        The title, at most 200 characters.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for what is not a text, and for a blank one.
    """
    if not isinstance(value, str) or not value.strip():
        raise InvalidArgumentError(
            "bad_argument", f"A chapter's title must be a non-empty str, not {value!r}."
        )
    return value[:_LONGEST_TITLE]


def reason_of(error: BaseException) -> str:
    """Return why something failed, in a few words: an operating system's own where it has some.

    Parameters
    ----------
    error : BaseException
        The exception.

    Returns
    -------
    str
        The reason, without a full stop at the end.
    """
    return str(getattr(error, "strerror", None) or error).rstrip(".") or type(error).__name__


def check_installed(what: str) -> None:
    """Check that the packages that media need are installed.

    Parameters
    ----------
    what : str
        What needs them, the subject of the error message.

    Raises
    ------
    RtcWidgetError
        ``peer_missing``, with the command that installs them.
    """
    names = " and ".join(name for name in ("av", "numpy") if importlib.util.find_spec(name) is None)
    if names:
        msg = f'{what} needs {names}, not installed here: pip install "rtc-widget[peer]"'
        raise RtcWidgetError("peer_missing", msg)


def check_number(what: str, value: object) -> float:
    """Check that a value is a finite number.

    Parameters
    ----------
    what : str
        The argument's name, for the error message.
    value : object
        The value to check.

    Returns
    -------
    float
        The number.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` for what is not a number, is infinite or NaN, or does not fit into a float.
    """
    found = validation.number(value)
    if found is not None:
        return found
    if isinstance(value, int) and not isinstance(value, bool):
        raise InvalidArgumentError("bad_argument", f"{what} must be a smaller number.")
    raise InvalidArgumentError("bad_argument", f"{what} must be a finite number, not {value!r}.")


def byte_limit(max_mb: float | None) -> int | None:
    """Convert the ``max_mb`` of a page into bytes.

    Parameters
    ----------
    max_mb : float or None
        Megabytes, above 0; None for no limit.

    Returns
    -------
    int or None
        Bytes; None for no limit.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``.
    """
    if max_mb is None:
        return None
    value = check_number("max_mb", max_mb)
    if value <= 0:
        msg = f"max_mb must be a number of megabytes above 0, or None for no limit, not {max_mb!r}."
        raise InvalidArgumentError("bad_argument", msg)
    return int(min(value, _MOST_MB) * MB)


def describe_spans(spans: tuple[Span, ...], begins: float) -> str:
    """Describe spans of time for an error message.

    Parameters
    ----------
    spans : tuple of Span
        Start and end of each span, seconds.
    begins : float
        Added to all times: when the time 0 of the spans is, seconds since the recording began.

    Returns
    -------
    str
        Such as "from 0.2 to 7.8 s", or "never".
    """
    texts = [f"from {begins + start:.1f} to {begins + end:.1f} s" for start, end in spans]
    return listed(texts) or "never"
