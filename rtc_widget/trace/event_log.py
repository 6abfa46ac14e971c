"""Records what an observer of a room receives: the live source of traces."""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

from ..runtime.shared_log import SharedLog
from ..runtime.text import free_name, told_apart
from .beginnings import Standing
from .causality import in_causal_order
from .events import RELAY, REPORTED, STEPS, Event
from .half_told import HalfTold
from .received import Reported, limited, on_relay_clock, relayed, source_of, weight
from .stats import Stats
from .trace import Trace

if TYPE_CHECKING:
    from collections.abc import Mapping

_NOBODY: Final[Mapping[str, str]] = MappingProxyType({})
_STATES: Final = ("connection_state", "ice_connection_state", "ice_gathering_state", "signaling_state")
_PRESENT: Final = (*_STATES, "pair", "stats")
_MAX_STATS: Final = 20_000
_MAX_BYTES: Final = 64 * 1024 * 1024
_WORSE: Final = 2.0
# Whoever came so recently joins with those who begin to watch, as cells that run one after the other do.
_JUST_NOW_MS: Final = 3000
_ROSTER: Final = {"user_joined": "join", "user_left": "leave", "user_away": "away", "user_back": "back"}


class EventLog:
    """Everything that was received of one room; when there is too much, the oldest of whoever has most is dropped.

    Written on one thread, read on any.

    Parameters
    ----------
    room : str
        The room's name.
    recorded : bool
        Whether these are the events of a recording: nothing is dropped, and whoever was in the room as it began was there.
    newest : int
        How many events are the recent ones: as much as fits a panel.
    """

    def __init__(self, room: str, *, recorded: bool = False, newest: int = 200) -> None:
        self._room = room
        self._newest = newest
        self._just_now_ms = 0 if recorded else _JUST_NOW_MS
        # Who came before that was there; ms of the relay's clock.
        self._began: float | None = None
        self._lock = threading.Condition()
        # Everybody may report, and send, without end: what one adds takes no room of the others.
        self._entries = SharedLog[Event | Reported](math.inf if recorded else _MAX_BYTES)
        self._stats = SharedLog[Reported](math.inf if recorded else _MAX_STATS)
        self._recent: deque[Event | Reported] = deque()
        self._names: dict[str, str] = {}
        # Ids of held messages, and the last control state.
        self._held: set[str] = set()
        self._control = _NO_CONTROL
        self._half_told = HalfTold()
        # What holds of all that is older than the recent events.
        self._past = Standing[Event | Reported](on_relay_clock)
        # The last state, candidate pair and measurement that one in the room has reported of the connection to another.
        self._latest: dict[tuple[str, str, str], Reported] = {}
        # The join events of those who are in the room.
        self._joins: dict[str, Event] = {}
        # Each participant's (offset, error) in ms: its clock against the relay's.
        self._clocks: dict[str, tuple[float, float]] = {}
        self.number = 0

    @property
    def count(self) -> int:
        """How many events it has."""
        with self._lock:
            return len(self._entries)

    @property
    def older(self) -> int:
        """How many of them are older than those of `recent`."""
        return max(0, self.count - self._newest)

    @property
    def names(self) -> dict[str, str]:
        """Names of everybody who was ever in the room, by id; of two who are there and have one name, the second is "Ada (2)"."""
        with self._lock:
            return self._names_now()

    @property
    def offsets(self) -> dict[str, float]:
        """What to add to each participant's clock to get the relay's, ms; participants whose clock was never compared are missing."""
        with self._lock:
            return {key: offset for key, (offset, _) in self._clocks.items()}

    def snapshot(self, payload: dict[str, Any], control: dict[str, Any]) -> None:
        """Update who is in the room and what is held, from the acknowledgement of ``watch_room``.

        Parameters
        ----------
        payload : dict
            The acknowledgement.
        control : dict
            Its control state, complete.
        """
        now = payload.get("time", time.time() * 1000)
        with self._lock:
            self._reconcile(control, now)
            if self._began is None:
                self._began = now - self._just_now_ms
            for entry in payload["participants"]:
                if entry["socketId"] not in self._joins:
                    # Their order is when they came.
                    self._join(entry, now, here=entry["order"] < self._began)
            here = {entry["socketId"] for entry in payload["participants"]}
            for key in self._joins.keys() - here:
                self._forget(key)
                self._add(Event(now / 1000, key, "leave", data={"reason": "lost"}))

    def _reconcile(self, control: dict[str, Any], now: float) -> None:
        """Record what ended while disconnected: a teacher's holds end with the connection."""
        for key in self._held - {each["id"] for each in control["held"]}:
            for stage in ("released", "forwarded"):
                self._add(Event(now / 1000, RELAY, stage, message=key))
        self._held = {each["id"] for each in control["held"]}
        state = _summary_of(control)
        if state != self._control:
            self._control = state
            self._add(Event(now / 1000, RELAY, "control", data={**state, "reason": "lease"}))

    def apply(self, event: str, payload: dict[str, Any]) -> None:
        """Record an event of the relay.

        Parameters
        ----------
        event : str
            The event's name on the wire.
        payload : dict
            Its payload; an event without a time, from an old relay, gets the present one.
        """
        # Old relays send no time.
        payload = {"at": time.time() * 1000, **payload}
        with self._lock:
            if event == "user_joined":
                self._join(payload, payload["at"])
            elif event in _ROSTER:
                key = payload["socketId"]
                if event == "user_left":
                    self._forget(key)
                reason = {"reason": payload["reason"]} if "reason" in payload else {}
                self._add(Event(payload["at"] / 1000, key, _ROSTER[event], data=reason))
            elif event == "media_state":
                media = {kind: payload[kind] for kind in ("audio", "video", "screen")}
                self._add(Event(payload["at"] / 1000, payload["from"], "media", data=media))
            elif event == "signal":
                for entry in payload["entries"]:
                    self._add_relayed(entry)
            elif event == "control":
                self._control = _summary_of(payload)
                data = {**self._control, "reason": payload["reason"]}
                self._add(Event(payload["at"] / 1000, RELAY, "control", data=data))
            elif event == "report":
                self._report(payload["from"], payload["entries"])
            self._lock.notify_all()

    def _add_relayed(self, entry: dict[str, Any]) -> None:
        self._add(relayed(entry))
        if entry["stage"] == "held":
            self._held.add(entry["id"])
        else:
            self._held.discard(entry["id"])

    def _join(self, entry: dict[str, Any], at: float, *, here: bool = False) -> None:
        key = entry["socketId"]
        self._names[key] = self._label(key, entry["name"])
        data = {"name": entry["name"], "kind": entry["kind"], "order": entry["order"]}
        if here:
            data["here"] = True
        self._joins[key] = join = Event(at / 1000, key, "join", data=data)
        self._add(join)

    def _label(self, key: str, name: str) -> str:
        """Return a name that nobody else in the room has; who had one keeps it, if it is still free."""
        taken = {self._names[other] for other in self._joins if other != key}
        known = self._names.get(key, "")
        is_numbered = known.startswith(f"{name} (") and known[len(name) + 2 : -1].isdecimal()
        return known if is_numbered and known not in taken else free_name(name, taken)

    def _forget(self, key: str) -> None:
        """Forget who has left, but for what has happened."""
        self._joins.pop(key, None)
        self._half_told.forget(key)
        self._latest = {of: reported for of, reported in self._latest.items() if key not in of[:2]}

    def _report(self, participant: str, entries: list[dict[str, Any]]) -> None:
        for report in entries:
            entry = limited(report)
            at, kind = entry.get("at"), entry.get("type")
            if not isinstance(at, int | float) or isinstance(at, bool):
                continue
            if kind == "clock":
                self._compare(participant, entry)
                continue
            if kind == "state" and self._holds(participant, entry):
                # Told for somebody who has begun to watch, as a recorder: nothing has changed.
                continue
            reported = Reported(at, participant, entry)
            if kind == "stats":
                self._stats.append(participant, reported)
            elif kind in REPORTED or (kind == "step" and entry.get("step") in STEPS):
                self._add(reported)
            self._note_present(reported)

    def _holds(self, participant: str, state: dict[str, Any]) -> bool:
        known = self._latest.get((participant, str(state.get("peer")), str(state.get("name"))))
        return known is not None and known.entry.get("value") == state.get("value")

    def _note_present(self, reported: Reported) -> None:
        """Note how a connection is now, of as many as there can be: anybody may report anything of anybody."""
        participant, entry = reported.participant, reported.entry
        peer, kind = str(entry.get("peer")), entry.get("type")
        what = entry.get("name") if kind == "state" else kind
        if what not in _PRESENT or not {participant, peer} <= self._joins.keys():
            return
        self._latest[participant, peer, str(what)] = reported
        if what == "connection_state":
            self._half_told.apply(participant, peer, str(entry.get("value")), time.monotonic())

    def _compare(self, participant: str, entry: dict[str, Any]) -> None:
        offset, error = entry.get("offset"), entry.get("error")
        if not isinstance(offset, int | float) or not isinstance(error, int | float):
            return
        known = self._clocks.get(participant)
        # Clocks drift, so a later comparison beats a slightly more exact one; a difference that no error
        # explains means that a clock was adjusted.
        if known is None or error <= known[1] * _WORSE or abs(offset - known[0]) > error + known[1]:
            self._clocks[participant] = (offset, error)
            self.number += 1

    def _add(self, entry: Event | Reported) -> None:
        self._entries.append(source_of(entry), entry, weight(entry))
        self._recent.append(entry)
        if len(self._recent) > self._newest:
            self._pass(self._recent.popleft())
        self.number += 1

    def _pass(self, entry: Event | Reported) -> None:
        """Let an event be one of the past; what is reported of nobody, or of no state there is, does not stand there."""
        if isinstance(entry, Reported):
            peer, told = entry.entry.get("peer"), entry.entry
            if peer not in self._names or (told["type"] == "state" and told.get("name") not in _STATES):
                return
        self._past.apply(entry)

    # -- reading

    def settle(self) -> None:
        """Wait until both ends have said that they are connected where one has; a second at most, and not on the writing thread."""
        with self._lock:
            while (remaining := self._half_told.remaining(time.monotonic())) > 0:
                self._lock.wait(remaining)

    def trace(self, members: Mapping[str, str] = _NOBODY, *, as_then: bool = False) -> Trace:
        """Return all events so far, without the measurements of `stats`.

        Parameters
        ----------
        members : mapping
            Names, by id, of participants who are known to be in the room, though this log may not have heard of them yet.
        as_then : bool
            Whether everybody is called as when they came, and not as they are called in the room now.

        Returns
        -------
        Trace
            On the relay's clock.
        """
        with self._lock:
            entries, names, clocks = (
                list(self._entries),
                self._names_with(members, as_then),
                dict(self._clocks),
            )
        return self._trace_of(entries, names, clocks)

    def stats(self, members: Mapping[str, str] = _NOBODY) -> Stats:
        """Return all measurements so far.

        Parameters
        ----------
        members : mapping
            As of `trace`.

        Returns
        -------
        Stats
            The measurements.
        """
        with self._lock:
            entries, names, clocks = list(self._stats), self._names_with(members), dict(self._clocks)
        return Stats.of(self._trace_of(entries, names, clocks))

    def _names_with(self, members: Mapping[str, str], as_then: bool = False) -> dict[str, str]:
        names = self._names if as_then else self._names_now()
        # Later names win where two people have one, so who is not known yet comes last.
        return {**names, **{key: name for key, name in members.items() if key not in names}}

    def _names_now(self) -> dict[str, str]:
        """Return what everybody is called: who is in the room as the tiles have it, which count those who are, in their order."""
        here = sorted(self._joins, key=lambda key: int(self._joins[key].data["order"]))
        apart = told_apart([str(self._joins[key].data["name"]) for key in here])
        return {**self._names, **dict(zip(here, apart, strict=True))}

    def recent(self) -> Trace:
        """Return only the newest events, the joins of those who are still in the room, and how things were before.

        Returns
        -------
        Trace
            On the relay's clock. What it costs does not depend on the length of the log.
        """
        with self._lock:
            entries = list(self._recent)
            known = {id(entry) for entry in entries}
            entries = [*(join for join in self._joins.values() if id(join) not in known), *entries]
            names, clocks, past = self._names_now(), dict(self._clocks), list(self._past)
        trace = self._trace_of(entries, names, clocks)
        trace.before = tuple(on_relay_clock(entry, clocks) for entry in past)
        return trace

    def present(self, count: int) -> tuple[Trace, Trace]:
        """Return how things are: what an overview is made of, at a cost that does not depend on the length of the log.

        Parameters
        ----------
        count : int
            How many of the last events are in it besides.

        Returns
        -------
        (Trace, Trace)
            The joins of those who are in the room with the last states and candidate pairs of their connections; the last
            measurement of each.
        """
        with self._lock:
            entries = self._entries.last(count)
            known = {id(entry) for entry in entries}
            latest = [*self._joins.values(), *self._latest.values()]
            names, clocks = self._names_now(), dict(self._clocks)
        measured = [each for each in latest if isinstance(each, Reported) and each.entry["type"] == "stats"]
        known.update(map(id, measured))
        before = [entry for entry in latest if id(entry) not in known]
        return self._trace_of([*before, *entries], names, clocks), self._trace_of(measured, names, clocks)

    def _trace_of(
        self, entries: list[Any], names: dict[str, str], clocks: dict[str, tuple[float, float]]
    ) -> Trace:
        events = (on_relay_clock(entry, clocks) for entry in entries)
        # Whoever cuts a trace at an event gets what came of it, however wrong that participant's clock was.
        return in_causal_order(Trace(events, names=names, room=self._room))


_NO_CONTROL: Final[dict[str, Any]] = {"paused": False, "held": 0, "breaks": [], "faults": []}


def _summary_of(control: dict[str, Any]) -> dict[str, Any]:
    """Return what a trace keeps of a control state."""
    kept = {key: control[key] for key in ("paused", "breaks", "faults")}
    return {**kept, "held": len(control["held"])}
