"""What the relay told while it was being recorded, as the traces that live ones would be."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, Final

from ...trace.event_log import EventLog
from ...trace.events import Event
from ...trace.io.values import moment
from ...trace.trace import Trace
from .. import json_lines

_NOTHING: Final[dict[str, Any]] = {"paused": False, "held": [], "breaks": [], "faults": []}


def replay(part: Path, room: str, problems: list[str]) -> EventLog:
    """Write a folder's ``heard.jsonl`` down as an observer would have."""
    log = EventLog(room, bounded=False)

    def apply(said: dict[str, Any]) -> None:
        event, payload = said["event"], said["payload"]
        if event == "snapshot":
            log.snapshot(payload, {**_NOTHING, **payload.get("control", {})})
        else:
            log.apply(event, payload)

    if not sum(1 for _ in json_lines.read_file(part / "heard.jsonl", problems, apply)):
        problems.append("heard.jsonl is missing or empty: there is no trace.")
    return log


def believable(trace: Trace, problems: list[str]) -> Trace:
    """Return a trace without what is said to have happened at a time that there is not."""
    kept = [event for event in trace if _is_believable(event)]
    if len(kept) < len(trace):
        problems.append(f"Of {len(trace) - len(kept)} events the time cannot be: they are left out.")
    return Trace(kept, names=trace.names, room=trace.room)


def _is_believable(event: Event) -> bool:
    try:
        moment(event.time)
        moment(event.error if math.isfinite(event.error) else 0.0)
    except ValueError:
        return False
    return True
