"""The formats of dumps, told apart and converted to rows."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from .internals import rows_of_object
from .row import Notes, Row
from .rtcstats import rows_of_lines
from .text import unknown_format

_MARK: Final = "RTCStatsDump"


def rows_of(path: Path, data: bytes, notes: Notes) -> list[Row]:
    """Read a dump of whichever format.

    Parameters
    ----------
    path : Path
        The file, for messages.
    data : bytes
        What is in it, in UTF-8.
    notes : Notes
        Gets what was not understood.

    Returns
    -------
    list of Row
        The rows, in the file's order.

    Raises
    ------
    InvalidArgumentError
        ``bad_trace`` for an unknown format.
    """
    text = data.decode("utf-8", "replace").lstrip()
    # Only line feeds end a line: the other ends of lines may be in a string of JSON.
    if text.startswith(_MARK):
        return rows_of_lines(path, text.split("\n")[1:], notes, marked=True)
    if text.startswith("[") or _has_lines(text):
        return rows_of_lines(path, text.split("\n"), notes, marked=False)
    if text.startswith("{"):
        return rows_of_object(path, text, notes)
    raise unknown_format(path)


def _has_lines(text: str) -> bool:
    """Tell objects and arrays, one to a line, from one object."""
    first, _, rest = text.partition("\n")
    return first.startswith("{") and first.rstrip().endswith("}") and rest.lstrip()[:1] in ("[", "{")
