"""The formats of dumps, converted to rows of (connection, time, what, value)."""

from __future__ import annotations

import contextlib
import re
import warnings
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from ....errors import InvalidArgumentError
from ..values import moment, parse

_NEWEST: Final = 3  # of rtcstats' file format
# rtcstats abbreviates its most frequent methods as numbers.
_METHODS: Final = {
    "1": "getStats",
    "2": "createOffer",
    "3": "createOfferOnSuccess",
    "4": "createAnswer",
    "5": "createAnswerOnSuccess",
    "6": "setLocalDescription",
    "7": "setLocalDescriptionOnSuccess",
    "8": "setRemoteDescription",
    "9": "setRemoteDescriptionOnSuccess",
    "10": "addIceCandidate",
    "11": "addIceCandidateOnSuccess",
    "12": "createOfferOnFailure",
    "13": "createAnswerOnFailure",
    "14": "setLocalDescriptionOnFailure",
    "15": "setRemoteDescriptionOnFailure",
    "16": "addIceCandidateOnFailure",
    "20": "onicecandidate",
    "22": "ontrack",
    "23": "onsignalingstatechange",
    "24": "oniceconnectionstatechange",
    "25": "onconnectionstatechange",
    "26": "onicegatheringstatechange",
    "27": "onnegotiationneeded",
    "28": "ondatachannel",
    "36": "close",
    "37": "restartIce",
    "39": "create",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One entry of a dump. `time` is in seconds since the epoch."""

    connection: str
    time: float
    what: str
    value: Any


def rows_of(path: Path) -> list[Row]:
    """Read a dump of whichever format.

    Parameters
    ----------
    path : Path
        The file.

    Returns
    -------
    list of Row
        The rows, in the file's order.

    Raises
    ------
    InvalidArgumentError
        ``bad_trace`` for an unknown format.
    """
    text = _text(path)
    start = text[:200].lstrip()
    if start.startswith("RTCStatsDump"):
        return _lines(path, text.lstrip().splitlines()[1:])
    if start.startswith("["):
        return _lines(path, text.splitlines())
    if start.startswith("{"):
        return _object(path, text)
    raise InvalidArgumentError("bad_trace", _neither(path))


def _neither(path: Path) -> str:
    return f"{path} is neither a trace of rtc_widget nor a dump of webrtc-internals or rtcstats."


def _text(path: Path) -> str:
    data = path.read_bytes()
    if data.startswith(b"\x1f\x8b"):
        data = _unzipped(path, data)
    return data.decode("utf-8", "replace").removeprefix("\ufeff")


# Dumps are text, which becomes a tenth to a thirtieth of its size.
_MOST_RATIO: Final = 200
_SMALL: Final = 1 << 20


def _unzipped(path: Path, data: bytes) -> bytes:
    # gzip.decompress returns nothing of an incomplete file; the stream returns what there is.
    stream = zlib.decompressobj(wbits=31)
    try:
        whole = stream.decompress(data, max(_SMALL, len(data) * _MOST_RATIO))
    except zlib.error as error:
        msg = f"{path} looks like a compressed file, but cannot be decompressed: {error}."
        raise InvalidArgumentError("bad_trace", msg) from None
    if stream.unconsumed_tail:
        msg = f"{path} is no dump: it unpacks to more than {_MOST_RATIO} times its size."
        raise InvalidArgumentError("bad_trace", msg)
    if not stream.eof:
        _warn(path, "is incomplete: its compressed data break off")
    return whole


def _warn(path: Path, what: str) -> None:
    warnings.warn(f"{path} {what}: everything before was read.", stacklevel=2)


# -- one JSON object: webrtc-internals, and rtcstats of old


def _object(path: Path, text: str) -> list[Row]:
    try:
        dump = parse(text)
    except ValueError:
        dump = _repaired(path, text)
    for key in ("PeerConnections", "peerConnections"):
        if isinstance(dump, dict) and isinstance(dump.get(key), dict):
            return [row for name, log in dump[key].items() for row in _connection(str(name), log)]
    raise InvalidArgumentError("bad_trace", _neither(path))


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
        _warn(path, "is incomplete")
        return value
    raise InvalidArgumentError("bad_trace", f"{path} is damaged: it is not JSON.")


def _connection(name: str, log: Any) -> Iterator[Row]:
    entries = log.get("updateLog") if isinstance(log, dict) else log
    time = 0.0
    for entry in entries if isinstance(entries, list) else ():
        if not isinstance(entry, dict) or "type" not in entry:
            continue
        time = _time(entry) or time
        yield Row(name, time, str(entry["type"]), _value(entry.get("value")))
    series = log.get("stats") if isinstance(log, dict) else None
    if isinstance(series, dict) and time:
        yield Row(name, time, "getStats", _last_of(series))


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


def _value(value: Any) -> Any:
    """Return a value; Chromium writes it as JSON in a string, and used to write ``type: offer, sdp: v=0…``."""
    if not isinstance(value, str):
        return value
    with contextlib.suppress(ValueError):
        return parse(value)
    old = re.match(r"type: (?P<type>\w+), sdp: (?P<sdp>v=0.*)", value, re.DOTALL)
    if old:
        return old.groupdict()
    # Not one pattern: over a text that repeats "sdpMid" it would cost the square of the length.
    mid, _, rest = value.partition("sdpMid: ")[2].partition(",")
    candidate = rest.partition("candidate: ")[2].partition(",")[0]
    return {"sdpMid": mid, "candidate": candidate} if candidate.startswith("candidate:") else value


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


# -- lines of JSON: rtcstats


def _lines(path: Path, lines: list[str]) -> list[Row]:
    rows: list[Row] = []
    time = 0.0
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            entry = parse(line)
        except ValueError:
            _warn(path, f"is incomplete or damaged in line {number}")
            break
        if (
            isinstance(entry, dict)
            and isinstance(entry.get("fileFormat"), int)
            and entry["fileFormat"] > _NEWEST
        ):
            msg = (
                f"{path} is an rtcstats file of format {entry['fileFormat']}; this rtc_widget reads formats up to {_NEWEST}. "
                "Update it: pip install --upgrade rtc-widget."
            )
            raise InvalidArgumentError("bad_trace", msg)
        if not isinstance(entry, list) or len(entry) < 4:
            continue
        try:
            stamp = moment(entry[-1])
        except ValueError:
            continue
        # Old files have absolute times, new ones the difference to the previous entry.
        time = stamp / 1000 if stamp > 1e11 else time + stamp / 1000
        if entry[1] is not None:
            what = str(entry[0])
            rows.append(Row(str(entry[1]), time, _METHODS.get(what, what), _value(entry[2])))
    if not rows and not lines:
        raise InvalidArgumentError("bad_trace", _neither(path))
    return rows
