"""Builds a trace from the rows of a dump: what was set on one side was sent by the other."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final

from ...events import RELAY, Event
from ...trace import Trace
from .rows import Row

_STATES: Final = {
    "signalingstatechange": "signaling_state",
    "iceconnectionstatechange": "ice_connection_state",
    "icegatheringstatechange": "ice_gathering_state",
    "connectionstatechange": "connection_state",
}
_SIGNALING: Final = "signaling (not in this file)"


@dataclass(slots=True)
class _Transfer:
    """A message in the making: a dump may know of its sending, of its coming, or of both."""

    sender: str
    receiver: str
    event: str
    content: dict[str, Any] | None
    sent: float | None = None
    received: float | None = None


class Builder:
    """Builds a trace from the rows of one dump.

    Parameters
    ----------
    room : str
        The name that the trace's room gets.
    """

    def __init__(self, room: str) -> None:
        self._room = room
        self._names: dict[str, str] = {RELAY: _SIGNALING}
        self._events: list[Event] = []
        self._transfers: dict[tuple[str, ...], _Transfer] = {}
        self._ids: dict[tuple[str, ...], str] = {}
        self._peers: dict[str, str] = {}
        self._local: dict[str, dict[str, Any]] = {}
        self._remote: dict[str, tuple[str, str]] = {}

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
        self._match_connections(rows)
        for row in rows:
            self._row(row)
        for key, transfer in self._transfers.items():
            self._add_message(self._ids[key], transfer)
        return Trace(self._events, names=self._names, room=self._room)

    def _match_connections(self, rows: Iterable[Row]) -> None:
        """Find out whom each connection talked to, by the session that its descriptions name (RFC 8866, 5.2)."""
        own: dict[str, str] = {}
        theirs: dict[str, str] = {}
        connections = dict.fromkeys(row.connection for row in rows)
        for row in rows:
            session = _session(row.value).split(" ")[:2]
            if len(session) == 2 and "Local" in row.what:
                own[" ".join(session)] = row.connection
            elif len(session) == 2 and "Remote" in row.what:
                theirs[row.connection] = " ".join(session)
        for connection in connections:
            self._names[connection] = f"connection {connection}"
            peer = own.get(theirs.get(connection, ""))
            if peer is None or peer == connection:
                peer = f"{connection} remote"
                self._names[peer] = f"remote of {connection}"
            self._peers[connection] = peer

    # -- rows

    def _row(self, row: Row) -> None:
        what = row.what.removeprefix("on")
        machine = _STATES.get(what.lower())
        if machine is not None:
            self._add(row, "state", name=machine, value=_w3c(row.value))
        elif what.endswith("OnFailure"):
            operation = what.removesuffix("OnFailure")
            kind = "refused" if operation == "addIceCandidate" else "failed"
            self._add(row, kind, operation=operation, error=_error(row.value))
        else:
            handle = _HANDLERS.get(what.lower())
            if handle is not None:
                handle(self, row)

    def _create(self, row: Row) -> None:
        self._add(row, "join", name=self._names[row.connection], kind="", order=0)

    def _close(self, row: Row) -> None:
        self._add(row, "leave", reason="left")

    def _step(self, row: Row) -> None:
        self._add(row, row.what.removeprefix("on"))

    def _track(self, row: Row) -> None:
        value = row.value
        kind = (
            value.get("kind")
            if isinstance(value, dict)
            else value[0]
            if isinstance(value, list) and value
            else ""
        )
        self._add(row, "track", kind=str(kind or ""), mid=None, screen=False)

    def _datachannel(self, row: Row) -> None:
        self._add(row, "channel", value="open")

    def _set_local(self, row: Row) -> None:
        if isinstance(row.value, dict):
            self._local[row.connection] = row.value

    def _local_is_set(self, row: Row) -> None:
        requested = self._local.pop(row.connection, {})
        description = row.value if _session(row.value) else requested
        kind = str(description.get("type", ""))
        if kind == "rollback":
            self._add(row, "rollback")
            return
        self._add(row, "setLocalDescription", description=kind)
        if _session(description):
            self._transfer(row, row.connection, kind, description, _session(description)).sent = row.time

    def _set_remote(self, row: Row) -> None:
        if _session(row.value):
            kind = str(row.value.get("type", ""))
            sender = self._peers[row.connection]
            transfer = self._transfer(row, sender, kind, row.value, _session(row.value))
            transfer.received = row.time
            self._remote[row.connection] = (kind, self._ids[sender, kind, _session(row.value)])

    def _remote_is_set(self, row: Row) -> None:
        kind, message = self._remote.pop(row.connection, ("", None))
        self._add(row, "setRemoteDescription", message, description=kind)

    def _icecandidate(self, row: Row) -> None:
        text = _candidate(row.value)
        found = re.search(r"\btyp (\w+)", text)
        self._add(row, "gathered", kind=found[1] if found else None)
        if text:
            self._transfer(
                row, row.connection, "ice_candidate", row.value, text, _mid(row.value)
            ).sent = row.time

    def _add_candidate(self, row: Row) -> None:
        text = _candidate(row.value)
        if text:
            sender = self._peers[row.connection]
            key = (text, _mid(row.value))
            self._transfer(row, sender, "ice_candidate", row.value, *key).received = row.time
            self._add(row, "added", self._ids[sender, "ice_candidate", *key])

    def _stats(self, row: Row) -> None:
        pair = _selected(row.value) if isinstance(row.value, dict) else None
        if pair is not None:
            before = [e for e in self._events if e.type == "pair" and e.participant == row.connection][-1:]
            if not before or any(before[0].data[key] != pair[key] for key in ("local", "remote", "protocol")):
                self._add(row, "pair", **pair)

    # -- writing

    def _add(self, row: Row, kind: str, message: str | None = None, /, **data: Any) -> None:
        peer = None if kind in ("join", "leave") else self._peers[row.connection]
        self._events.append(Event(row.time, row.connection, kind, peer, message, data))

    def _transfer(
        self, row: Row, sender: str, event: str, content: dict[str, Any] | None, *mark: str
    ) -> _Transfer:
        key = (sender, event, *mark)
        if key not in self._transfers:
            self._ids[key] = f"m{len(self._ids) + 1}"
            receiver = self._peers.get(sender, row.connection)
            self._transfers[key] = _Transfer(sender, receiver, event, content)
        return self._transfers[key]

    def _add_message(self, key: str, transfer: _Transfer) -> None:
        """Write a message's way. Nobody saw the signaling: as far as is known, it took no time there."""
        times = [time for time in (transfer.sent, transfer.received) if time is not None]
        ends = {"from": transfer.sender, "to": transfer.receiver, "event": transfer.event}
        if transfer.sent is not None:
            self._events.append(
                Event(
                    transfer.sent, transfer.sender, "sent", transfer.receiver, key, {"event": transfer.event}
                )
            )
        content = {**ends, "content": transfer.content}
        self._events.append(Event(times[0], RELAY, "arrived", None, key, content))
        self._events.append(Event(times[0], RELAY, "forwarded", None, key, ends))
        if transfer.received is not None:
            self._events.append(
                Event(
                    transfer.received,
                    transfer.receiver,
                    "received",
                    transfer.sender,
                    key,
                    {"event": transfer.event},
                )
            )


