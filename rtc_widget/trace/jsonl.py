"""A trace as a file: JSON Lines, a header and then one event to a line. ``docs/trace.md`` describes it."""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from ..errors import InvalidArgumentError
from .event import Event

if TYPE_CHECKING:
    from .trace import Trace

FORMAT: Final = "rtc_widget.trace"
VERSION: Final = 1


def dump(trace: Trace, path: Path) -> Path:
    """Write a trace; what was at ``path`` is replaced only when all is written."""
    beside = path.with_name(f".{path.name}.part")
    with beside.open("w", encoding="utf-8") as file:
        header = {"format": FORMAT, "version": VERSION, "room": trace.room, "names": trace.names}
        for line in chain([header], map(_line, trace)):
            file.write(json.dumps(line, separators=(",", ":"), allow_nan=False) + "\n")
    return beside.replace(path)


def _line(event: Event) -> dict[str, Any]:
    line: dict[str, Any] = {"time": event.time, "participant": event.participant, "type": event.type}
    if event.peer is not None:
        line["peer"] = event.peer
    if event.message is not None:
        line["message"] = event.message
    if event.data:
        line["data"] = dict(event.data)
    if event.error:
        line["error"] = event.error if math.isfinite(event.error) else None
    return line


def load(path: Path) -> Trace:
    """Read what `dump` wrote, or hand another program's file to `foreign`."""
    from . import foreign
    from .trace import Trace

    with path.open("rb") as file:
        beginning = file.read(4096)
        if not beginning.lstrip().startswith(b'{"format":"rtc_widget.trace"'):
            return foreign.load(path)
        file.seek(0)
        header = _object(file.readline())
        version = header.get("version")
        if not isinstance(version, int) or version > VERSION:
            msg = (
                f"{path} is a trace of version {version}, this rtc_widget reads up to {VERSION}: "
                "update it with pip install --upgrade rtc-widget."
            )
            raise InvalidArgumentError("bad_trace", msg)
        names = header.get("names")
        events = list(_events(path, iter(file)))
    return Trace(events, names=names if isinstance(names, dict) else {}, room=str(header.get("room", "")))


def _events(path: Path, lines: Iterator[bytes]) -> Iterator[Event]:
    for number, line in enumerate(lines, 2):
        try:
            yield _event(json.loads(line))
        except (ValueError, KeyError, TypeError):
            msg = f"{path} breaks off or is damaged in line {number}: the {number - 2} events before it were read."
            warnings.warn(msg, stacklevel=5)
            return


def _event(line: dict[str, Any]) -> Event:
    error = line.get("error", 0.0)
    return Event(
        time=float(line["time"]),
        participant=str(line["participant"]),
        type=str(line["type"]),
        peer=line.get("peer"),
        message=line.get("message"),
        data=dict(line.get("data", {})),
        error=math.inf if error is None else float(error),
    )


def _object(line: bytes) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        value = None
    return value if isinstance(value, dict) else {}
