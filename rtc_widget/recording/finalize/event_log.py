"""Rebuilds the traces of a recording from the relay's events."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

from ...trace.event_log import EventLog
from ...trace.events import Event
from ...trace.io.values import moment
from ...trace.trace import Trace
from .. import json_lines
from .announced_media import AnnouncedMedia

_NO_CONTROL: Final[dict[str, Any]] = {"paused": False, "held": [], "breaks": [], "faults": []}


def restore_log(part: Path, room: str, problems: list[str]) -> tuple[EventLog, AnnouncedMedia]:
    """Apply a folder's ``heard.jsonl`` to an event log, as a live observer does.

    Parameters
    ----------
    part : Path
        The staging folder.
    room : str
        The room's name.
    problems : list of str
        Receives a sentence for what cannot be read.

    Returns
    -------
    (EventLog, AnnouncedMedia)
        The log, and who announced which media.
    """
    log, announced = EventLog(room, recorded=True), AnnouncedMedia()

    def apply(line: dict[str, Any]) -> None:
        event, payload = line["event"], line["payload"]
        if event == "snapshot":
            log.snapshot(payload, {**_NO_CONTROL, **payload.get("control", {})})
        else:
            log.apply(event, payload)
        announced.apply(event, payload)

    if not sum(1 for _ in json_lines.read_file(part / "heard.jsonl", problems, apply)):
        problems.append("heard.jsonl is missing or empty, so there is no trace.")
    return log, announced


def plausible(trace: Trace, problems: list[str]) -> Trace:
    """Return a trace without events whose time is impossible.

    Parameters
    ----------
    trace : Trace
        The trace.
    problems : list of str
        Receives a sentence when events are left out.

    Returns
    -------
    Trace
        The filtered trace.
    """
    kept = [event for event in trace if _is_plausible(event)]
    if len(kept) < len(trace):
        problems.append(f"{len(trace) - len(kept)} events have an impossible time and were left out.")
    return Trace(kept, names=trace.names, room=trace.room)


def _is_plausible(event: Event) -> bool:
    try:
        moment(event.time)
        moment(event.error if math.isfinite(event.error) else 0.0)
    except ValueError:
        return False
    return True
