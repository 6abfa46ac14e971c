"""Builds a trace from the rows of a dump: what was set on one side was sent by the other."""

from __future__ import annotations

import re
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

from ...events import RELAY, Event
from ...glossary import STATES
from ...sdp.candidate_type import candidate_type
from ...trace import Trace
from .connections import origin_of, pairs_of
from .names import LEFT_OUT, LEFT_OUT_OF, MACHINES
from .row import Notes, Row, shortened
from .transfers import Transfers

_SIGNALING: Final = "signaling (not in this file)"
_DESCRIPTIONS: Final = ("offer", "answer", "pranswer", "rollback")


class Builder:
    """Builds a trace from the rows of one dump.

    Parameters
    ----------
    room : str
        The name that the trace's room gets.
    notes : Notes
        Gets what was not understood.
    """

    def __init__(self, room: str, notes: Notes) -> None:
        self._room = room
        self._notes = notes
        self._names: dict[str, str] = {RELAY: _SIGNALING}
        self._events: list[Event] = []
        self._transfers = Transfers()
        self._peers: dict[str, str] = {}
        # What each connection was asked to set or add, until the dump says what became of it.
        self._local: defaultdict[str, deque[dict[str, Any]]] = defaultdict(deque)
        self._remote: defaultdict[str, deque[tuple[str, str | None]]] = defaultdict(deque)
        self._adding: defaultdict[str, deque[int]] = defaultdict(deque)

    def trace(self, rows: list[Row]) -> Trace:
        """Build the trace.

        Parameters
        ----------
        rows : list of Row
            All rows, in any order.

        Returns
        -------
        Trace
            The trace; the relay stands for the signaling, which no dump contains.
        """
        rows.sort(key=lambda row: row.time)
        self._name_connections(rows)
        for row in rows:
            self._row(row)
        for transfer in self._transfers:
            self._events.extend(transfer.events())
        for asked in self._local.values():
            for _each in asked:
                self._notes.add("a local description of which is not said whether it was set")
        return Trace(self._events, names=self._names, room=self._room)

    def _name_connections(self, rows: list[Row]) -> None:
        pairs = pairs_of(rows)
        for connection in dict.fromkeys(row.connection for row in rows):
            self._names[connection] = f"connection {connection}"
            peer = pairs.get(connection)
            if peer is None:
                peer = f"{connection} remote"
                self._names[peer] = f"remote of {connection}"
            self._peers[connection] = peer

    # -- rows

    def _row(self, row: Row) -> None:
        what = row.what.removeprefix("on")
        machine = MACHINES.get(what.lower())
        handle = _HANDLERS.get(what.lower())
        if row.pair is not None:
            self._add(row, "pair", **row.pair)
        elif machine is not None:
            self._state(row, machine)
        elif handle is not None:
            handle(self, row)
        elif what.endswith("OnFailure"):
            self._failed(row, what.removesuffix("OnFailure"))
        elif what.lower() not in LEFT_OUT and not what.startswith(LEFT_OUT_OF):
            self._notes.add(f"an entry of the unknown type {shortened(row.what)}")

    def _state(self, row: Row, machine: str) -> None:
        value = _w3c(row.value)
        if value in STATES[machine]:
            self._add(row, "state", name=machine, value=value)
        else:
            self._notes.add(f"the unknown state {shortened(value)}")

    def _failed(self, row: Row, operation: str) -> None:
        if operation == "setLocalDescription" and self._local[row.connection]:
            self._local[row.connection].popleft()
        if operation == "setRemoteDescription" and self._remote[row.connection]:
            self._remote[row.connection].popleft()
        self._add(row, "failed", operation=operation, error=_error(row.value))

    def _create(self, row: Row) -> None:
        self._add(row, "join", name=self._names[row.connection], kind="", order=0)

    def _close(self, row: Row) -> None:
        self._add(row, "leave", reason="left")

    def _negotiationneeded(self, row: Row) -> None:
        self._add(row, "negotiationneeded")

    def _step(self, row: Row) -> None:
        self._add(row, row.what.removeprefix("on"))

    def _track(self, row: Row) -> None:
        value = row.value
        if isinstance(value, dict):
            value = value.get("kind")
        elif isinstance(value, list):
            value = value[0] if value else None
        kind = value.partition(":")[0] if isinstance(value, str) else ""
        self._add(
            row, "track", kind=kind if kind in ("audio", "video") else "unknown", mid=None, screen=False
        )

    def _datachannel(self, row: Row) -> None:
        self._add(row, "channel", value="open")

    # -- descriptions

    def _set_local(self, row: Row) -> None:
        self._local[row.connection].append(row.value if isinstance(row.value, dict) else {})

    def _local_is_set(self, row: Row) -> None:
        asked = self._local[row.connection]
        requested = asked.popleft() if asked else {}
        description = row.value if origin_of(row.value) else requested
        kind = self._kind(description)
        if kind == "rollback":
            self._add(row, "rollback")
            return
        self._set(row, "setLocalDescription", None, kind)
        if kind:
            ends = row.connection, self._peers[row.connection]
            self._transfers.sent(row.time, ends, kind, description, *(origin_of(description) or ()))

    def _set_remote(self, row: Row) -> None:
        kind, message = self._kind(row.value), None
        if kind and kind != "rollback":
            ends = self._peers[row.connection], row.connection
            mark = origin_of(row.value) or ()
            message = self._transfers.received(row.time, ends, kind, row.value, *mark).id
        self._remote[row.connection].append((kind, message))

    def _remote_is_set(self, row: Row) -> None:
        asked = self._remote[row.connection]
        kind, message = asked.popleft() if asked else ("", None)
        if kind == "rollback":
            self._add(row, "rollback")
        else:
            self._set(row, "setRemoteDescription", message, kind)

    def _kind(self, description: Any) -> str:
        """Return a description's type; empty for one that the dump does not have."""
        kind = description.get("type") if isinstance(description, dict) else None
        if kind != "rollback" and not origin_of(description):
            self._notes.add("a session description without its text")
        return kind if isinstance(kind, str) and kind in _DESCRIPTIONS else ""

    def _set(self, row: Row, step: str, message: str | None, kind: str) -> None:
        self._add(row, step, message, **({"description": kind} if kind else {}))

    # -- candidates

    def _icecandidate(self, row: Row) -> None:
        text = _candidate(row.value)
        if not text and row.value not in (None, "", "null") and not isinstance(row.value, dict):
            self._notes.add("a candidate of an unknown form")
            return
        self._add(row, "gathered", kind=candidate_type(text) or None)
        if text:
            ends = row.connection, self._peers[row.connection]
            self._transfers.sent(row.time, ends, "ice_candidate", row.value, text, _place(row.value))

    def _add_candidate(self, row: Row) -> None:
        message = self._candidate_came(row)
        if message is not None:
            self._add(row, "added", message)
        # What becomes of the end of candidates is said, too.
        self._adding[row.connection].append(len(self._events) - 1 if message is not None else -1)

    def _candidate_is_added(self, row: Row) -> None:
        if self._adding[row.connection]:
            self._adding[row.connection].popleft()

    def _candidate_is_refused(self, row: Row) -> None:
        adding = self._adding[row.connection]
        place = adding.popleft() if adding else -1
        data = {"operation": "addIceCandidate", "error": _error(row.value)}
        if place < 0:
            self._add(row, "refused", **data)
        else:
            # As it turns out, it was not added.
            self._events[place] = replace(self._events[place], time=row.time, type="refused", data=data)

    def _candidate_failed(self, row: Row) -> None:
        self._add(row, "refused", self._candidate_came(row), operation="addIceCandidate", error="error")

    def _candidate_came(self, row: Row) -> str | None:
        text = _candidate(row.value)
        if not text:
            return None
        ends = self._peers[row.connection], row.connection
        return self._transfers.received(
            row.time, ends, "ice_candidate", row.value, text, _place(row.value)
        ).id

    def _add(self, row: Row, kind: str, message: str | None = None, /, **data: Any) -> None:
        peer = None if kind in ("join", "leave") else self._peers[row.connection]
        self._events.append(Event(row.time, row.connection, kind, peer, message, data))


