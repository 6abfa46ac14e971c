"""What the getStats() reports of a dump say of candidate pairs: whole, as differences, with short names, and of old."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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
# More than any connection has.
_MOST: Final = 500
# Other figures of a pair change with each report, and do not say which one is in use.
_TELLING: Final = frozenset(
    [
        "candidateType",
        "googActiveConnection",
        "googLocalCandidateType",
        "googRemoteCandidateType",
        "googTransportType",
        "localCandidateId",
        "nominated",
        "protocol",
        "remoteCandidateId",
        "selected",
        "selectedCandidatePairId",
        "state",
        "transport",
        "type",
    ]
)
_OF_CANDIDATES: Final = (
    "localCandidateId",
    "remoteCandidateId",
    "googLocalCandidateType",
    "googRemoteCandidateType",
    "googTransportType",
)
# Chromium's reports of old have flags as texts.
_YES: Final = (True, "true")
_PAIR: Final = ("local", "remote", "protocol")


@dataclass(slots=True)
class Looks:
    """How many entries of differences may still be looked at in a dump: a line of some bytes can make all be looked at."""

    left: int = 1_000_000


class Reports:
    """The reports of one connection, of which most only say what has changed since the one before.

    Parameters
    ----------
    notes : Notes
        Gets what was not understood.
    looks : Looks
        The dump's.
    """

    def __init__(self, notes: Notes, looks: Looks) -> None:
        self._notes = notes
        self._looks = looks
        self._entries: dict[str, Entry] = {}
        self._last: tuple[str, ...] | None = None

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
        changes = whole
        for key, entry in report.items():
            if entry is None:
                changes |= self._entries.pop(key, None) is not None
            elif isinstance(entry, dict):
                named = {_NAMES.get(str(name), str(name)): each for name, each in entry.items()}
                changes |= self._merge(key, named)
        found = _in_use(self._entries) if changes and (whole or self._may_look()) else None
        if found is None or found == self._last:
            return None
        self._last = found
        pairs = [
            _pair(each, self._entries) for each in self._entries.values() if each["type"] == "candidate-pair"
        ]
        return {**dict(zip(_PAIR, found, strict=True)), "pairs": pairs}

    def _may_look(self) -> bool:
        self._looks.left -= len(self._entries)
        if self._looks.left < 0:
            self._notes.add("a getStats() report beyond what is looked at")
        return self._looks.left >= 0

    def _merge(self, key: str, entry: Entry) -> bool:
        """Take an entry; return whether it may change which pair is in use."""
        known = self._entries.get(key)
        if known is None or "type" in entry:
            name = str(entry.get("type"))
            entry["type"] = _TYPES.get(name, name)
        if known is not None:
            known |= entry
        elif entry["type"] not in _OF_PAIRS:
            return False
        elif len(self._entries) < _MOST:
            self._entries[key] = entry
        else:
            self._notes.add("an entry of a getStats() report that is one too many")
        return not _TELLING.isdisjoint(entry)


def _in_use(entries: Mapping[str, Entry]) -> tuple[str, ...] | None:
    """Return what the pair is like that carries the call."""
    selected: set[str] = set()
    marked, nominated = {}, {}
    for key, entry in entries.items():
        kind = entry["type"]
        if kind == "transport":
            selected.add(str(entry.get("selectedCandidatePairId")))
        elif kind != "candidate-pair":
            continue
        elif entry.get("selected") in _YES or entry.get("googActiveConnection") in _YES:
            marked[key] = entry
        elif entry.get("nominated") is True and entry.get("state") == "succeeded":
            nominated[key] = entry
    for key in selected & entries.keys():
        if entries[key]["type"] == "candidate-pair":
            marked[key] = entries[key]
    found: set[tuple[str, ...]] = set()
    for entry in {_ids(entry): entry for entry in (marked or nominated).values()}.values():
        found.add(_likeness(entry, entries))
        if len(found) > 1:
            # Which of them is in use cannot be told.
            return None
    return next(iter(found), None)


def _ids(entry: Entry) -> str:
    """Return what pairs of the same candidates share."""
    return " ".join([str(entry.get(name)) for name in _OF_CANDIDATES])


def _likeness(entry: Entry, entries: Mapping[str, Entry]) -> tuple[str, ...]:
    local = entries.get(str(entry.get("localCandidateId")), {})
    remote = entries.get(str(entry.get("remoteCandidateId")), {})
    protocol = local.get("protocol") or local.get("transport") or entry.get("googTransportType")
    return (
        _kind(local, entry.get("googLocalCandidateType")),
        _kind(remote, entry.get("googRemoteCandidateType")),
        str(protocol or ""),
    )


def _pair(entry: Entry, entries: Mapping[str, Entry]) -> dict[str, Any]:
    local = entries.get(str(entry.get("localCandidateId")), {})
    remote = entries.get(str(entry.get("remoteCandidateId")), {})
    nominated, state = entry.get("nominated"), entry.get("state")
    return {
        **dict(zip(_PAIR, _likeness(entry, entries), strict=True)),
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
