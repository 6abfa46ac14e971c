"""Checks of the arguments of recordings, and texts about them."""

from __future__ import annotations

import contextlib
import importlib.util
from os import PathLike
from pathlib import Path
from typing import Final

from ..errors import InvalidArgumentError, RtcWidgetError
from ..runtime.paths import check_path
from ..runtime.text import listed
from ..runtime.validation import check_number
from .contents import PART, SUFFIX, Span

MB: Final = 1_000_000
"""Bytes in a megabyte, as the sizes of recordings are given."""

# Larger values mean no limit.
_MOST_MB: Final = 1e9
_LONGEST_TITLE: Final = 200


def existing_path(path: str | PathLike[str]) -> Path:
    """Find the file or folder of a recording.

    Parameters
    ----------
    path : str or path-like
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


def check_title(value: object) -> str:
    """Check a chapter's title.

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
        ``bad_argument`` for what is not a text, for a blank one, and for one of more than 200 characters.
    """
    if not isinstance(value, str) or not value.strip():
        raise InvalidArgumentError(
            "bad_argument", f"A chapter's title must be a non-empty str, not {value!r}."
        )
    if len(value) > _LONGEST_TITLE:
        msg = f"A chapter's title has at most {_LONGEST_TITLE} characters, and this one {len(value)}: shorten it."
        raise InvalidArgumentError("bad_argument", msg)
    return value


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
