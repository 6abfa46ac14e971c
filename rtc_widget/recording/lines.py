"""JSON Lines that may be damaged: they are read up to there, and what is wrong is said in words."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ..trace.reading import parse


def read(lines: Iterable[bytes], name: str, problems: list[str]) -> Iterator[dict[str, Any]]:
    """Yield the objects of a file as far as it goes; where it goes no further, a sentence is added to `problems`."""
    for number, line in enumerate(lines, 1):
        try:
            value = parse(line)
        except ValueError:
            value = None
        if not isinstance(value, dict):
            problems.append(f"{name} breaks off or is damaged in line {number}: what is before it was read.")
            return
        yield value


def read_file(path: Path, problems: list[str]) -> Iterator[dict[str, Any]]:
    """Read a file as `read` does; one that is not there is empty."""
    if path.is_file():
        with path.open("rb") as file:
            yield from read(file, path.name, problems)


def line(value: Any) -> str:
    """Return one line of such a file."""
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False) + "\n"
