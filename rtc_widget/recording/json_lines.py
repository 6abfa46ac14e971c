"""JSON Lines that may be damaged: what is good of them is read, and what is wrong is said in words."""

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
    """Yield what is made of the objects of a file.

    Parameters
    ----------
    lines : iterable of bytes
        The file's.
    name : str
        What it is called.
    problems : list of str
        A sentence is added where a last line breaks off, and one for all others that are left out.
    make : callable
        Takes an object; whatever it raises, the line is left out.
    """
    bad: list[int] = []
    for number, line in enumerate(lines, 1):
        try:
            value = parse(line)
            if not isinstance(value, dict):
                raise TypeError("no object")
            made = make(value)
        # Strangers wrote what is in it: nothing of that may cost the lines behind it.
        except Exception:
            if not line.endswith(b"\n"):
                problems.append(f"{name} breaks off in line {number}: what is before it was read.")
            elif line.strip():
                bad.append(number)
            continue
        yield made
    if bad:
        few = f"a line that cannot be understood, line {bad[0]}: it was"
        many = f"{len(bad)} lines that cannot be understood, the first is line {bad[0]}: they were"
        problems.append(f"{name} has {few if len(bad) == 1 else many} left out.")


def read_file(
    path: Path, problems: list[str], make: Callable[[dict[str, Any]], Any] = lambda value: value
) -> Iterator[Any]:
    """Read a file as `read` does; one that is not there is empty."""
    if path.is_file():
        with path.open("rb") as file:
            yield from read(file, path.name, problems, make)


def line(value: Any) -> str:
    """Return one line of such a file."""
    # ASCII only: browsers send halves of characters, which no encoding has.
    return json.dumps(value, separators=(",", ":"), allow_nan=False) + "\n"
