"""Dumps that are one JSON object: webrtc-internals', and rtcstats' of old."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ....errors import InvalidArgumentError
from ..values import moment, parse
from .half_json import value_of
from .reports import Looks, Reports
from .row import Notes, Row
from .text import unknown_format, warn_of_break
from .written_times import WrittenTimes


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
            reader = _Reader(notes, WrittenTimes(_texts(dump[key])))
            return [row for name, log in dump[key].items() for row in reader.connection(str(name), log)]
    raise unknown_format(path)


_TIMES: Final = ("timestamp", "time")
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


def _entries(log: Any) -> Any:
    return log.get("updateLog") if isinstance(log, dict) else log


def _texts(connections: dict[str, Any]) -> Iterator[str]:
    """Yield the times that are texts."""
    for log in connections.values():
        entries = _entries(log)
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, dict):
                yield from (text for key in _TIMES if isinstance(text := entry.get(key), str))


class _Reader:
    """Reads the connections of a dump."""

    def __init__(self, notes: Notes, times: WrittenTimes) -> None:
        self._notes = notes
        self._times = times
        self._looks = Looks()

    def connection(self, name: str, log: Any) -> Iterator[Row]:
        entries = _entries(log)
        if not isinstance(entries, list):
            self._notes.add("a connection without a log")
            return
        reports = Reports(self._notes, self._looks)
        known = (self._time(entry) for entry in entries if isinstance(entry, dict))
        time = next(filter(None, known), 0.0)
        for entry in entries:
            if not isinstance(entry, dict) or "type" not in entry:
                self._notes.add("an entry without a type")
                continue
            found = self._time(entry)
            if found is None:
                given = any(entry.get(key) is not None for key in _TIMES)
                what = "a time that could not be read" if given else "an entry without a time"
                self._notes.add(f"{what}, shown at that of the one before")
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
                yield Row(name, self._end_of(series) or time, "getStats", None, pair)

    def _time(self, entry: dict[str, Any]) -> float | None:
        for key in _TIMES:
            value = entry.get(key)
            # Not every platform can convert dates at the ends of the calendar.
            with contextlib.suppress(ValueError, OverflowError, OSError):
                return moment(self._times.seconds(value)) if isinstance(value, str) else moment(value) / 1000
        return None

    def _end_of(self, series: dict[str, Any]) -> float | None:
        """Return when the candidate pairs were last looked at."""
        ends = (
            self._time({"time": data.get("endTime")})
            for data in series.values()
            if isinstance(data, dict) and data.get("statsType") in ("candidate-pair", "googCandidatePair")
        )
        return max((end for end in ends if end is not None), default=None)


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
