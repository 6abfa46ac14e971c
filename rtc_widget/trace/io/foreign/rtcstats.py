"""Dumps of rtcstats: a line of JSON for each entry, in the forms of its servers and of what was made of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from ....errors import InvalidArgumentError
from ..values import moment, parse
from .half_json import value_of
from .reports import Looks, Reports
from .row import Notes, Row, shortened
from .short_forms import Descriptions

# Method, connection, time and value.
Entry = tuple[str, str, float, Any]

_NEWEST: Final = 3  # of the file formats
_DIFFERENCES: Final = 3  # the first whose times are differences
# Any later time is one since the epoch, ms, and no difference.
_SINCE_THE_EPOCH: Final = 1e11
# Entries whose connection Chromium 144 and older did not write.
_LOST: Final = "undefined-undefined"
# The most frequent methods are numbers.
_METHODS: Final = {
    "g": "getStats",
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
    "21": "onicecandidateerror",
    "22": "ontrack",
    "23": "onsignalingstatechange",
    "24": "oniceconnectionstatechange",
    "25": "onconnectionstatechange",
    "26": "onicegatheringstatechange",
    "27": "onnegotiationneeded",
    "28": "ondatachannel",
    "30": "addTrack",
    "31": "addTrackOnSuccess",
    "32": "addTransceiver",
    "33": "addTransceiverOnSuccess",
    "34": "removeTrack",
    "35": "createDataChannel",
    "36": "close",
    "37": "restartIce",
    "38": "setConfiguration",
    "39": "create",
    "40": "constraints",
    "41": "setCodecPreferences",
    "42": "setHeaderExtensionsToNegotiate",
    "50": "setParameters",
    "51": "replaceTrack",
    "60": "navigator.mediaDevices.getUserMedia",
    "61": "navigator.mediaDevices.getUserMediaOnSuccess",
    "63": "navigator.mediaDevices.getDisplayMedia",
    "64": "navigator.mediaDevices.getDisplayMediaOnSuccess",
    "65": "navigator.mediaDevices.getUserMediaOnFailure",
    "66": "navigator.mediaDevices.enumerateDevices",
    "67": "navigator.mediaDevices.ondevicechange",
    "68": "navigator.mediaDevices.getDisplayMediaOnFailure",
    "70": "MediaStreamTrack.stop",
    "71": "MediaStreamTrack.applyConstraints",
    "72": "MediaStreamTrack.onended",
    "73": "MediaStreamTrack.onmute",
    "74": "MediaStreamTrack.onunmute",
    "80": "HTMLMediaElement.resize",
}


def rows_of_lines(path: Path, lines: list[str], notes: Notes, *, marked: bool) -> list[Row]:
    """Read a dump that has an entry to a line.

    Parameters
    ----------
    path : Path
        The file, for messages.
    lines : list of str
        Its lines, without the one that says what it is.
    notes : Notes
        Gets what was not understood.
    marked : bool
        Whether there was such a line, as today's format has it.

    Returns
    -------
    list of Row
        In the file's order.

    Raises
    ------
    InvalidArgumentError
        ``bad_trace`` for a newer format.
    """
    head, entries = _parsed(lines, notes)
    version = head.get("fileFormat")
    if isinstance(version, int) and version > _NEWEST:
        msg = (
            f"{path} is an rtcstats file of format {version}; this rtc_widget reads formats up to {_NEWEST}. "
            "Update it: pip install --upgrade rtc-widget."
        )
        raise InvalidArgumentError("bad_trace", msg)
    differences = version >= _DIFFERENCES if isinstance(version, int) else marked
    timed = list(_timed(entries, notes, differences=differences))
    return [*_rows(_found(timed, notes), notes, differences=differences)]


def _parsed(lines: list[str], notes: Notes) -> tuple[dict[str, Any], list[tuple[str, list[Any]]]]:
    """Return what the first line says of the file, and the entries, each with the session that it is from."""
    head: dict[str, Any] = {}
    entries: list[tuple[str, list[Any]]] = []
    for number, line in enumerate(lines):
        if not line.strip():
            continue
        try:
            value = parse(line)
        except ValueError:
            notes.add("a line that is incomplete or damaged")
            continue
        session = ""
        if isinstance(value, dict) and "statsSessionId" in value:
            # What clients sent to a server of Jitsi, whole: the entry is JSON in a string.
            session, value = f"{value['statsSessionId']} ", value_of(value.get("data"))
        elif isinstance(value, dict) and number == 0:
            head = value
            continue
        several = isinstance(value, list) and value and all(isinstance(each, list) for each in value)
        for each in value if several else [value]:
            if isinstance(each, list) and len(each) > 2:
                entries.append((session, each))
            else:
                notes.add("a line of an unknown form")
    return head, entries


def _timed(entries: Iterable[tuple[str, list[Any]]], notes: Notes, *, differences: bool) -> Iterator[Entry]:
    """Return each entry's method, connection, time and value."""
    time = 0.0
    for session, (method, connection, value, *rest) in entries:
        try:
            time = _time(rest, time, differences=differences)
        except (ValueError, IndexError):
            what = (
                "a time that could not be read"
                if any(each is not None for each in rest)
                else "an entry without a time"
            )
            # Each time is the difference to the one before.
            notes.add(what + (", so that later ones are too early" if differences else ""))
            continue
        what = _METHODS.get(str(method), str(method))
        if what.isdecimal():
            notes.add(f"an entry of the unknown type {shortened(what)}")
        elif connection is not None:
            yield what, f"{session}{connection}", time, value


def _time(rest: list[Any], before: float, *, differences: bool) -> float:
    """Return when an entry was made; between its value and its time there may be ids, after the time a number of its own."""
    stamp = moment(rest[-1] if differences else rest[0])
    if stamp > _SINCE_THE_EPOCH:
        return stamp / 1000
    if not differences:
        raise ValueError("no time")
    return before + stamp / 1000


def _found(entries: list[Entry], notes: Notes) -> Iterator[Entry]:
    """Give entries their connection back where it is certain."""
    connections = {connection for _what, connection, _time, _value in entries if connection != _LOST}
    only = next(iter(connections)) if len(connections) == 1 else None
    for what, connection, time, value in entries:
        if connection != _LOST:
            yield what, connection, time, value
        elif only is not None:
            yield what, only, time, value
        else:
            notes.add(f"{shortened(what)} of an unknown connection")


def _rows(entries: Iterable[Entry], notes: Notes, *, differences: bool) -> Iterator[Row]:
    """Give entries the values that they stand for."""
    reports: dict[str, Reports] = {}
    looks = Looks()
    descriptions = Descriptions(notes)
    for what, connection, time, value in entries:
        if what.lower() == "getstats":
            known = reports.setdefault(connection, Reports(notes, looks))
            # Whole reports had another name than differences; today all are differences.
            pair = known.take(value, whole=what == "getStats" and not differences)
            if pair is not None:
                yield Row(connection, time, what, None, pair)
        else:
            yield Row(connection, time, what, descriptions.whole(connection, what, value_of(value)))