# By names in small letters: those of events were once written with capitals.
_HANDLERS: Final[dict[str, Callable[[Builder, Row], None]]] = {
    "create": Builder._create,
    "close": Builder._close,
    "stop": Builder._close,
    "createoffer": Builder._step,
    "createanswer": Builder._step,
    "negotiationneeded": Builder._negotiationneeded,
    "renegotiationneeded": Builder._negotiationneeded,
    "restartice": Builder._step,
    "track": Builder._track,
    "datachannel": Builder._datachannel,
    "remotedatachannel": Builder._datachannel,
    "setlocaldescription": Builder._set_local,
    "setlocaldescriptiononsuccess": Builder._local_is_set,
    "setremotedescription": Builder._set_remote,
    "setremotedescriptiononsuccess": Builder._remote_is_set,
    "icecandidate": Builder._icecandidate,
    "addicecandidate": Builder._add_candidate,
    "addicecandidateonsuccess": Builder._candidate_is_added,
    "addicecandidateonfailure": Builder._candidate_is_refused,
    "addicecandidatefailed": Builder._candidate_failed,
}

_OLD_STATE: Final = re.compile(
    r"(?:Signaling|ICEConnection|IceConnection|ICEGathering|IceGathering)State(\w+)"
)
_CAPITAL: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


def _candidate(value: Any) -> str:
    text = value.get("candidate") if isinstance(value, dict) else None
    return text if isinstance(text, str) else ""


def _place(value: dict[str, Any]) -> str:
    mid = value.get("sdpMid")
    return f"mid {mid}" if mid is not None else f"m-line {value.get('sdpMLineIndex')}"


def _error(value: Any) -> str:
    text = (
        str(value.get("name") or value.get("message") or "error")
        if isinstance(value, dict)
        else str(value or "error")
    )
    found = re.match(r"\w*Error\b", text)
    return found[0] if found else text[:80]


def _w3c(value: Any) -> str:
    """Return a state as the W3C writes it; Chromium once wrote ``SignalingStateHaveLocalOffer``."""
    text = str(value).strip('"').removesuffix(" (legacy)")
    old = _OLD_STATE.fullmatch(text)
    return _CAPITAL.sub("-", old[1]).lower().replace("pr-answer", "pranswer") if old else text
