"""Dumps that are one JSON object: webrtc-internals', and rtcstats' of old."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ....errors import InvalidArgumentError
from ..values import moment, parse
from .half_json import value_of
from .reports import Looks, Reports
from .row import Notes, Row
from .text import unknown_format, warn_of_break


def rows_of_object(path: Path, text: str, notes: Notes) -> list[Row]:
    """Read a dump that is one JSON object.

    Parameters
    ----------
    path : Path
        The file, for messages.
    text : str
        Its text.
    notes : Notes
        Gets what was not understood.

    Returns
    -------
    list of Row
        Connection by connection.

    Raises
    ------
    InvalidArgumentError
        ``bad_trace`` for a damaged file, and for an object that is no dump.
    """
    try:
        dump = parse(text)
    except ValueError:
        dump = _repaired(path, text)
    for key in ("PeerConnections", "peerConnections"):
        if isinstance(dump, dict) and isinstance(dump.get(key), dict):
            looks = Looks()
            return [
                row for name, log in dump[key].items() for row in _connection(str(name), log, notes, looks)
            ]
    raise unknown_format(path)


# A string without an end is a token too, and none is looked at twice.
_TOKENS: Final = re.compile(r'"(?:[^"\\]|\\[\s\S])*+"?|[\[\]{}]')


def _repaired(path: Path, text: str) -> Any:
    """Close the brackets that an incomplete file has left open, after its last complete value."""
    stack: list[str] = []
    whole = depth = 0
    for token in _TOKENS.finditer(text):
        sign = token[0]
        if sign in "{[":
            stack.append("}" if sign == "{" else "]")
        elif sign in "}]" and stack:
            stack.pop()
            whole, depth = token.end(), len(stack)
    closers = "".join(reversed(stack[:depth]))  # what was opened later is left out
    with contextlib.suppress(ValueError):
        value = parse(text[:whole] + closers)
        warn_of_break(path, "is incomplete")
        return value
    raise InvalidArgumentError("bad_trace", f"{path} is damaged: it is not JSON.")


def _connection(name: str, log: Any, notes: Notes, looks: Looks) -> Iterator[Row]:
    entries = log.get("updateLog") if isinstance(log, dict) else log
    if not isinstance(entries, list):
        notes.add("a connection without a log")
        return
    reports = Reports(notes, looks)
    time = 0.0
    for entry in entries:
        if not isinstance(entry, dict) or "type" not in entry:
            notes.add("an entry without a type")
            continue
        found = _time(entry)
        if found is None:
            notes.add("an entry without a time, shown at that of the one before")
        time = found or time
        what, value = str(entry["type"]), value_of(entry.get("value"))
        if what.lower() != "getstats":
            yield Row(name, time, what, value)
        elif (pair := reports.take(value, whole=what == "getStats")) is not None:
            yield Row(name, time, what, None, pair)
    series = log.get("stats") if isinstance(log, dict) else None
    if isinstance(series, dict) and time:
        pair = reports.take(_last_of(series), whole=True)
        if pair is not None:
            yield Row(name, _end_of(series) or time, "getStats", None, pair)


def _time(entry: dict[str, Any]) -> float | None:
    """Return an entry's time; Chromium used to write it as people do, in the zone and language of the user."""
    for key in ("timestamp", "time"):
        value = entry.get(key)
        # Not every platform can convert dates at the ends of the calendar.
        with contextlib.suppress(ValueError, OverflowError, OSError):
            return moment(_seconds(value)) if isinstance(value, str) else moment(value) / 1000
    return None


def _seconds(text: str) -> float:
    with contextlib.suppress(ValueError):
        return float(text) / 1000
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(text).timestamp()
    return (
        datetime.strptime(text.replace("\u202f", " "), "%m/%d/%Y, %I:%M:%S %p")
        .replace(tzinfo=UTC)
        .timestamp()
    )


def _last_of(series: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the last value of each time series, as getStats() would have given them."""
    report: dict[str, dict[str, Any]] = {}
    for key, data in series.items():
        name, _, field = str(key).rpartition("-")
        values = data.get("values") if isinstance(data, dict) else None
        with contextlib.suppress(ValueError, TypeError):
            values = parse(values) if isinstance(values, str) else values
        if name and isinstance(values, list) and values:
            entry = report.setdefault(name, {"type": data.get("statsType")})
            if field != "type":
                entry[field] = values[-1]
    return report


def _end_of(series: dict[str, Any]) -> float | None:
    """Return when the candidate pairs were last looked at."""
    ends = (
        _time({"time": data.get("endTime")})
        for data in series.values()
        if isinstance(data, dict) and data.get("statsType") in ("candidate-pair", "googCandidatePair")
    )
    return max((end for end in ends if end is not None), default=None)
