"""What an observer receives of a room, as its log keeps it: short, and on the relay's clock when it is read."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from ..plain_numbers import number
from ..protocol.limits import LIMITS
from .events import RELAY, Event

# Limits of one report: anybody in the room can report, and reports are kept.
_MAX_FIELDS, _MAX_TEXT = 24, 512
_NO_CLOCKS: Final[Mapping[str, tuple[float, float]]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reported:
    """A participant's report, on that participant's own clock, ms."""

    at: float
    participant: str
    entry: dict[str, Any]


def limited(report: dict[str, Any]) -> dict[str, Any]:
    """Return the short texts, numbers and flags of a report, and its candidate pairs, limited the same way.

    Parameters
    ----------
    report : dict
        As it came.

    Returns
    -------
    dict
        At most 24 fields, with texts of at most 512 characters.
    """
    kept = {key[:32]: value for key, value in list(report.items())[:_MAX_FIELDS] if _is_small(value)}
    pairs = report.get("pairs")
    if isinstance(pairs, list):
        kept["pairs"] = [
            {key[:32]: value for key, value in list(pair.items())[:_MAX_FIELDS] if _is_small(value)}
            for pair in pairs[: LIMITS["candidate_pairs"]]
            if isinstance(pair, dict)
        ]
    return kept


def _is_small(value: object) -> bool:
    if isinstance(value, str):
        return len(value) <= _MAX_TEXT
    # Python's integers have any length, and not all of them can be counted with.
    return value is None or isinstance(value, bool) or number(value) is not None


def weight(entries: Event | Reported) -> int:
    """Estimate how many bytes an entry takes.

    Parameters
    ----------
    entries : Event or Reported
        The entry.

    Returns
    -------
    int
        Bytes.
    """
    fields = entries.data if isinstance(entries, Event) else entries.entry
    return 400 + sum(len(str(value)) for value in fields.values())


def source_of(entry: Event | Reported) -> str:
    """Tell who made others keep an entry.

    Parameters
    ----------
    entry : Event or Reported
        The entry.

    Returns
    -------
    str
        An id: whose report it is, or of whose message the relay tells; `RELAY`'s own for what nobody in the room made happen.
    """
    if isinstance(entry, Event) and entry.participant == RELAY:
        return str(entry.data.get("from", RELAY))
    return entry.participant


def relayed(payload: dict[str, Any]) -> Event:
    """Convert what the relay tells of a message to an event.

    Parameters
    ----------
    payload : dict
        An entry of its ``signal`` event.

    Returns
    -------
    Event
        The event.
    """
    kept = ("from", "to", "event", "content", "fault")
    data: dict[str, Any] = {key: payload[key] for key in kept if key in payload}
    return Event(payload["at"] / 1000, RELAY, payload["stage"], message=payload["id"], data=data)


def on_relay_clock(entry: Event | Reported, clocks: Mapping[str, tuple[float, float]] = _NO_CLOCKS) -> Event:
    """Convert a report to an event on the relay's clock, on which the relay's own events are already.

    Parameters
    ----------
    entry : Event or Reported
        An entry of the log.
    clocks : mapping
        Each participant's (offset, error) in ms; the error of one that is not in it is infinite.

    Returns
    -------
    Event
        The event.
    """
    if isinstance(entry, Event):
        return entry
    offset, error = clocks.get(entry.participant, (0.0, math.inf))
    told = entry.entry
    kind = told["step"] if told["type"] == "step" else told["type"]
    peer, message = told.get("peer"), told.get("message")
    # An error's message is its text, not a signaling message's id.
    is_error = kind == "error"
    data = {
        key: value
        for key, value in told.items()
        if key not in ("type", "step", "at", "peer") and (is_error or key != "message")
    }
    return Event(
        time=(entry.at + offset) / 1000,
        participant=entry.participant,
        type=str(kind),
        peer=str(peer) if peer is not None else None,
        message=str(message) if message is not None and not is_error else None,
        data=data,
        error=error / 1000,
    )