# By names in small letters: those of events were once written with capitals.
_HANDLERS: Final[dict[str, Callable[[Builder, Row], None]]] = {
    "create": Builder._create,
    "close": Builder._close,
    "stop": Builder._close,
    "createoffer": Builder._step,
    "createanswer": Builder._step,
    "negotiationneeded": Builder._step,
    "restartice": Builder._step,
    "track": Builder._track,
    "datachannel": Builder._datachannel,
    "setlocaldescription": Builder._set_local,
    "setlocaldescriptiononsuccess": Builder._local_is_set,
    "setremotedescription": Builder._set_remote,
    "setremotedescriptiononsuccess": Builder._remote_is_set,
    "icecandidate": Builder._icecandidate,
    "addicecandidate": Builder._add_candidate,
    "getstats": Builder._stats,
}


def _session(value: Any) -> str:
    """Return what tells a description from all others: its session and version; empty for no description."""
    sdp = value.get("sdp") if isinstance(value, dict) else None
    found = re.search(r"^o=(\S+ \S+ \S+)", sdp, re.MULTILINE) if isinstance(sdp, str) else None
    return found[1] if found else ""


def _candidate(value: Any) -> str:
    text = value.get("candidate") if isinstance(value, dict) else None
    return text if isinstance(text, str) else ""


def _mid(value: Any) -> str:
    return str(value.get("sdpMid", ""))


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
    old = re.fullmatch(r"(?:Signaling|ICEConnection|IceConnection|ICEGathering|IceGathering)State(\w+)", text)
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "-", old[1]).lower() if old else text


def _selected(report: dict[str, Any]) -> dict[str, Any] | None:
    """Return the pair that carries the call, with those that it won against."""
    entries = {key: entry for key, entry in report.items() if isinstance(entry, dict)}

    def candidate(key: Any) -> dict[str, Any]:
        return entries.get(str(key), {})

    pairs = []
    chosen: dict[str, Any] | None = None
    selected = next(
        (str(e["selectedCandidatePairId"]) for e in entries.values() if "selectedCandidatePairId" in e), ""
    )
    for key, entry in entries.items():
        if entry.get("type") != "candidate-pair":
            continue
        local, remote = candidate(entry.get("localCandidateId")), candidate(entry.get("remoteCandidateId"))
        rtt = entry.get("currentRoundTripTime")
        pair = {
            "local": str(local.get("candidateType", "unknown")),
            "remote": str(remote.get("candidateType", "unknown")),
            "protocol": str(local.get("protocol", "")),
            "state": str(entry.get("state", "")),
            "nominated": bool(entry.get("nominated")),
            "rtt": rtt * 1000 if isinstance(rtt, int | float) else None,
            "local_priority": local.get("priority"),
            "remote_priority": remote.get("priority"),
        }
        pairs.append(pair)
        if key == selected or (not selected and pair["nominated"] and pair["state"] == "succeeded"):
            chosen = pair
    return (
        None
        if chosen is None
        else {**{key: chosen[key] for key in ("local", "remote", "protocol")}, "pairs": pairs}
    )
