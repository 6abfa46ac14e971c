"""Reading JSON Lines that may be damaged: everything valid is read, and problems are reported as sentences."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from ..trace.io.values import parse


def read(
    lines: Iterable[bytes],
    name: str,
    problems: list[str],
    make: Callable[[dict[str, Any]], Any] = lambda value: value,
) -> Iterator[Any]:
    """Yield what `make` makes of each line's object.

    Parameters
    ----------
    lines : iterable of bytes
        The file's lines.
    name : str
        The file's name, for the problems.
    problems : list of str
        Receives a sentence for an incomplete last line, and one for all other invalid lines.
    make : callable
        Converts one object; a line for which it raises anything is left out.

    Yields
    ------
    object
        What `make` returned.
    """
    bad: list[int] = []
    for number, line in enumerate(lines, 1):
        try:
            value = parse(line)
            made = make(_check_object(value))
        # The file may come from anybody: no content may cost the lines that follow.
        except Exception:
            if not line.endswith(b"\n"):
                problems.append(f"{name} is incomplete from line {number} on: everything before was read.")
            elif line.strip():
                bad.append(number)
            continue
        yield made
    if bad:
        few = f"an invalid line, line {bad[0]}, which was"
        many = f"{len(bad)} invalid lines, the first of them line {bad[0]}, which were"
        problems.append(f"{name} has {few if len(bad) == 1 else many} left out.")


def _check_object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("no object")
    return value


def read_file(
    path: Path, problems: list[str], make: Callable[[dict[str, Any]], Any] = lambda value: value
) -> Iterator[Any]:
    """Read a file as `read` does; a missing file counts as empty.

    Parameters
    ----------
    path : Path
        The file.
    problems : list of str
        As of `read`.
    make : callable
        As of `read`.

    Yields
    ------
    object
        What `make` returned.
    """
    if path.is_file():
        with path.open("rb") as file:
            yield from read(file, path.name, problems, make)


def line(value: Any) -> str:
    """Serialize a value as one line of JSON, in ASCII.

    Parameters
    ----------
    value : object
        A JSON value without NaN or infinity.

    Returns
    -------
    str
        The line, with its line end.
    """
    # ASCII only: browsers send lone surrogates, which cannot be encoded.
    return json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n"
