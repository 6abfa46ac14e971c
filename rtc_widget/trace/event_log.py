"""Writes down what an observer of a room hears: the live source of traces."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from dataclasses import dataclass
from typing import Any, Final

from .events import RELAY, REPORTED, STEPS, Event
from .trace import Trace

_MAX_EVENTS: Final = 100_000
_MAX_STATS: Final = 20_000
_MAX_BYTES: Final = 64 * 1024 * 1024
# What participants may say of one step: anybody in the room can report, and it is kept.
_MAX_FIELDS, _MAX_TEXT, _MAX_PAIRS = 24, 512, 20
_WORSE: Final = 2.0
_ROSTER: Final = {"user_joined": "join", "user_left": "leave", "user_away": "away", "user_back": "back"}


@dataclass(frozen=True, slots=True)
class _Reported:
    """An entry of a participant's, on that participant's own clock, in ms."""

    at: float
    participant: str
    entry: dict[str, Any]


class EventLog:
    """Everything that was heard of one room, the oldest forgotten when it becomes too much.

    Written on one thread, read on any.

    Parameters
    ----------
    room : str
        The room's name.
    bounded : bool
        False to forget nothing: what a file says has an end.
    """

    def __init__(self, room: str, *, bounded: bool = True) -> None:
        self._room = room
        self._bounded = bounded
        self._lock = threading.Lock()
        self._heard: deque[Event | _Reported] = deque()
        self._stats: deque[_Reported] = deque(maxlen=_MAX_STATS if bounded else None)
        self._names: dict[str, str] = {}
        self._bytes = 0
        # Messages that wait at the relay, and what was told last of what is held and broken.
        self._held: set[str] = set()
        self._control = _NOTHING
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

    @property
    def offsets(self) -> dict[str, float]:
        """What to add to each participant's clock for the relay's, in ms; those that were never compared are not in it."""
        with self._lock:
            return {key: offset for key, (offset, _) in self._clocks.items()}

    def snapshot(self, watched: dict[str, Any], control: dict[str, Any]) -> None:
        """Take over who is here and what is held, from the acknowledgement of ``watch_room``."""
        now = watched.get("time", time.time() * 1000)
        with self._lock:
            self._catch_up(control, now)
            for entry in watched["participants"]:
                if entry["socketId"] not in self._joins:
                    self._join(entry, now)
            here = {entry["socketId"] for entry in watched["participants"]}
            for key in self._joins.keys() - here:
                del self._joins[key]
                self._add(Event(now / 1000, key, "leave", data={"reason": "lost"}))

    def _catch_up(self, control: dict[str, Any], now: float) -> None:
        """Write down what has ended while nobody was told: a teacher's lease ends with the connection."""
        for key in self._held - {each["id"] for each in control["held"]}:
            for stage in ("released", "forwarded"):
                self._add(Event(now / 1000, RELAY, stage, message=key))
        self._held = {each["id"] for each in control["held"]}
        state = _told_of(control)
        if state != self._control:
            self._control = state
            self._add(Event(now / 1000, RELAY, "control", data={**state, "reason": "lease"}))

    def apply(self, event: str, payload: dict[str, Any]) -> None:
        """Write down an event of the relay's."""
        # A relay of before there were traces tells no time.
        payload = {"at": time.time() * 1000, **payload}
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
                for entry in payload["entries"]:
                    self._relay(entry)
            elif event == "control":
                self._control = _told_of(payload)
                data = {**self._control, "reason": payload["reason"]}
                self._add(Event(payload["at"] / 1000, RELAY, "control", data=data))
            elif event == "report":
                self._report(payload["from"], payload["entries"])

    def _relay(self, entry: dict[str, Any]) -> None:
        self._add(_relayed(entry))
        if entry["stage"] == "held":
            self._held.add(entry["id"])
        else:
            self._held.discard(entry["id"])

    def _join(self, entry: dict[str, Any], at: float) -> None:
        key = entry["socketId"]
        self._names[key] = entry["name"]
        data = {"name": entry["name"], "kind": entry["kind"], "order": entry["order"]}
        self._joins[key] = join = Event(at / 1000, key, "join", data=data)
        self._add(join)

    def _report(self, participant: str, entries: list[dict[str, Any]]) -> None:
        for said in entries:
            entry = _plain(said)
            at, kind = entry.get("at"), entry.get("type")
            if not isinstance(at, int | float) or isinstance(at, bool):
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
        # Clocks drift, so a later comparison is better than one that was a little more exact; and one that no error
        # explains means that a clock was set.
        if known is None or error <= known[1] * _WORSE or abs(offset - known[0]) > error + known[1]:
            self._clocks[participant] = (offset, error)
            self.number += 1

    def _add(self, heard: Event | _Reported) -> None:
        self._heard.append(heard)
        self._bytes += _weight(heard)
        while self._bounded and (len(self._heard) > _MAX_EVENTS or self._bytes > _MAX_BYTES):
            self._bytes -= _weight(self._heard.popleft())
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


_NOTHING: Final[dict[str, Any]] = {"paused": False, "held": 0, "breaks": [], "faults": []}


def _told_of(control: dict[str, Any]) -> dict[str, Any]:
    """Return what a trace keeps of what is held and broken."""
    kept = {key: control[key] for key in ("paused", "breaks", "faults")}
    return {**kept, "held": len(control["held"])}


def _plain(said: dict[str, Any]) -> dict[str, Any]:
    """Return of an entry what is short text, a number or a flag, and the pairs of candidates, which are such too."""
    kept = {key[:32]: value for key, value in list(said.items())[:_MAX_FIELDS] if _is_plain(value)}
    pairs = said.get("pairs")
    if isinstance(pairs, list):
        kept["pairs"] = [
            {key[:32]: value for key, value in list(pair.items())[:_MAX_FIELDS] if _is_plain(value)}
            for pair in pairs[:_MAX_PAIRS]
            if isinstance(pair, dict)
        ]
    return kept


def _is_plain(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _MAX_TEXT
    return (
        value is None or isinstance(value, bool) or (isinstance(value, int | float) and math.isfinite(value))
    )


def _weight(heard: Event | _Reported) -> int:
    """Return about how many bytes are kept of it."""
    told = heard.data if isinstance(heard, Event) else heard.entry
    return 400 + sum(len(str(value)) for value in told.values())


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
