"""What the relay told while it was being recorded, as the traces that live ones would be."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from ..trace.log import TraceLog
from . import lines

_NOTHING: Final[dict[str, Any]] = {"paused": False, "held": [], "breaks": [], "faults": []}


def replay(part: Path, room: str, problems: list[str]) -> TraceLog:
    """Write a folder's ``heard.jsonl`` down as an observer would have."""
    log = TraceLog(room, bounded=False)
    number = 0
    for number, said in enumerate(lines.read_file(part / "heard.jsonl", problems), 1):
        try:
            event, payload = said["event"], said["payload"]
            if event == "snapshot":
                log.snapshot(payload, {**_NOTHING, **payload.get("control", {})})
            else:
                log.apply(event, payload)
        except (KeyError, TypeError, ValueError, AttributeError):
            problems.append(f"heard.jsonl says nothing that can be understood in line {number}.")
    if number == 0:
        problems.append("heard.jsonl is missing or empty: there is no trace.")
    return log
