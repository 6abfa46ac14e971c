"""Writes down what an observer of a room hears: the live source of traces."""

from __future__ import annotations

import math
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from .event import RELAY, REPORTED, STEPS, Event
from .trace import Trace

_MAX_EVENTS: Final = 100_000
_MAX_STATS: Final = 20_000
_WORSE: Final = 2.0
_ROSTER: Final = {"user_joined": "join", "user_left": "leave", "user_away": "away", "user_back": "back"}


@dataclass(frozen=True, slots=True)
class _Reported:
    """An entry of a participant's, on that participant's own clock, in ms."""

    at: float
    participant: str
    entry: dict[str, Any]


class TraceLog:
    """Everything that was heard of one room, the oldest forgotten when it becomes too much.

    Written on one thread, read on any.

    Parameters
    ----------
    room : str
        The room's name.
    """

    def __init__(self, room: str) -> None:
        self._room = room
        self._lock = threading.Lock()
        self._heard: deque[Event | _Reported] = deque(maxlen=_MAX_EVENTS)
        self._stats: deque[_Reported] = deque(maxlen=_MAX_STATS)
        self._names: dict[str, str] = {}
        # How those came who are here.
        self._joins: dict[str, Event] = {}
        # Each participant's (offset, error) in ms: its clock against the relay's.
        self._clocks: dict[str, tuple[float, float]] = {}
        self.number = 0

    @property
    def names(self) -> dict[str, str]:
        """Names of everybody who was ever here, by id."""
        with self._lock:
            return dict(self._names)

    def snapshot(self, watched: dict[str, Any]) -> None:
        """Take over who is here already, from the acknowledgement of ``watch_room``."""
        with self._lock:
            for entry in watched["participants"]:
                if entry["socketId"] not in self._joins:
                    self._join(entry, watched["time"])
            here = {entry["socketId"] for entry in watched["participants"]}
            for key in self._joins.keys() - here:
                del self._joins[key]
                self._add(Event(watched["time"] / 1000, key, "leave", data={"reason": "lost"}))

    def apply(self, event: str, payload: dict[str, Any]) -> None:
        """Write down an event of the relay's."""
        with self._lock:
            if event == "user_joined":
                self._join(payload, payload["at"])
            elif event in _ROSTER:
                key = payload["socketId"]
                if event == "user_left":
                    self._joins.pop(key, None)
                reason = {"reason": payload["reason"]} if "reason" in payload else {}
                self._add(Event(payload["at"] / 1000, key, _ROSTER[event], data=reason))
            elif event == "media_state":
                media = {kind: payload[kind] for kind in ("audio", "video", "screen")}
                self._add(Event(payload["at"] / 1000, payload["from"], "media", data=media))
            elif event == "signal":
                self._add(_relayed(payload))
            elif event == "control":
                kept = {key: value for key, value in payload.items() if key not in ("roomId", "at", "held")}
                kept["held"] = len(payload["held"])
                self._add(Event(payload["at"] / 1000, RELAY, "control", data=kept))
            elif event == "report":
                self._report(payload["from"], payload["entries"])

    def _join(self, entry: dict[str, Any], at: float) -> None:
        key = entry["socketId"]
        self._names[key] = entry["name"]
        data = {"name": entry["name"], "kind": entry["kind"], "order": entry["order"]}
        self._joins[key] = join = Event(at / 1000, key, "join", data=data)
        self._add(join)

    def _report(self, participant: str, entries: list[dict[str, Any]]) -> None:
        for entry in entries:
            at, kind = entry.get("at"), entry["type"]
            if not isinstance(at, int | float):
                continue
            if kind == "clock":
                self._compare(participant, entry)
            elif kind == "stats":
                self._stats.append(_Reported(at, participant, entry))
            elif kind in REPORTED or (kind == "step" and entry.get("step") in STEPS):
                self._add(_Reported(at, participant, entry))

    def _compare(self, participant: str, entry: dict[str, Any]) -> None:
        offset, error = entry.get("offset"), entry.get("error")
        if not isinstance(offset, int | float) or not isinstance(error, int | float):
            return
        known = self._clocks.get(participant)
        # Clocks drift, so a later comparison is better than one that was a little more exact.
        if known is None or error <= known[1] * _WORSE:
            self._clocks[participant] = (offset, error)
            self.number += 1

    def _add(self, heard: Event | _Reported) -> None:
        self._heard.append(heard)
        self.number += 1

    # -- reading

    def trace(self) -> Trace:
        """Return what was written down until now, without the measurements that `stats` has."""
        with self._lock:
            heard, names, clocks = list(self._heard), dict(self._names), dict(self._clocks)
        return self._made(heard, names, clocks)

    def stats(self) -> Trace:
        """Return the measurements until now."""
        with self._lock:
            heard, names, clocks = list(self._stats), dict(self._names), dict(self._clocks)
        return self._made(heard, names, clocks)

    def recent(self, count: int) -> Trace:
        """Return the last events only, at the cost of those, and how those came who are here."""
        with self._lock:
            start = max(0, len(self._heard) - count)
            heard = [self._heard[index] for index in range(start, len(self._heard))]
            known = {id(one) for one in heard}
            heard = [*(join for join in self._joins.values() if id(join) not in known), *heard]
            names, clocks = dict(self._names), dict(self._clocks)
        return self._made(heard, names, clocks)

    def _made(self, heard: list[Any], names: dict[str, str], clocks: dict[str, tuple[float, float]]) -> Trace:
        events = (one if isinstance(one, Event) else _told(one, clocks) for one in heard)
        return Trace(events, names=names, room=self._room)


def _relayed(payload: dict[str, Any]) -> Event:
    kept = ("from", "to", "event", "content", "fault")
    data: dict[str, Any] = {key: payload[key] for key in kept if key in payload}
    return Event(payload["at"] / 1000, RELAY, payload["stage"], message=payload["id"], data=data)


def _told(reported: _Reported, clocks: dict[str, tuple[float, float]]) -> Event:
    """Put an entry on the relay's clock."""
    offset, error = clocks.get(reported.participant, (0.0, math.inf))
    entry = reported.entry
    kind = entry["step"] if entry["type"] == "step" else entry["type"]
    peer, message = entry.get("peer"), entry.get("message")
    # An error's message is its text, not a signaling message's id.
    is_error = kind == "error"
    data = {
        key: value
        for key, value in entry.items()
        if key not in ("type", "step", "at", "peer") and (is_error or key != "message")
    }
    return Event(
        time=(reported.at + offset) / 1000,
        participant=reported.participant,
        type=str(kind),
        peer=str(peer) if peer is not None else None,
        message=str(message) if message is not None and not is_error else None,
        data=data,
        error=error / 1000,
    )
