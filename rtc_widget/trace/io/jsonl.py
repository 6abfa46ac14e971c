"""The trace file format: JSON Lines, a header and then one event per line, described in ``docs/trace.md``."""

from __future__ import annotations

import io
import json
import math
import stat
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from ...errors import InvalidArgumentError
from ...runtime.files import PRIVATE_FILE, replacing
from ...runtime.paths import refusing
from ...tracebacks import warn
from ..events import RELAY, RELAYED, Event
from .values import moment, parse

if TYPE_CHECKING:
    from ..trace import Trace

FORMAT: Final = "rtc_widget.trace"
VERSION: Final = 1

# Bytes; that of a room of thousands.
_LONGEST_HEADER: Final = 1 << 20
# Bytes that say what a file is.
_HEAD: Final = 4096
_ENDS: Final = ("from", "to", "event")


def dump(trace: Trace, path: Path) -> Path:
    """Write a trace, for its owner alone; an existing file is only replaced once everything is written.

    Parameters
    ----------
    trace : Trace
        The trace.
    path : Path
        The file.

    Returns
    -------
    Path
        The path.

    Raises
    ------
    InvalidArgumentError
        ``bad_argument`` when it cannot be written, and when another file than a trace of ours is there.
    """
    with refusing("bad_argument", f"Cannot write {str(path)!r}"):
        other = path.is_file() and path.stat().st_size > 0 and not _is_ours(path)
    if other:
        msg = f"{str(path)!r} is there already and no trace of this format: a trace is not written over it. Choose another name."
        raise InvalidArgumentError("bad_argument", msg)
    # Even when addresses are hidden, it says who was where and when.
    with refusing("bad_argument", f"Cannot write {str(path)!r}"), replacing(path, PRIVATE_FILE) as file:
        for line in lines(trace):
            file.write(line.encode() + b"\n")
    return path


def _is_ours(path: Path) -> bool:
    with path.open("rb") as file:
        return _header(file.readline(_LONGEST_HEADER)) is not None


def lines(trace: Trace) -> Iterator[str]:
    """Yield a trace's file, line by line.

    Parameters
    ----------
    trace : Trace
        The trace.

    Yields
    ------
    str
        JSON in ASCII.
    """
    header = {"format": FORMAT, "version": VERSION, "room": trace.room, "names": trace.names}
    for line in chain([header], map(_line, trace)):
        yield json.dumps(line, separators=(",", ":"), allow_nan=False)


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
    """Read what `dump` wrote, or pass another program's file to `foreign`; either may be compressed, or in UTF-16.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    Trace
        The trace.

    Raises
    ------
    InvalidArgumentError
        ``bad_trace``.
    """
    from . import foreign
    from .foreign.text import begins_as_known, data_of, is_wrapped, unknown_format

    with refusing("bad_trace", f"Cannot read {str(path)!r}"):
        kind = path.stat().st_mode
        # Opening a pipe waits for somebody who writes, and a device need not end.
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):
            raise InvalidArgumentError("bad_trace", f"{str(path)!r} is not a file, but a pipe or a device.")
        with path.open("rb") as file:
            head = file.read(_HEAD)
            if not begins_as_known(head):
                raise unknown_format(path)
            file.seek(0)
            trace = None if is_wrapped(head) else read(file, str(path))
        if trace is not None:
            return trace
        data = data_of(path)
        # Anybody may have compressed one of ours.
        trace = read(io.BytesIO(data), str(path)) if is_wrapped(head) else None
        return foreign.load(path, data) if trace is None else trace


def read(file: IO[bytes], where: str) -> Trace | None:
    """Read what `dump` wrote.

    Parameters
    ----------
    file : file
        A binary file.
    where : str
        Its name, for messages.

    Returns
    -------
    Trace or None
        None for another program's file.

    Raises
    ------
    InvalidArgumentError
        ``bad_trace`` for a newer version, and for invalid names.
    """
    from ..trace import Trace

    header = _header(file.readline(_LONGEST_HEADER))
    if header is None:
        return None
    version, names = header.get("version"), header.get("names", {})
    if not isinstance(version, int) or version > VERSION:
        msg = (
            f"{where} has format version {version}; this rtc_widget reads versions up to {VERSION}. "
            "Update it: pip install --upgrade rtc-widget."
        )
        raise InvalidArgumentError("bad_trace", msg)
    if not isinstance(names, dict) or not all(isinstance(name, str) for name in names.values()):
        msg = f"{where} is damaged in line 1: names must be texts, by participant id."
        raise InvalidArgumentError("bad_trace", msg)
    return Trace(_events(where, file), names=names, room=str(header.get("room", "")))


def _header(line: bytes) -> dict[str, Any] | None:
    """Return the first line of a trace, however its JSON is spaced; None for another program's file."""
    # A dump may be one very long line, which must not be parsed twice.
    if FORMAT.encode() not in line:
        return None
    try:
        value = parse(line)
    except ValueError:
        return None
    return value if isinstance(value, dict) and value.get("format") == FORMAT else None


def _events(where: str, lines: Iterator[bytes]) -> Iterator[Event]:
    for number, line in enumerate(lines, 2):
        try:
            yield _event(parse(line))
        except (ValueError, KeyError, TypeError):
            msg = f"{where} is incomplete or damaged in line {number}: the {number - 2} events before it were read."
            warn(msg)
            return


def _event(line: Any) -> Event:
    if not isinstance(line, dict):
        raise TypeError("line")
    peer, message = line.get("peer"), line.get("message")
    data, error = line.get("data", {}), line.get("error", 0.0)
    if not isinstance(data, dict):
        raise TypeError("data")
    # What the rest of the package relies on.
    texts = [line["participant"], line["type"], *(one for one in (peer, message) if one is not None)]
    if line["participant"] == RELAY or line["type"] in RELAYED:
        texts += [data[key] for key in _ENDS if key in data or line["type"] == "arrived"]
        if not isinstance(data.get("content"), dict | None):
            raise TypeError("content")
    if not all(isinstance(text, str) for text in texts):
        raise TypeError("no text")
    return Event(
        time=moment(line["time"]),
        participant=line["participant"],
        type=line["type"],
        peer=peer,
        message=message,
        data=data,
        error=math.inf if error is None else moment(error),
    )
