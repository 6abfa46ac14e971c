"""Paths that users give, and why a file could not be read or written."""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Iterator
from os import PathLike
from pathlib import Path
from typing import Final

from ..errors import InvalidArgumentError

# Bytes; leaves room, below the limit of file systems, for suffixes of temporary files.
_LONGEST_NAME: Final = 200
_LONGEST_QUOTE: Final = 60
# Also of a recording of which the end is missing.
_ARCHIVE_MARK: Final = b"PK\x03\x04"


def check_path(what: str, path: str | PathLike[str]) -> Path:
    """Check that a path can be that of a file, and make it absolute.

    Parameters
    ----------
    what : str
        What the path is of, for the error message.
    path : str or path-like
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
    if not isinstance(path, str | PathLike):
        raise InvalidArgumentError("bad_argument", f"{what} must be a str or a path, not {path!r}.")
    given = Path(os.fspath(path))
    try:
        is_long = len(os.fsencode(given.name)) > _LONGEST_NAME
    except ValueError:
        is_long = True
    if given.name in ("", "..") or is_long or "\0" in str(given):
        quoted = str(path) if len(str(path)) <= _LONGEST_QUOTE else f"{str(path)[:_LONGEST_QUOTE]}…"
        raise InvalidArgumentError("bad_argument", f"{what} must end with a file name, not {quoted!r}.")
    return given.absolute()


def check_target(what: str, path: str | PathLike[str], *suffixes: str) -> Path:
    """Check that a path can be that of a file to write, which is no recording: `check_path` with more.

    Parameters
    ----------
    what : str
        What is written, for the error message: "A page".
    path : str or path-like
        The path to check.
    *suffixes : str
        The suffixes that it may have, in lower case; any when left out.

    Returns
    -------
    Path
        The absolute path.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument``, also for another suffix, and for an existing recording, which may be what is being read.
    """
    target = check_path(f"{what}'s path", path)
    if suffixes and target.suffix.lower() not in suffixes:
        msg = f"{what}'s name must end with {' or '.join(suffixes)}, not {target.suffix!r}."
        raise InvalidArgumentError("bad_argument", msg)
    if _is_archive(target):
        msg = f"{str(target)!r} is a recording, or another ZIP file, which is not written over: choose another name."
        raise InvalidArgumentError("bad_argument", msg)
    return target


def _is_archive(path: Path) -> bool:
    # What cannot be read is not what is being read; whether it can be written is found out later.
    with contextlib.suppress(OSError):
        if path.is_file():
            with path.open("rb") as file:
                return file.read(len(_ARCHIVE_MARK)) == _ARCHIVE_MARK or zipfile.is_zipfile(file)
    return False


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


@contextlib.contextmanager
def refusing(code: str, what: str) -> Iterator[None]:
    """Turn an operating system's error into one of ours, whose traceback ends at the user's line.

    Parameters
    ----------
    code : str
        The error's code.
    what : str
        What cannot be done, the beginning of the error message: "Cannot read 'a.jsonl'".

    Yields
    ------
    None
        While the block runs.

    Raises
    ------
    InvalidArgumentError
        Instead of an `OSError`, with its reason.
    """
    try:
        yield
    except OSError as error:
        raise InvalidArgumentError(code, f"{what}: {reason_of(error)}.") from None
