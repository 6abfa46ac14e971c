"""What the getStats() reports of a dump say of candidate pairs: whole, as differences, with short names, and of old."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .row import Notes

Entry = dict[str, Any]

# rtcstats writes these names and types as numbers.
_NAMES: Final = {
    "116": "protocol",
    "118": "state",
    "125": "selectedCandidatePairId",
    "136": "candidateType",
    "137": "priority",
    "148": "localCandidateId",
    "149": "remoteCandidateId",
    "150": "nominated",
    "152": "currentRoundTripTime",
}
_TYPES: Final = {
    "5": "transport",
    "6": "candidate-pair",
    "7": "local-candidate",
    "8": "remote-candidate",
    # Chromium's of old.
    "googCandidatePair": "candidate-pair",
    "localcandidate": "local-candidate",
    "remotecandidate": "remote-candidate",
}
_OF_PAIRS: Final = ("transport", "candidate-pair", "local-candidate", "remote-candidate")
_KINDS: Final = {
    "host": "host",
    "local": "host",
    "srflx": "srflx",
    "stun": "srflx",
    "serverreflexive": "srflx",
    "prflx": "prflx",
    "peerreflexive": "prflx",
    "relay": "relay",
    "relayed": "relay",
}
# More than any connection has; each report looks at all of them.
_MOST: Final = 1_000
_PAIR: Final = ("local", "remote", "protocol")


class Reports:
    """The reports of one connection, of which most only say what has changed since the one before.

    Parameters
    ----------
    notes : Notes
        Gets what was not understood.
    """

    def __init__(self, notes: Notes) -> None:
        self._notes = notes
        self._entries: dict[str, Entry] = {}
        self._last: tuple[Any, ...] | None = None

    def take(self, report: Any, *, whole: bool) -> dict[str, Any] | None:
        """Take a report.

        Parameters
        ----------
        report : object
            What the dump has of it.
        whole : bool
            Whether it says everything; otherwise what it leaves out is as it was.

        Returns
        -------
        dict or None
            The candidate pair in use and all pairs, as a trace has them; None when it is the same as before, or
            when the reports do not say which one it is.
        """
        if not isinstance(report, dict):
            self._notes.add("a getStats() report of an unknown form")
            return None
        if whole:
            self._entries.clear()
        for key, entry in report.items():
            if entry is None:
                self._entries.pop(key, None)
            elif isinstance(entry, dict):
                self._merge(key, {_NAMES.get(str(name), str(name)): each for name, each in entry.items()})
        pair = _in_use(self._entries)
        found = None if pair is None else tuple(pair[name] for name in _PAIR)
        if found is None or found == self._last:
            return None
        self._last = found
        return pair

    def _merge(self, key: str, entry: Entry) -> None:
        known = self._entries.get(key)
        if known is not None:
            known |= entry
        elif _type(entry) not in _OF_PAIRS:
            return
        elif len(self._entries) < _MOST:
            self._entries[key] = entry
        else:
            self._notes.add("an entry of a getStats() report beyond the 1,000th")


def _type(entry: Entry) -> str:
    name = str(entry.get("type"))
    return _TYPES.get(name, name)


def _in_use(entries: Mapping[str, Entry]) -> dict[str, Any] | None:
    """Return the pair that carries the call, with those that it won against."""
    selected = {str(entry["selectedCandidatePairId"]) for entry in entries.values() if _selects(entry)}
    pairs = []
    marked, nominated = [], []
    for key, entry in entries.items():
        if _type(entry) != "candidate-pair":
            continue
        pair = _pair(entry, entries)
        pairs.append(pair)
        if key in selected or _is_true(entry.get("selected")) or _is_true(entry.get("googActiveConnection")):
            marked.append(pair)
        elif pair["nominated"] and pair["state"] == "succeeded":
            nominated.append(pair)
    chosen = marked or nominated
    # Several that differ: which of them is in use cannot be told.
    if len({tuple(pair[name] for name in _PAIR) for pair in chosen}) != 1:
        return None
    return {**{name: chosen[0][name] for name in _PAIR}, "pairs": pairs}


def _selects(entry: Entry) -> bool:
    return _type(entry) == "transport" and "selectedCandidatePairId" in entry


def _pair(entry: Entry, entries: Mapping[str, Entry]) -> dict[str, Any]:
    local = entries.get(str(entry.get("localCandidateId")), {})
    remote = entries.get(str(entry.get("remoteCandidateId")), {})
    protocol = local.get("protocol") or local.get("transport") or entry.get("googTransportType")
    nominated, state = entry.get("nominated"), entry.get("state")
    return {
        "local": _kind(local, entry.get("googLocalCandidateType")),
        "remote": _kind(remote, entry.get("googRemoteCandidateType")),
        "protocol": str(protocol or ""),
        "state": state if isinstance(state, str) else None,
        "nominated": nominated if isinstance(nominated, bool) else None,
        "rtt": _milliseconds(entry),
        "local_priority": _whole(local.get("priority")),
        "remote_priority": _whole(remote.get("priority")),
    }


def _kind(candidate: Entry, otherwise: Any) -> str:
    return _KINDS.get(str(candidate.get("candidateType", otherwise)).lower(), "unknown")


def _milliseconds(entry: Entry) -> float | None:
    seconds, old = entry.get("currentRoundTripTime"), _whole(entry.get("googRtt"))
    if isinstance(seconds, int | float) and not isinstance(seconds, bool):
        return seconds * 1000
    return None if old is None else float(old)


def _whole(value: Any) -> int | None:
    # Chromium's reports of old have all figures as texts.
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) <= 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _is_true(value: Any) -> bool:
    return value is True or value == "true"
